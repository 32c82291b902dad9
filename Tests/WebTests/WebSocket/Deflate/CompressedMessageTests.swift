import Bytes
import Testing

@testable import Web

/// Compressed messages through the whole receiver.
@Suite("compressed WebSocket messages")
struct CompressedMessageTests {
    private static let hello = [UInt8](hex: "f2 48 cd c9 c9 07 00")
    private let inflater = WebSocketInflater()

    private func events(_ feeding: Feeding, maximumMessageBytes: Int = 1 << 20) -> [SeenWebSocket] {
        SeenWebSocket.events(feeding, maximumMessageBytes: maximumMessageBytes, inflater: inflater)
    }

    @Test("whole, in frames, between others and cut anywhere")
    func messages() {
        let frames = [
            RawFrame(1, rsv: 4, Self.hello), .text("plain"), RawFrame(1, fin: false, rsv: 4, Array(Self.hello[..<3])),
            .ping("between"), RawFrame(0, fin: false), RawFrame(0, Array(Self.hello[3...])),
            RawFrame(2, rsv: 4, Self.hello), RawFrame(2, fin: false, "pla"), RawFrame(0, "in"),
            RawFrame(1, rsv: 4, [0x00]), .text(""),
        ]
        let expected: [SeenWebSocket] = [
            .text("Hello"), .text("plain"), .ping([UInt8]("between")), .text("Hello"), .binary([UInt8]("Hello")),
            .binary([UInt8]("plain")), .text(""), .text(""),
        ]
        for feeding in Feeding.everyCut(of: frames.bytes()) { #expect(events(feeding) == expected) }
        for feeding in Feeding.everyCut(of: frames.bytes(to: .client)) {
            #expect(SeenWebSocket.events(feeding, role: .client, inflater: inflater) == expected)
        }
        // Not agreed upon, the first frame is an error.
        #expect(SeenWebSocket.events(.whole(frames.bytes())) == [.failed(1002)])
    }

    @Test(
        "RSV1 belongs to the first frame of a message alone, and the other bits to none",
        arguments: [
            [RawFrame(1, fin: false, rsv: 4, hello), RawFrame(0, rsv: 4, hello)],
            [RawFrame(1, fin: false, "a"), RawFrame(0, rsv: 4, "b")],
            [RawFrame(9, rsv: 4, "x")], [RawFrame(10, rsv: 4)], [RawFrame(8, rsv: 4)],
            [RawFrame(1, rsv: 6, hello)], [RawFrame(1, rsv: 5, hello)], [RawFrame(1, rsv: 2, hello)],
        ])
    func reservedBits(frames: [RawFrame]) {
        for feeding in Feeding.everyCut(of: frames.bytes()) { #expect(events(feeding) == [.failed(1002)]) }
    }

    @Test("what does not inflate, or to no text, fails with 1007")
    func invalid() throws {
        let notText = try #require(
            WebSocketCompressor(thresholdBytes: 0).compressed([UInt8](repeating: 0xFF, count: 100)))
        for payload in [[0xFF], [], Array(Self.hello[..<4]), notText] {
            let frames = [RawFrame(1, rsv: 4, payload), .text("discarded")]
            for feeding in Feeding.everyCut(of: frames.bytes()) { #expect(events(feeding) == [.failed(1007)]) }
        }
        #expect(
            events(.whole(RawFrame(2, rsv: 4, notText).bytes())) == [.binary([UInt8](repeating: 0xFF, count: 100))])
    }

    @Test("the limit holds for what came and for what it inflates to")
    func limits() throws {
        let limit = 1 << 20
        let bomb = try #require(
            WebSocketCompressor(thresholdBytes: 0).compressed([UInt8](repeating: 0, count: 6 << 20)))
        let half = bomb.count / 2
        for frames in [
            [RawFrame(2, rsv: 4, bomb)],
            [RawFrame(1, fin: false, rsv: 4, Array(bomb[..<half])), RawFrame(0, Array(bomb[half...]))],
        ] {
            for feeding in [Feeding.whole(frames.bytes()), .chopped(frames.bytes(), by: 1000)] {
                #expect(events(feeding, maximumMessageBytes: limit) == [.failed(1009)])
                #expect(inflater.capacity <= limit + 1)
            }
        }
        #expect(events(.whole(RawFrame(2, rsv: 4, Self.hello).bytes()), maximumMessageBytes: 6) == [.failed(1009)])
        #expect(
            events(.whole(RawFrame(2, rsv: 4, Self.hello).bytes()), maximumMessageBytes: 7)
                == [.binary([UInt8]("Hello"))])
    }

    @Test("nothing is kept once a message is used up")
    func keepsNothing() throws {
        let large = [UInt8](repeating: 65, count: 1 << 20)
        let message = try #require(WebSocketCompressor(thresholdBytes: 0).compressed(large))
        var receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 1 << 20, maximumFragments: 10)
        receiver.inflater = inflater
        let feeding = Feeding.chopped(RawFrame(2, rsv: 4, message).bytes(), by: 500)
        #expect(SeenWebSocket.events(feeding, &receiver) == [.binary(large)])
        #expect(receiver.pendingByteCount == 0)
        #expect(!receiver.isWithinMessage)
        #expect(inflater.capacity == 0)
    }
}
