import Bytes
import Testing

@testable import Web

@Suite("Engine.IO answers to polls")
struct EngineIOPayloadWriterTests {
    @Test("packets are joined by U+001E, bytes in base 64")
    func joins() {
        var writer = EngineIOPayloadWriter(packetLimit: 16, byteLimit: 100)
        writer.appendMessage { $0.append("a") }
        [UInt8]([1, 2, 3, 4]).withUnsafeBytes { writer.appendBinary($0) }
        [UInt8]("2").withUnsafeBytes { writer.append(packet: $0) }
        #expect(writer.packetCount == 3)
        #expect(writer.finish().text == "4a\u{1E}bAQIDBA==\u{1E}2")
    }

    @Test("an answer is never empty")
    func empty() { #expect(EngineIOPayloadWriter(packetLimit: 2, byteLimit: 10).finish().text == "6") }

    @Test("there is room for so many packets, and up to so many bytes")
    func room() {
        var writer = EngineIOPayloadWriter(packetLimit: 2, byteLimit: 100)
        writer.appendMessage { _ in }
        #expect(writer.hasRoom)
        writer.appendMessage { _ in }
        #expect(!writer.hasRoom)
        var large = EngineIOPayloadWriter(packetLimit: 9, byteLimit: 4)
        large.appendMessage { $0.append("ab") }
        #expect(large.hasRoom)
        large.appendMessage { _ in }
        #expect(!large.hasRoom)
    }

    @Test("a separator is found from any place on")
    func separators() {
        let buffer = ByteBuffer([UInt8]("a\u{1E}bc\u{1E}"))
        #expect((0...6).map { buffer.separator(from: $0) } == [1, 1, 4, 4, 4, nil, nil])
        #expect(ByteBuffer().separator(from: 0) == nil)
    }

    @Test("a text that would be two packets is our own fault")
    func separatorInText() async {
        await #expect(processExitsWith: .failure) {
            var writer = EngineIOPayloadWriter(packetLimit: 2, byteLimit: 10)
            writer.appendMessage { $0.append("a\u{1E}4b") }
        }
    }
}
