import Bytes
import Testing

@testable import Web

@Suite("WebSocket handshake, client")
struct WebSocketHandshakeClientTests {
    private let key = "dGhlIHNhbXBsZSBub25jZQ=="

    @Test("a request says what RFC 6455 §4.1 wants")
    func request() {
        let request = WebSocketHandshake.clientRequest(
            host: "a:3001", path: "/agent?x=1", key: key, subprotocols: ["neurogrid.agent.v1", "other"],
            headers: [("User-Agent", "test"), ("X", "a\r\nb")], extensions: "permessage-deflate")
        #expect(
            request.text == """
                GET /agent?x=1 HTTP/1.1\r\nHost: a:3001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Protocol: neurogrid.agent.v1, other\r\n\
                Sec-WebSocket-Extensions: permessage-deflate\r\nUser-Agent: test\r\n\r\n
                """)
    }

    @Test("a key is made of 16 bytes")
    func keys() {
        #expect(WebSocketHandshake.key(entropy: [UInt8]("the sample nonce")) == key)
    }

    @Test("client and server agree with each other")
    func agreement() throws {
        let key = WebSocketHandshake.key(entropy: [UInt8](0..<16))
        let request = WebSocketHandshake.clientRequest(host: "h", path: "/", key: key, subprotocols: ["a", "b"])
        let head = try #require(try requestHead(request.text))
        var buffer = ByteBuffer()
        try WebSocketHandshake.accept(head, subprotocols: ["b"]).get().writeResponse(into: &buffer)
        let response = try #require(try responseHead(buffer.text))
        let agreement = try WebSocketHandshake.verify(response, key: key, subprotocols: ["a", "b"])
        #expect(agreement == WebSocketAgreement(subprotocol: "b", extensions: []))
    }

    private func verify(_ status: Int = 101, _ fields: [String]) throws -> WebSocketAgreement {
        let text = (["HTTP/1.1 \(status) x"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
        return try WebSocketHandshake.verify(
            #require(try responseHead(text)), key: key, subprotocols: ["chat"], extensions: ["permessage-deflate"])
    }

    private static let fields = [
        "Upgrade: WebSocket", "Connection: x, upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ]

    @Test("an answer in order gives what was agreed upon")
    func valid() throws {
        #expect(try verify(101, Self.fields) == WebSocketAgreement(subprotocol: nil, extensions: []))
        let more = ["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: Permessage-Deflate ; a=1"]
        #expect(
            try verify(101, Self.fields + more)
                == WebSocketAgreement(subprotocol: "chat", extensions: ["Permessage-Deflate ; a=1"]))
    }

    @Test("an answer that is not in order opens nothing")
    func invalid() {
        #expect(throws: WebSocketHandshakeError.refused(status: 403)) { try verify(403, Self.fields) }
        #expect(throws: WebSocketHandshakeError.refused(status: 200)) { try verify(200, Self.fields) }
        for missing in [0, 1] {
            var fields = Self.fields
            fields.remove(at: missing)
            #expect(throws: WebSocketHandshakeError.notUpgraded) { try verify(101, fields) }
        }
        #expect(throws: WebSocketHandshakeError.wrongAccept) { try verify(101, Array(Self.fields.dropLast())) }
        #expect(throws: WebSocketHandshakeError.wrongAccept) { try verify(101, Self.fields + [Self.fields[2]]) }
        #expect(throws: WebSocketHandshakeError.wrongAccept) {
            try verify(101, Self.fields.dropLast() + ["Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo="])
        }
        for subprotocol in ["other", "Chat", "chat, chat"] {
            #expect(throws: WebSocketHandshakeError.unexpectedSubprotocol) {
                try verify(101, Self.fields + ["Sec-WebSocket-Protocol: " + subprotocol])
            }
        }
        #expect(throws: WebSocketHandshakeError.unexpectedExtension) {
            try verify(101, Self.fields + ["Sec-WebSocket-Extensions: permessage-deflate, x"])
        }
        #expect(throws: WebSocketHandshakeError.unexpectedExtension) {
            try verify(101, Self.fields + ["Sec-WebSocket-Extensions: ;"])
        }
    }
}
