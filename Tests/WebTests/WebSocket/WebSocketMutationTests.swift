import Testing

@testable import Web

/// Random faults in valid conversations: nothing traps, the bounds hold, and the cut does not matter.
@Suite("WebSocket under mutation")
struct WebSocketMutationTests {
    private static let interesting: [UInt8] = [
        0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF, 0xC1, 0x03, 0xE8,
        0xED,
    ]
    private static let limit = 300

    private func frames(_ random: inout SeededRandom) -> [RawFrame] {
        (0..<Int.random(in: 1...8, using: &random)).flatMap { _ -> [RawFrame] in
            let long = String(repeating: "a", count: Int.random(in: 0...280, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return [.text("héllo €")]
            case 1: return [RawFrame(2, [UInt8](repeating: 0xFE, count: Int.random(in: 0...200, using: &random)))]
            case 2: return [.ping("ping"), RawFrame(10, "pong")]
            case 3:
                return [
                    RawFrame(1, fin: false, [0xE2, 0x82]), .ping(""), RawFrame(0, fin: false), RawFrame(0, [0xAC]),
                ]
            case 4: return [.text(long)]
            case 5: return [RawFrame(2, fin: false, long), .more("b", fin: true)]
            case 6:
                // "Hello" compressed, whole and in two frames; then what is no such data.
                let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
                return [
                    RawFrame(1, rsv: 4, hello), RawFrame(1, fin: false, rsv: 4, Array(hello[..<3])),
                    RawFrame(0, Array(hello[3...])), RawFrame(2, rsv: 4, [0xFF]),
                ]
            default: return Bool.random(using: &random) ? [.close(1000, [UInt8]("bye"))] : [.text("")]
            }
        }
    }

    private let inflater = WebSocketInflater()

    private func check(_ bytes: [UInt8], role: WebSocketRole, _ random: inout SeededRandom) {
        func events(_ feeding: Feeding) -> [SeenWebSocket] {
            var receiver = WebSocketReceiver(role: role, maximumMessageBytes: Self.limit, maximumFragments: 6)
            if bytes.count % 2 == 0 { receiver.inflater = inflater }
            var seen: [SeenWebSocket] = []
            feeding.forEach { cursor in
                do throws(WebSocketError) {
                    while let event = try receiver.next(&cursor) { seen.append(SeenWebSocket(event)) }
                } catch {
                    seen.append(.failed(error.closeCode))
                }
                #expect(cursor.isEmpty || receiver.hasEnded)
                #expect(receiver.pendingByteCount <= Self.limit + 125 + 14)
            }
            return seen
        }
        let whole = events(.whole(bytes))
        #expect(events(.chopped(bytes)) == whole, "\(bytes)")
        #expect(events(.scattered(bytes, longest: 50, &random)) == whole, "\(bytes)")
        for event in whole {
            switch event {
            case .text(let payload), .binary(let payload): #expect(payload.count <= Self.limit)
            case .ping(let payload), .pong(let payload), .close(_, let payload): #expect(payload.count <= 125)
            case .failed(let code): #expect([1002, 1007, 1009].contains(code))
            }
        }
        for case .text(let payload) in whole {
            #expect(String(validating: payload, as: UTF8.self) != nil)
        }
    }

    @Test("frames", arguments: 0..<8)
    func frames(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            let role: WebSocketRole = round % 4 == 0 ? .client : .server
            let bytes = frames(&random).bytes(to: role)
            check(round % 5 == 0 ? bytes : random.mutated(bytes, interesting: Self.interesting), role: role, &random)
        }
    }

    @Test("noise", arguments: 0..<4)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            let bytes = (0..<Int.random(in: 0...150, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random) : Self.interesting.randomElement(using: &random) ?? 0
            }
            check(bytes, role: round % 2 == 0 ? .client : .server, &random)
        }
    }
}
