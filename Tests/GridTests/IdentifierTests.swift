import Testing

@testable import Grid

@Suite("Identifiers")
struct IdentifierTests {
    @Test("a UUID's text parses back, in either case")
    func roundTrip() {
        let uuid = UUID128(randomHigh: 0x0123_4567_89AB_CDEF, randomLow: 0xFEDC_BA98_7654_3210)
        #expect(uuid.description == "01234567-89ab-4def-bedc-ba9876543210")
        #expect(UUID128(uuid.description) == uuid)
        #expect(UUID128(uuid.description.uppercased()) == uuid)
    }

    @Test(
        "anything else is no UUID",
        arguments: [
            "", "x", "01234567-89ab-4def-bedc-ba987654321", "01234567x89ab-4def-bedc-ba9876543210",
            "01234567-89ab-4def-bedc-ba987654321g", "01234567-89ab-4def-bedc-ba98765432100",
        ])
    func rejects(text: String) { #expect(UUID128(text) == nil) }

    @Test("a digest keeps its bytes")
    func digest() {
        let bytes = (0..<32).map { UInt8($0 * 7 % 256) }
        #expect(Digest256(bytes: bytes).bytes == bytes)
    }

    @Test(
        "rooms parse from the names that they print",
        arguments: ["nodes", "user_updates", "node:01234567-89ab-4def-bedc-ba9876543210", "job:abc"])
    func rooms(name: String) { #expect(Room(name)?.name == name) }

    @Test(
        "what is no room is nil",
        arguments: ["", "node", "node:", "node:abc", "job:", "Nodes", "nodes ", String(repeating: "a", count: 500)])
    func noRooms(name: String) { #expect(Room(name) == nil) }

    @Test("users are their bytes, in one order")
    func users() {
        let (composed, decomposed) = (UserID("\u{E9}"), UserID("e\u{301}"))
        #expect(composed.text == decomposed.text, "for String they are the same")
        #expect(composed != decomposed && UserID("\u{E9}") == composed)
        #expect((composed < decomposed) != (decomposed < composed) && !(composed < composed))
        #expect(Set([composed, decomposed, UserID("e")]).count == 3)
    }

    @Test("a job's room is known whatever its name begins with")
    func accentedRooms() { #expect(Room("job:\u{301}x") == .job("\u{301}x")) }

    @Test("limits do not contradict each other")
    func limits() { Limits.checkRelations() }
}
