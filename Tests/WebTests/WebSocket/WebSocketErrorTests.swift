import Bytes
import Testing

@testable import Web

@Suite("WebSocket errors")
struct WebSocketErrorTests {
    @Test("an error becomes a close frame that carries its code and its reason")
    func closeFrame() {
        let errors: [WebSocketError] = [.invalidText, .tooLarge, .tooManyFragments, .protocolError("x")]
        for (error, code) in zip(errors, [1007, 1009, 1009, 1002] as [UInt16]) {
            var buffer = ByteBuffer()
            WebSocketFrame.appendClose(error, into: &buffer)
            let reason = [UInt8](error.reason.description)
            #expect(reason.count <= WebSocketFrame.maximumReasonByteCount)
            #expect(SeenWebSocket.events(.whole(buffer.bytes), role: .client) == [.close(code, reason)])
        }
    }
}
