import Bytes
import Grid
import Testing
import Web
import Wire

@testable import Fanout

@Suite("Replay encoder")
struct ReplayEncoderTests {
    private func events(_ offsets: ClosedRange<UInt64>) -> [LoggedEvent] {
        offsets.map { offset in
            LoggedEvent(
                position: LogPosition(epoch: 1, offset: offset), at: Timestamp(milliseconds: 0), facts: EventFacts(),
                event: .nodeStatus(
                    NodeStatusChanged(
                        node: NodeID(UUID128(high: 1, low: 2)), status: .online, previous: nil, currentTask: nil,
                        updatedAt: Timestamp(milliseconds: 0), sample: nil, health: .unknown)))
        }
    }

    private func encoder(capacity: Int = 1 << 20, _ text: String = "message ") -> ReplayEncoder {
        ReplayEncoder(capacity: capacity) { _, event, buffer in
            // Even offsets are not carried by this dialect.
            if event.position.offset % 2 == 1 { buffer.append(text + "\(event.position.offset)") }
        }
    }

    /// What a client makes of the frames.
    private func messages(_ frames: ByteBuffer, inflater: WebSocketInflater? = nil) throws -> [String] {
        var receiver = WebSocketReceiver(role: .client, maximumMessageBytes: 1 << 20, maximumFragments: 16)
        receiver.inflater = inflater
        var copy = frames
        return try copy.withMutableBytes { bytes in
            var input = InputCursor(bytes)
            var messages: [String] = []
            while let event = try receiver.next(&input) {
                if case .text(let text) = event { messages.append(String(decoding: text, as: UTF8.self)) }
            }
            return messages
        }
    }

    @Test("Frames come in order; what the dialect does not carry has none")
    func frames() throws {
        let frames = encoder().frames(of: events(1...7), dialect: .native, framing: .webSocket)
        #expect(try messages(frames) == ["message 1", "message 3", "message 5", "message 7"])
        #expect(encoder().frames(of: [], dialect: .native, framing: .webSocket).isEmpty)
    }

    @Test("Compressed frames inflate to the same")
    func compressed() throws {
        let text = String(repeating: "a long payload that shrinks ", count: 20)
        let encoder = encoder(text)
        let plain = encoder.frames(of: events(1...3), dialect: .native, framing: .webSocket)
        let packed = encoder.frames(of: events(1...3), dialect: .native, framing: .webSocketDeflate)
        #expect(packed.count < plain.count / 2)
        #expect(try messages(packed, inflater: WebSocketInflater()) == [text + "1", text + "3"])
    }

    @Test("An event is encoded once for all who missed it, as long as its frame is kept")
    func sharing() throws {
        let encoder = encoder()
        for first in UInt64(1)...50 {
            let frames = encoder.frames(of: events(first...101), dialect: .native, framing: .webSocket)
            #expect(try messages(frames).count == Int(103 - first) / 2)
        }
        #expect(encoder.encodedCount == 51)
        let small = self.encoder(capacity: 2000)
        for _ in 0..<3 {
            let frames = small.frames(of: events(1...9999), dialect: .native, framing: .webSocket)
            #expect(try messages(frames).last == "message 9999")
        }
        #expect(small.encodedCount == 15_000)
    }
}
