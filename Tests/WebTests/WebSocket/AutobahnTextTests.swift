import Testing

@testable import Web

/// Category 6 of the Autobahn suite, UTF-8, reproduced from its published case descriptions, in both roles and
/// strictly: text that cannot become valid fails at once.
@Suite("Autobahn: UTF-8")
struct AutobahnTextTests {
    private static let kosme = [UInt8](hex: "ce ba e1 bd b9 cf 83 ce bc ce b5")
    private static let edited = [UInt8]("edited")

    /// The payload as one frame, and as one frame a byte.
    private static func frames(_ payload: [UInt8]) -> [[RawFrame]] {
        let single = payload.enumerated().map { index, byte in
            RawFrame(index == 0 ? 1 : 0, fin: index == payload.count - 1, [byte])
        }
        return [[RawFrame(1, payload)]] + (payload.isEmpty ? [] : [single])
    }

    private static func check(_ payload: [UInt8], isValid: Bool, _ id: String) {
        for frames in frames(payload) {
            let play: AutobahnCase =
                isValid ? .echoed(id, frames, [.text(payload)]) : .failed(id, frames, 1007)
            for role in [WebSocketRole.server, .client] { play.check(role: role, sizes: [1, 3]) }
        }
    }

    @Test("6.1 empty fragments")
    func empty() {
        let cases: [AutobahnCase] = [
            .echoed("6.1.1", [RawFrame(1)], [.text("")]),
            .echoed("6.1.2", [.text("", fin: false), .more("", fin: false), .more("", fin: true)], [.text("")]),
            .echoed(
                "6.1.3", [.text("", fin: false), .more("middle", fin: false), .more("", fin: true)], [.text("middle")]),
        ]
        for play in cases {
            for role in [WebSocketRole.server, .client] { play.check(role: role) }
        }
    }

    @Test("6.2 valid text, split between and within characters")
    func valid() {
        let text = "Hello-µ@ßöäüàá-UTF-8!!"
        Self.check([UInt8](text), isValid: true, "6.2.1, 6.2.3")
        Self.check(Self.kosme, isValid: true, "6.2.4")
        let halves = [RawFrame.text("Hello-µ@ßöä", fin: false), .more("üàá-UTF-8!!", fin: true)]
        AutobahnCase.echoed("6.2.2", halves, [.text(text)]).check(role: .server)
    }

    @Test("6.3 invalid text")
    func invalid() {
        Self.check(Self.kosme + [0xED, 0xA0, 0x80] + Self.edited, isValid: false, "6.3")
    }

    @Test("6.4 fails within the message, as soon as it cannot become valid")
    func failsFast() {
        // The suite waits after each piece; here each piece is all that has come.
        let start = RawFrame(1, fin: false, Self.kosme)
        let pieces: [[RawFrame]] = [
            [start, RawFrame(0, fin: false, [0xF4, 0x90, 0x80, 0x80])],
            [RawFrame(1, fin: false, Self.kosme + [0xF4]), RawFrame(0, fin: false, [0x90])],
        ]
        for role in [WebSocketRole.server, .client] {
            for frames in pieces {
                AutobahnCase("6.4.1, 6.4.2", Array(frames.dropLast()), []).check(role: role)
                AutobahnCase("6.4.1, 6.4.2", frames, [.close(1007, [])]).check(role: role)
            }
            // One frame in three pieces of TCP.
            let whole = RawFrame(1, Self.kosme + [0xF4, 0x90, 0x80, 0x80] + Self.edited).bytes(to: role)
            let header = role == .server ? 6 : 2
            let good = Array(whole[..<(header + Self.kosme.count + 1)])
            #expect(EchoEndpoint.answers(.whole(good), role: role).isEmpty)
            let bad = Array(whole[..<(good.count + 1)])
            #expect(EchoEndpoint.answers(.cut(bad, at: good.count), role: role).count == 1)
            #expect(SeenWebSocket.events(.whole(bad), role: role) == [.failed(1007)])
        }
    }

    @Test("6.6 prefixes are valid at the ends of characters only")
    func prefixes() {
        let ends = [2, 5, 7, 9, 11]
        for count in 1...Self.kosme.count {
            Self.check(Array(Self.kosme[..<count]), isValid: ends.contains(count), "6.6.\(count)")
        }
    }

    @Test(
        "valid sequences",
        arguments: [
            "00", "c2 80", "e0 a0 80", "f0 90 80 80",  // 6.7 first of each length
            "7f", "df bf", "ef bf bf", "f4 8f bf bf",  // 6.9 last of each length
            "ed 9f bf", "ee 80 80", "ef bf bd",  // 6.11 around the surrogates
            "ef bf b9", "ef bf ba", "ef bf bb", "ef bf bc",  // 6.23 specials
        ])
    func validSequences(hex: String) { Self.check([UInt8](hex: hex), isValid: true, hex) }

    @Test("6.22 the noncharacters of every plane are valid")
    func noncharacters() throws {
        for plane in 0...16 as ClosedRange<UInt32> {
            for last in [0xFFFE, 0xFFFF] as [UInt32] {
                let scalar = try #require(UnicodeScalar(plane << 16 | last))
                Self.check([UInt8](String(Character(scalar))), isValid: true, "6.22")
            }
        }
    }

    @Test(
        "invalid sequences",
        arguments: [
            "f8 88 80 80 80", "fc 84 80 80 80 80",  // 6.8 first of five and six bytes
            "f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf",  // 6.10 last of those beyond Unicode
            "f4 90 80 80",  // 6.11 first beyond Unicode
            "80", "bf", "80 bf", "80 bf 80", "80 bf 80 bf", "80 bf 80 bf 80", "80 bf 80 bf 80 bf",  // 6.12
            "c0", "e0 80", "f0 80 80", "f8 80 80 80", "fc 80 80 80 80",  // 6.14 last continuation missing
            "df", "ef bf", "f7 bf bf", "fb bf bf bf", "fd bf bf bf bf",
            "c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df ef bf f7 bf bf fb bf bf bf fd bf bf bf bf",  // 6.15
            "fe", "ff", "fe fe ff ff",  // 6.16
            "c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af", "fc 80 80 80 80 af",  // 6.17 overlong slash
            "c1 bf", "e0 9f bf", "f0 8f bf bf", "f8 87 bf bf bf", "fc 83 bf bf bf bf",  // 6.18 longest overlong
            "c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80", "fc 80 80 80 80 80",  // 6.19 overlong NUL
            "ed a0 80", "ed ad bf", "ed ae 80", "ed af bf", "ed b0 80", "ed be 80", "ed bf bf",  // 6.20 surrogates
            "ed a0 80 ed b0 80", "ed a0 80 ed bf bf", "ed ad bf ed b0 80", "ed ad bf ed bf bf",  // 6.21 pairs
            "ed ae 80 ed b0 80", "ed ae 80 ed bf bf", "ed af bf ed b0 80", "ed af bf ed bf bf",
        ])
    func invalidSequences(hex: String) { Self.check([UInt8](hex: hex), isValid: false, hex) }

    @Test("6.12 every continuation, and 6.13 every first byte with a blank behind it")
    func lonely() {
        Self.check([UInt8](0x80...0xBF), isValid: false, "6.12.8")
        for (first, last) in [(0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD)] {
            Self.check((first...last).flatMap { [UInt8($0), 0x20] }, isValid: false, "6.13")
        }
    }
}
