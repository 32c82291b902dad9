/// Sections 1 to 5 and 10: messages, pings, reserved bits and opcodes, fragmentation.
enum FramingCases {
    private static let hello = "Hello, world!"
    private static let noise: [UInt8] = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF]

    static let messages: [ClientCase] = ([1, 2] as [UInt8]).flatMap { opcode in
        let sizes = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536]
        return sizes.enumerated().map { index, count in
            let payload = Octets(opcode == 1 ? UInt8(ascii: "*") : 0xFE, count: count)
            return ClientCase.answered(
                "1.\(opcode).\(index + 1)", [CaseFrame(opcode, payload.bytes)],
                [opcode == 1 ? .text(payload) : .binary(payload)], pieces: index == 7 ? .chops(997) : .one)
        }
    }

    static let pings: [ClientCase] = {
        let long = [UInt8](repeating: 0xFE, count: 125)
        let ten = (0..<10).map { "payload-\($0)" }
        let tenPongs = ten.map { CaseServer.Seen.pong(Octets($0)) }
        let unsolicited = CaseFrame(10, "unsolicited pong payload")
        return [
            .answered("2.1", [.ping()], [.pong([])]),
            .answered("2.2", [.ping(hello)], [.pong(Octets(hello))]),
            .answered("2.3", [CaseFrame(9, noise)], [.pong(Octets(noise))]),
            .answered("2.4", [CaseFrame(9, long)], [.pong(Octets(long))]),
            .failed("2.5", [CaseFrame(9, long + [0xFE])]),
            .answered("2.6", [CaseFrame(9, long)], [.pong(Octets(long))], pieces: .chops(1)),
            .answered("2.7", [CaseFrame(10)], []),
            .answered("2.8", [unsolicited], []),
            .answered("2.9", [unsolicited, .ping("ping payload")], [.pong(Octets("ping payload"))]),
            .answered("2.10", ten.map { .ping($0) }, tenPongs),
            .answered("2.11", ten.map { .ping($0) }, tenPongs, pieces: .chops(1)),
        ]
    }()

    static let reserved: [ClientCase] = {
        let echo: [CaseServer.Seen] = [.text(Octets(hello))]
        func behindAText(_ rsv: UInt8) -> [CaseFrame] { [.text(hello), CaseFrame(1, rsv: rsv, hello), .ping()] }
        return [
            .failed("3.1", [CaseFrame(1, rsv: 1, hello)]),
            .failed("3.2", behindAText(2), after: echo),
            .failed("3.3", behindAText(3), after: echo, pieces: .frames),
            .failed("3.4", behindAText(4), after: echo, pieces: .chops(1)),
            .failed("3.5", [CaseFrame(2, rsv: 5, noise)]),
            .failed("3.6", [CaseFrame(9, rsv: 6, hello)]),
            .failed("3.7", [CaseFrame(8, rsv: 7)]),
        ]
    }()

    static let opcodes: [ClientCase] = [(1, 3), (2, 11)].flatMap { section, first in
        (0..<5).map { index in
            let frame = CaseFrame(UInt8(first + index), index == 0 || index == 2 ? "" : hello)
            let id = "4.\(section).\(index + 1)"
            guard index >= 2 else { return .failed(id, [frame]) }
            return .failed(
                id, [.text(hello), frame, .ping()], after: [.text(Octets(hello))],
                pieces: index == 4 ? .chops(1) : .one)
        }
    }

    static let fragments: [ClientCase] =
        whole + orphans + [
            staged("5.19", pieces: .one), staged("5.20", pieces: .frames),
        ]

    private static let ways: [CasePieces] = [.one, .frames, .chops(1)]

    private static let whole: [ClientCase] = {
        let (one, two) = (CaseFrame.text("fragment1", fin: false), CaseFrame.more("fragment2", fin: true))
        let both = CaseServer.Seen.text(Octets("fragment1fragment2"))
        let broken: [ClientCase] = ([9, 10] as [UInt8]).map { opcode in
            .failed("5.\(opcode - 8)", [CaseFrame(opcode, fin: false, "fragment1"), two])
        }
        let plain = ways.enumerated().map { ClientCase.answered("5.\($0 + 3)", [one, two], [both], pieces: $1) }
        let pinged = ways.enumerated().map {
            ClientCase.answered(
                "5.\($0 + 6)", [one, .ping("ping payload"), two], [.pong(Octets("ping payload")), both], pieces: $1)
        }
        return broken + plain + pinged
    }()

    /// Frames that continue nothing, or begin a message within one.
    private static let orphans: [ClientCase] = {
        let lonely = [true, false].enumerated().flatMap { row, fin in
            ways.enumerated().map {
                ClientCase.failed(
                    "5.\($0 + 9 + 3 * row)", [.more("non-continuation payload", fin: fin), .text(hello)], pieces: $1)
            }
        }
        func twice(_ id: String, fin: Bool) -> ClientCase {
            let once = [
                CaseFrame.more("fragment1", fin: fin), .text("fragment2", fin: false), .more("fragment3", fin: true),
            ]
            return .failed(id, once + once)
        }
        return lonely + [
            .failed(
                "5.15",
                [
                    .text("fragment1", fin: false), .more("fragment2", fin: true), .more("fragment3", fin: false),
                    .text("fragment4"),
                ], after: [.text(Octets("fragment1fragment2"))]),
            twice("5.16", fin: false), twice("5.17", fin: true),
            .failed("5.18", [.text("fragment1", fin: false), .text("fragment2")]),
        ]
    }()

    /// Five fragments with pings between them, of which the first is answered while the message is still coming.
    private static func staged(_ id: String, pieces: CasePieces) -> ClientCase {
        ClientCase(id) { player in
            try player.send(
                [.text("fragment1", fin: false), .more("fragment2", fin: false), .ping("pongme 1!")], in: pieces)
            try player.hears([.pong(Octets("pongme 1!"))])
            try player.staysSilent()
            try player.send(
                [
                    .more("fragment3", fin: false), .more("fragment4", fin: false), .ping("pongme 2!"),
                    .more("fragment5", fin: true),
                ], in: pieces)
            let message = (1...5).map { "fragment\($0)" }.joined()
            try player.hears([.pong(Octets("pongme 2!")), .text(Octets(message))])
            try player.closes()
        }
    }

    static let automatic: [ClientCase] = [
        ClientCase("10.1.1") { player in
            let payload = [UInt8](repeating: UInt8(ascii: "*"), count: 65_536)
            try player.exchange(1, payload, frames: CaseFrame.message(1, payload, size: 1300))
            try player.closes()
        }
    ]
}
