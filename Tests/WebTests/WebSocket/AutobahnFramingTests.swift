import Testing

@testable import Web

/// Categories 1 to 5, 7 and 10 of the Autobahn suite, reproduced from its published case descriptions, in both roles.
@Suite("Autobahn: framing, control frames, fragmentation, closing")
struct AutobahnFramingTests {
    private static let hello = "Hello, world!"

    private static func text(_ count: Int) -> String { String(repeating: "*", count: count) }

    static let messages: [AutobahnCase] = [0, 125, 126, 127, 128, 65_535, 65_536].enumerated().flatMap { index, count in
        let binary = [UInt8](repeating: 0xFE, count: count)
        return [
            AutobahnCase.echoed("1.1.\(index + 1)", [.text(text(count))], [.text(text(count))]),
            AutobahnCase.echoed("1.2.\(index + 1)", [RawFrame(2, binary)], [.binary(binary)]),
        ]
    }

    static let pings: [AutobahnCase] = {
        let binary = [UInt8](hex: "00 ff fe fd fc fb 00 ff")
        let long = [UInt8](repeating: 0xFE, count: 125)
        let ten = (0..<10).map { "payload-\($0)" }
        return [
            .echoed("2.1", [RawFrame(9)], [.pong([])]),
            .echoed("2.2", [.ping(hello)], [.pong([UInt8](hello))]),
            .echoed("2.3", [RawFrame(9, binary)], [.pong(binary)]),
            .echoed("2.4, 2.6", [RawFrame(9, long)], [.pong(long)]),
            .failed("2.5", [RawFrame(9, long + [0xFE])]),
            .echoed("2.7", [RawFrame(10)], []),
            .echoed("2.8", [RawFrame(10, "unsolicited")], []),
            .echoed("2.9", [RawFrame(10, "unsolicited"), .ping("ping")], [.pong([UInt8]("ping"))]),
            .echoed("2.10, 2.11", ten.map { .ping($0) }, ten.map { .pong([UInt8]($0)) }),
        ]
    }()

    static let reserved: [AutobahnCase] = {
        let echo: [SeenWebSocket] = [.text(hello)]
        let bits: [AutobahnCase] = [
            .failed("3.1", [RawFrame(1, rsv: 4, hello)]),
            .failed("3.2", [.text(hello), RawFrame(1, rsv: 2, hello), .ping("")], after: echo),
            .failed("3.3", [.text(hello), RawFrame(1, rsv: 3, hello), .ping("")], after: echo),
            .failed("3.4", [.text(hello), RawFrame(1, rsv: 4, hello), .ping("")], after: echo),
            .failed("3.5", [RawFrame(2, rsv: 5, [UInt8](hex: "00 ff fe fd fc fb 00 ff"))]),
            .failed("3.6", [RawFrame(9, rsv: 6, hello)]),
            .failed("3.7", [RawFrame(8, rsv: 7)]),
        ]
        let opcodes = ([3, 4, 5, 6, 7] + [11, 12, 13, 14, 15] as [UInt8]).enumerated().map { index, opcode in
            let id = "4.\(index / 5 + 1).\(index % 5 + 1)"
            let payload = index % 5 == 0 || index % 5 == 2 ? "" : hello
            let frame = RawFrame(opcode, payload)
            return index % 5 < 2
                ? AutobahnCase.failed(id, [frame]) : .failed(id, [.text(hello), frame, .ping("")], after: echo)
        }
        return bits + opcodes
    }()

    static let fragments: [AutobahnCase] = {
        let parts = (1...5).map { "fragment\($0)" }
        let one = RawFrame.text(parts[0], fin: false)
        let two = RawFrame.more(parts[1], fin: true)
        let both: [SeenWebSocket] = [.text(parts[0] + parts[1])]
        let five = [one] + parts[1...].map { .more($0, fin: $0 == "fragment5") }
        let withPings = five.flatMap { $0.fin ? [$0] : [$0, .ping("pongme")] }
        return [
            .failed("5.1", [RawFrame(9, fin: false, parts[0]), two]),
            .failed("5.2", [RawFrame(10, fin: false, parts[0]), two]),
            .echoed("5.3, 5.4, 5.5", [one, two], both),
            .echoed("5.6, 5.7, 5.8", [one, .ping("pongme"), two], [.pong([UInt8]("pongme"))] + both),
            .failed("5.9, 5.10, 5.11", [.more("non-continuation", fin: true), .text(hello)]),
            .failed("5.12, 5.13, 5.14", [.more("non-continuation", fin: false), .text(hello)]),
            .failed("5.15", [one, two, .more(parts[2], fin: false), .text(parts[3])], after: both),
            .failed("5.16", [.more(parts[0], fin: false), .text(parts[1], fin: false), .more(parts[2], fin: true)]),
            .failed("5.17", [.more(parts[0], fin: true), .text(parts[1], fin: false), .more(parts[2], fin: true)]),
            .failed("5.18", [one, .text(parts[1], fin: false)]),
            .echoed(
                "5.19, 5.20", withPings,
                [SeenWebSocket](repeating: .pong([UInt8]("pongme")), count: 4) + [.text(parts.joined())]),
        ]
    }()

    static let closing: [AutobahnCase] = {
        let closed: [SeenWebSocket] = [.close(1000, [])]
        let bye = RawFrame.close(1000)
        let plain: [AutobahnCase] = [
            AutobahnCase("7.1.1", [.text(hello), bye], [.text(hello)] + closed),
            AutobahnCase("7.1.2", [bye, bye], closed),
            AutobahnCase("7.1.3", [bye, .ping("")], closed),
            AutobahnCase("7.1.4", [bye, .text(hello)], closed),
            AutobahnCase("7.1.5", [.text("fragment1", fin: false), bye, .more("fragment2", fin: true)], closed),
            AutobahnCase(
                "7.1.6", [.text(text(1 << 18)), .text(hello), bye, .ping("")],
                [.text(text(1 << 18)), .text(hello)] + closed),
            AutobahnCase("7.3.1", [RawFrame(8)], [.close(nil, [])]),
            .failed("7.3.2", [RawFrame(8, "a")]),
            AutobahnCase("7.3.3", [bye], closed),
            AutobahnCase("7.3.4", [.close(1000, [UInt8]("Hello World!"))], closed),
            AutobahnCase("7.3.5", [.close(1000, [UInt8](text(123)))], closed),
            .failed("7.3.6", [.close(1000, [UInt8](text(124)))]),
            .failed("7.5.1", [.close(1000, [UInt8](hex: "ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64"))], 1007),
        ]
        let valid = ([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] as [UInt16])
            .enumerated().map { AutobahnCase("7.7.\($0 + 1)", [.close($1)], [.close($1, [])]) }
        let invalid = ([0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999] as [UInt16])
            .enumerated().map { AutobahnCase.failed("7.9.\($0 + 1)", [.close($1)]) }
        return plain + valid + invalid + [.failed("7.13.1", [.close(5000)]), .failed("7.13.2", [.close(65_535)])]
    }()

    private static func play(_ case: AutobahnCase) {
        let isLong = `case`.frames.contains { $0.payload.count > 10_000 }
        for role in [WebSocketRole.server, .client] { `case`.check(role: role, sizes: isLong ? [997] : [1, 2, 7]) }
    }

    @Test("1 messages", arguments: messages)
    func category1(case: AutobahnCase) { Self.play(`case`) }

    @Test("2 pings and pongs", arguments: pings)
    func category2(case: AutobahnCase) { Self.play(`case`) }

    @Test("3 and 4 reserved bits and opcodes", arguments: reserved)
    func categories3and4(case: AutobahnCase) { Self.play(`case`) }

    @Test("5 fragmentation", arguments: fragments)
    func category5(case: AutobahnCase) { Self.play(`case`) }

    @Test("7 closing", arguments: closing)
    func category7(case: AutobahnCase) { Self.play(`case`) }

    @Test("10 automatic fragmentation")
    func category10() {
        let text = Self.text(65_536)
        let pieces = stride(from: 0, to: text.count, by: 1300).map { start in
            RawFrame(start == 0 ? 1 : 0, fin: start + 1300 >= text.count, Self.text(min(1300, text.count - start)))
        }
        Self.play(.echoed("10.1.1", pieces, [.text(text)]))
    }
}
