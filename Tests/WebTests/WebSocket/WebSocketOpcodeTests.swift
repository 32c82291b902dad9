import Testing

@testable import Web

@Suite("WebSocket opcodes")
struct WebSocketOpcodeTests {
    @Test("six of sixteen are defined, three of them control frames")
    func defined() {
        let opcodes = (0..<16).compactMap { WebSocketOpcode(rawValue: $0) }
        #expect(opcodes == [.continuation, .text, .binary, .close, .ping, .pong])
        #expect(opcodes.filter(\.isControl) == [.close, .ping, .pong])
    }
}
