import Bytes
import Testing

@testable import Web

@Suite("Engine.IO packets")
struct EngineIOPacketTests {
    private struct Seen: Equatable {
        var type: EngineIOPacketType
        var data: String
        var isBinary = false
    }

    private func packet(_ text: String) throws -> Seen {
        try [UInt8](text).withUnsafeBytes { bytes in
            let packet = try EngineIOPacket(text: bytes)
            return Seen(
                type: packet.type, data: String(decoding: packet.data, as: UTF8.self), isBinary: packet.isBinary)
        }
    }

    @Test("the type is the first character, the data are the rest", arguments: EngineIOPacketType.allCases)
    func types(type: EngineIOPacketType) throws {
        let character = String(UnicodeScalar(type.rawValue))
        for data in ["", "probe", "4é€😀", "\u{0}"] {
            #expect(try packet(character + data) == Seen(type: type, data: data))
        }
    }

    @Test("the digits are the protocol's")
    func digits() {
        #expect(String(decoding: EngineIOPacketType.allCases.map(\.rawValue), as: UTF8.self) == "0123456")
    }

    @Test("other first characters are no type", arguments: ["7", "/", "b", "é", " 4", "a4"])
    func unknown(text: String) { #expect(throws: EngineIOError.unknownPacketType) { try packet(text) } }

    @Test("a packet has a first character")
    func empty() { #expect(throws: EngineIOError.emptyPacket) { try packet("") } }

    @Test("bytes are a message, whatever they are; only messages are for the session's user")
    func binary() {
        [UInt8]([0x32, 0]).withUnsafeBytes { bytes in
            let packet = EngineIOPacket(binary: bytes)
            #expect(packet.type == .message && packet.isBinary && packet.data.count == 2)
            guard case .binary(let data)? = packet.message else {
                Issue.record("no binary message")
                return
            }
            #expect(data.count == 2)
        }
    }

    @Test("a probe is that word and nothing else")
    func probe() throws {
        for (text, isProbe) in [("2probe", true), ("2", false), ("2probe ", false), ("2Probe", false)] {
            let isSaid = try [UInt8](text).withUnsafeBytes { try EngineIOPacket(text: $0).isProbe }
            #expect(isSaid == isProbe)
        }
        #expect(EngineIOPacket.encoded(.pong, EngineIOPacket.probe).text == "3probe")
        #expect(EngineIOPacket.encoded(.noop).text == "6")
    }
}
