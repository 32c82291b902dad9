import Testing

@testable import Web

@Suite("WebSocket receiver")
struct WebSocketReceiverTests {
    @Test("the examples of RFC 6455 §5.7 are read")
    func examples() {
        let server = [UInt8](hex: "81 85 37 fa 21 3d 7f 9f 4d 51 58 8a 85 37 fa 21 3d 7f 9f 4d 51 58")
        #expect(SeenWebSocket.events(.whole(server)) == [.text("Hello"), .pong([UInt8]("Hello"))])
        let client = [UInt8](hex: "81 05 48 65 6c 6c 6f 01 03 48 65 6c 80 02 6c 6f 89 05 48 65 6c 6c 6f")
        #expect(
            SeenWebSocket.events(.whole(client), role: .client)
                == [.text("Hello"), .text("Hello"), .ping([UInt8]("Hello"))])
    }

    private static let conversation: [RawFrame] = [
        .text("Hello"), .ping("a"), RawFrame(2, [0, 255, 128]), .text("héllo €😀", fin: true), .text("", fin: false),
        .more("frag", fin: false), .ping(String(repeating: "p", count: 125)), .more("", fin: false),
        RawFrame(0, fin: false, [0xE2]), RawFrame(10, "pong"), RawFrame(0, fin: false, [0x82, 0xAC, 0xF0, 0x9F]),
        RawFrame(0, fin: true, [0x98, 0x80]), RawFrame(2, fin: false, [0xFF]), RawFrame(0, fin: true, [0xFE]),
        RawFrame(1, String(repeating: "x", count: 200)), RawFrame(2), RawFrame(1), .close(1001, [UInt8]("bye")),
        .text("ignored"), RawFrame(3),
    ]

    private static let events: [SeenWebSocket] = [
        .text("Hello"), .ping([UInt8]("a")), .binary([0, 255, 128]), .text("héllo €😀"),
        .ping([UInt8](repeating: 112, count: 125)), .pong([UInt8]("pong")), .text("frag€😀"), .binary([0xFF, 0xFE]),
        .text(String(repeating: "x", count: 200)), .binary([]), .text(""), .close(1001, [UInt8]("bye")),
    ]

    @Test("a conversation gives the same events however it is cut", arguments: [WebSocketRole.server, .client])
    func everyCut(role: WebSocketRole) {
        let bytes = Self.conversation.bytes(to: role)
        for feeding in Feeding.everyCut(of: bytes) + (2...9).map({ .chopped(bytes, by: $0) }) {
            #expect(SeenWebSocket.events(feeding, role: role) == Self.events)
        }
    }

    @Test("any two cuts of a fragmented message with a ping inside give the same events")
    func everyTwoCuts() {
        let bytes = [RawFrame.text("añ", fin: false), .ping("!"), RawFrame(0, "€b"), .text("z")].bytes()
        let expected: [SeenWebSocket] = [.ping([33]), .text("añ€b"), .text("z")]
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map { Array($0) }
                #expect(SeenWebSocket.events(Feeding(pieces: pieces)) == expected)
            }
        }
    }

    @Test("a message that arrives whole is answered where it lies, others are not")
    func inPlace() throws {
        var receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 1000, maximumFragments: 10)
        let bytes = [RawFrame.text("whole"), .ping("p"), .text("par", fin: false), .ping("q"), .more("ts", fin: true)]
            .bytes()
        var places: [Bool] = []
        try Feeding.whole(bytes).forEach { cursor in
            let input = UnsafeRawBufferPointer(cursor.remaining)
            while let event = try receiver.next(&cursor) {
                switch event {
                case .text(let payload), .binary(let payload), .ping(let payload), .pong(let payload),
                    .close(_, let payload):
                    guard let start = payload.baseAddress, let lowest = input.baseAddress else { continue }
                    places.append(start >= lowest && start < lowest + input.count)
                }
            }
        }
        #expect(places == [true, true, true, false])
    }

    @Test("between messages nothing is held, within one what has come")
    func holding() throws {
        var receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 1000, maximumFragments: 10)
        var held: [Int] = [receiver.pendingByteCount]
        var within: [Bool] = []
        let bytes = RawFrame.text("0123456789").bytes()
        for piece in [bytes[..<1], bytes[1..<6], bytes[6..<10], bytes[10...], [][...]] {
            try Feeding.whole(Array(piece)).forEach { cursor in
                while try receiver.next(&cursor) != nil {}
            }
            held.append(receiver.pendingByteCount)
            within.append(receiver.isWithinMessage)
        }
        #expect(held == [0, 1, 0, 4, 0, 0])
        #expect(within == [true, true, true, false, false])
    }

    @Test("a receiver at rest is small")
    func size() { #expect(MemoryLayout<WebSocketReceiver>.size <= 48) }

    @Test("a message beyond the bound fails at its header, in one frame or in several", arguments: [1, 3, 10_000])
    func tooLarge(count: Int) {
        func events(_ frames: [RawFrame]) -> [SeenWebSocket] {
            SeenWebSocket.events(.chopped(frames.bytes(), by: count), maximumMessageBytes: 10)
        }
        #expect(events([.text("0123456789")]) == [.text("0123456789")])
        #expect(events([.text("0123456789a")]) == [.failed(1009)])
        #expect(events([.text("01234", fin: false), .more("56789", fin: true)]) == [.text("0123456789")])
        #expect(events([.text("01234", fin: false), .more("56789a", fin: true)]) == [.failed(1009)])
        #expect(
            events([.text("0123456789", fin: false), .ping("ping"), .more("", fin: true)])
                == [.ping([UInt8]("ping")), .text("0123456789")])
    }

    @Test("an announced giant is refused by its header alone")
    func giant() {
        for hex in ["82 ff 00 00 01 00 00 00 00 00", "82 ff 7f ff ff ff ff ff ff ff"] {
            #expect(SeenWebSocket.events(.chopped([UInt8](hex: hex)), maximumMessageBytes: 1 << 20) == [.failed(1009)])
        }
        #expect(SeenWebSocket.events(.whole([UInt8](hex: "82 ff 80 00 00 00 00 00 00 00"))) == [.failed(1002)])
    }

    @Test("a bound that grows lets larger messages in, and one that shrinks does not trap")
    func movingBound() throws {
        var receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 5, maximumFragments: 10)
        receiver.maximumMessageBytes = 100
        #expect(SeenWebSocket.events(.whole(RawFrame.text("0123456789").bytes()), &receiver) == [.text("0123456789")])
        #expect(SeenWebSocket.events(.whole(RawFrame.text("01234", fin: false).bytes()), &receiver).isEmpty)
        receiver.maximumMessageBytes = 2
        #expect(receiver.maximumMessageBytes == 2)
        #expect(SeenWebSocket.events(.whole(RawFrame.more("", fin: true).bytes()), &receiver) == [.failed(1009)])
    }

    @Test("fragments are counted, empty ones included", arguments: [1, 10_000])
    func fragments(count: Int) {
        func events(_ fragments: Int) -> [SeenWebSocket] {
            let frames = (0..<fragments).map { RawFrame($0 == 0 ? 1 : 0, fin: $0 == fragments - 1) }
            return SeenWebSocket.events(.chopped(frames.bytes(), by: count), maximumFragments: 4)
        }
        #expect(events(1) == [.text("")])
        #expect(events(4) == [.text("")])
        #expect(events(5) == [.failed(1009)])
    }

    @Test("a million empty continuations hold nothing and end at the bound")
    func flood() throws {
        var receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 1 << 20, maximumFragments: 1024)
        #expect(SeenWebSocket.events(.whole(RawFrame.text("", fin: false).bytes()), &receiver).isEmpty)
        let many = (0..<1000).flatMap { _ in RawFrame.more("", fin: false).bytes() }
        #expect(SeenWebSocket.events(.whole(many), &receiver).isEmpty)
        #expect(receiver.pendingByteCount == 0)
        #expect(SeenWebSocket.events(.whole(many), &receiver) == [.failed(1009)])
        for _ in 0..<1000 { #expect(SeenWebSocket.events(.whole(many), &receiver).isEmpty) }
        #expect(receiver.hasEnded)
    }

    @Test("invalid text fails at its first bad byte, whatever is still to come")
    func failsFast() {
        let cases: [([UInt8], Int)] = [
            ([0x61, 0xFF, 0x61, 0x61], 2), ([0xCE, 0xBA, 0xF4, 0x90, 0x80, 0x80], 4), ([0xED, 0xA0, 0x80], 2),
            ([0xC0, 0x80], 1), ([0xE2, 0x28, 0xA1], 2), ([0x80, 0x61], 1), ([0xF8, 0x88], 1),
        ]
        for (payload, good) in cases {
            // The frame announces more, so only the bad byte itself can end it.
            let bytes = RawFrame(1, fin: false, payload + [UInt8](repeating: 97, count: 60)).bytes()
            let header = 6
            #expect(SeenWebSocket.events(.whole(Array(bytes[..<(header + good - 1)]))).isEmpty)
            #expect(SeenWebSocket.events(.whole(Array(bytes[..<(header + good)]))) == [.failed(1007)])
            #expect(SeenWebSocket.events(.chopped(Array(bytes[..<(header + good)]))) == [.failed(1007)])
        }
    }

    @Test("a text that ends within a character fails, in one frame or in several")
    func cutCharacter() {
        for feeding in Feeding.everyCut(of: RawFrame(1, [0x61, 0xE2, 0x82]).bytes()) {
            #expect(SeenWebSocket.events(feeding) == [.failed(1007)])
        }
        for feeding in Feeding.everyCut(of: [RawFrame(1, fin: false, [0xE2, 0x82]), RawFrame(0)].bytes()) {
            #expect(SeenWebSocket.events(feeding) == [.failed(1007)])
        }
    }

    @Test("binary messages may hold anything, and the next text starts afresh")
    func binary() {
        let frames = [RawFrame(2, fin: false, [0xFF]), RawFrame(0, [0xE2]), RawFrame(1, "ok")]
        for feeding in Feeding.everyCut(of: frames.bytes()) {
            #expect(SeenWebSocket.events(feeding) == [.binary([0xFF, 0xE2]), .text("ok")])
        }
    }

    @Test("after a close frame and after an error input is discarded")
    func ended() {
        var receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 100, maximumFragments: 10)
        #expect(SeenWebSocket.events(.whole(RawFrame.close(1000).bytes()), &receiver) == [.close(1000, [])])
        #expect(receiver.hasEnded)
        #expect(SeenWebSocket.events(.whole(RawFrame.text("x").bytes()), &receiver).isEmpty)
        var failed = WebSocketReceiver(role: .server, maximumMessageBytes: 100, maximumFragments: 10)
        #expect(SeenWebSocket.events(.whole(RawFrame(3).bytes()), &failed) == [.failed(1002)])
        #expect(SeenWebSocket.events(.whole(RawFrame.text("x").bytes()), &failed).isEmpty)
        #expect(failed.pendingByteCount == 0)
    }
}
