import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Native dialect: golden messages")
struct NativeCodecTests {
    @Test("Events", arguments: NativeGoldens.events.map(\.name))
    func events(_ name: String) throws {
        let event = try #require(NativeGoldens.events.first { $0.name == name }?.event)
        #expect(try written { NativeCodec.encode(event, into: &$0) } == Goldens.text("native/" + name))
    }

    @Test("Replies", arguments: NativeGoldens.replies.map(\.name))
    func replies(_ name: String) throws {
        let reply = try #require(NativeGoldens.replies.first { $0.name == name }?.reply)
        #expect(try written { NativeCodec.encode(reply, into: &$0) } == Goldens.text("native/" + name))
    }

    @Test("What clients say", arguments: NativeGoldens.clientMessages.map(\.name))
    func clientMessages(_ name: String) throws {
        let message = try #require(NativeGoldens.clientMessages.first { $0.name == name }?.message)
        let text = try Goldens.text("native/" + name)
        #expect(try text.withRaw { try NativeCodec.decode($0) } == message)
        var generator = Seeded(5)
        // Unknown filters are refused: only the others get unknown keys.
        let tree = try JSONTree(text)
        let isOpen = name != "join_room_filters" && name != "ping_data"
        for _ in 0..<50 {
            let text = (isOpen ? tree.withUnknownKeys() : tree).shuffled(using: &generator).text(separator: " ")
            guard name != "ping_data" else { continue }
            #expect(try text.withRaw { try NativeCodec.decode($0) } == message, "\(text)")
        }
    }

    @Test("Every message is one whole JSON text, also behind what the buffer holds already")
    func appending() throws {
        var buffer = ByteBuffer()
        buffer.append("before")
        for (_, event) in NativeGoldens.events {
            let start = buffer.count
            NativeCodec.encode(event, into: &buffer)
            _ = try JSONTree(String(decoding: buffer.bytes[start...], as: UTF8.self))
        }
        #expect(buffer.text.hasPrefix("before{"))
    }
}
