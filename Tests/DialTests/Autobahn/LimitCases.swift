/// Section 9: large messages, in one piece and in many, and many messages; sizes and counts are the suite's.
enum LimitCases {
    static let all: [ClientCase] = kinds.flatMap { row, opcode in
        whole(row, opcode) + fragmented(row, opcode) + chopped(row, opcode) + many(row, opcode)
    }

    private static let kinds: [(Int, UInt8)] = [(0, 1), (1, 2)]

    private static func payload(_ opcode: UInt8, count: Int) -> [UInt8] {
        opcode == 1 ? Octets(repeating: "BAsd7&jh23", count: count).bytes : Octets(0xFE, count: count).bytes
    }

    private static func whole(_ row: Int, _ opcode: UInt8) -> [ClientCase] {
        [64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20].enumerated().map { index, count in
            ClientCase("9.\(row + 1).\(index + 1)") { player in
                let payload = payload(opcode, count: count)
                try player.exchange(opcode, payload, frames: [CaseFrame(opcode, payload)])
                try player.closes()
            }
        }
    }

    private static func fragmented(_ row: Int, _ opcode: UInt8) -> [ClientCase] {
        (0..<9).map { index in
            ClientCase("9.\(row + 3).\(index + 1)") { player in
                let payload = payload(opcode, count: 4 << 20)
                let frames = CaseFrame.message(opcode, payload, size: 64 << (2 * index))
                try player.exchange(opcode, payload, frames: frames)
                try player.closes()
            }
        }
    }

    private static func chopped(_ row: Int, _ opcode: UInt8) -> [ClientCase] {
        (0..<6).map { index in
            ClientCase("9.\(row + 5).\(index + 1)") { player in
                let payload = payload(opcode, count: 1 << 20)
                try player.send([CaseFrame(opcode, payload)], in: .chops(64 << index))
                try player.hears([opcode == 1 ? .text(Octets(payload)) : .binary(Octets(payload))])
                try player.closes()
            }
        }
    }

    private static func many(_ row: Int, _ opcode: UInt8) -> [ClientCase] {
        [0, 16, 64, 256, 1024, 4096].enumerated().map { index, count in
            ClientCase("9.\(row + 7).\(index + 1)") { player in
                let payload = payload(opcode, count: count)
                for _ in 0..<1000 { try player.exchange(opcode, payload, frames: [CaseFrame(opcode, payload)]) }
                try player.closes()
            }
        }
    }
}
