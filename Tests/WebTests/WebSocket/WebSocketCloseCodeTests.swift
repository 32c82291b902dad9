import Testing

@testable import Web

@Suite("WebSocket close codes")
struct WebSocketCloseCodeTests {
    @Test("the registered codes and the free ranges may be sent, the reserved ones not")
    func sendable() {
        let allowed: Set<UInt16> = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
        for code in UInt16.min...UInt16.max {
            #expect(WebSocketCloseCode.mayBeSent(code) == (allowed.contains(code) || (3000...4999).contains(code)))
        }
    }
}
