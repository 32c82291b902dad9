import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Native dialect: filters")
struct FilterDecoderTests {
    private func filter(_ filters: String) throws -> RoomFilter? {
        let text = "{\"type\":\"join_room\",\"data\":{\"room\":\"nodes\",\"filters\":\(filters)}}"
        guard case .joinRoom(let join) = try text.withRaw({ try NativeCodec.decode($0) }) else { return nil }
        return join.filter
    }

    @Test("Lists may be one text", arguments: ["node_ids", "node_id"])
    func single(key: String) throws {
        var expected = RoomFilter()
        expected.nodeIDs = [NativeGoldens.node]
        expected.statuses = ["busy"]
        expected.regions = ["eu"]
        let id = NativeGoldens.node.description
        #expect(try filter("{\"\(key)\":\"\(id)\",\"status\":\"busy\",\"regions\":\"eu\"}") == expected)
        #expect(
            try filter("{\"\(key)\":[\"\(id.uppercased())\"],\"status\":[\"busy\"],\"regions\":[\"eu\"]}") == expected)
    }

    @Test("No filter is none", arguments: ["null", "{}", "{\"regions\":[],\"status\":null,\"user_id\":null}"])
    func empty(_ filters: String) throws {
        #expect(try filter(filters) == RoomFilter())
    }

    @Test(
        "INVALID_FILTER",
        arguments: [
            ("{\"regoins\":[\"eu\"]}", "data.filters"), ("{\"owner\":\"x\"}", "data.filters"), ("[]", "data.filters"),
            ("\"eu\"", "data.filters"), ("{\"regions\":5}", "data.filters.regions"),
            ("{\"status\":[\"online\"],\"status\":[\"busy\"]}", "data.filters.status"),
            ("{\"region\":\"eu\",\"regions\":[\"us\"]}", "data.filters.regions"),
            ("{\"regions\":[5]}", "data.filters.regions"), ("{\"regions\":[null]}", "data.filters.regions"),
            ("{\"status\":{}}", "data.filters.status"), ("{\"user_id\":5}", "data.filters.user_id"),
            ("{\"user_id\":[\"u\"]}", "data.filters.user_id"), ("{\"node_ids\":\"node-456\"}", "data.filters.node_ids"),
            ("{\"node_id\":[\"x\"]}", "data.filters.node_ids"),
        ])
    func invalid(filters: String, field: String) throws {
        let error = try #require(throws: WireError.self) { try filter(filters) }
        #expect(error.refusal.code == .invalidFilter)
        #expect(error.field == field)
        #expect(error.refusal.message.hasPrefix(field + ": "))
    }

    @Test("Lists and texts are bounded")
    func bounds() throws {
        func regions(_ count: Int) -> String {
            "{\"regions\":[" + (0..<count).map { "\"r\($0)\"" }.joined(separator: ",") + "]}"
        }
        #expect(try filter(regions(Limits.filterValues))?.regions.count == Limits.filterValues)
        #expect(throws: WireError.self) { try filter(regions(Limits.filterValues + 1)) }
        let region = String(repeating: "r", count: Limits.regionBytes)
        #expect(try filter("{\"regions\":\"\(region)\"}")?.regions == [region])
        #expect(throws: WireError.self) { try filter("{\"regions\":\"\(region)r\"}") }
        let user = String(repeating: "u", count: Limits.userIDBytes)
        #expect(try filter("{\"user_id\":\"\(user)\"}")?.userID == UserID(user))
        #expect(throws: WireError.self) { try filter("{\"user_id\":\"\(user)u\"}") }
    }
}
