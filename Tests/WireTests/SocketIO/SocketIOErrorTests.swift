import Testing

@testable import Wire

@Suite("Socket.IO errors")
struct SocketIOErrorTests {
    @Test("every error has a sentence of its own, short enough for a close frame")
    func messages() {
        let messages = SocketIOError.allCases.map { "\($0.message)" }
        #expect(Set(messages).count == messages.count)
        #expect(messages.allSatisfy { !$0.isEmpty && $0.utf8.count <= 123 })
    }
}
