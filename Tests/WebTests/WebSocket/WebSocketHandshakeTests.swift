import Bytes
import Testing

@testable import Web

@Suite("WebSocket handshake, server")
struct WebSocketHandshakeTests {
    private static let fields = [
        "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://example.com",
        "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Version: 13",
    ]

    private func accept(
        _ line: String = "GET /chat HTTP/1.1", without name: String = "none", adding: [String] = [],
        subprotocols: [String] = []
    ) throws -> Result<WebSocketAccept, HTTPRefusal> {
        let fields = Self.fields.filter { !$0.hasPrefix(name) } + adding
        let head = try #require(try requestHead(([line] + fields).joined(separator: "\r\n") + "\r\n\r\n"))
        return WebSocketHandshake.accept(head, subprotocols: subprotocols)
    }

    private func refusal(_ result: Result<WebSocketAccept, HTTPRefusal>) -> HTTPRefusal? {
        if case .failure(let refusal) = result { refusal } else { nil }
    }

    @Test("the example of RFC 6455 §1.3 is answered as printed there")
    func example() throws {
        let accept = try accept(subprotocols: ["chat"]).get()
        #expect(accept.acceptValue == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(accept.subprotocol == "chat")
        #expect(accept.offeredSubprotocols == ["chat", "superchat"])
        #expect(accept.origin == "http://example.com")
        var buffer = ByteBuffer()
        accept.writeResponse(into: &buffer)
        #expect(
            buffer.text == """
                HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n
                """)
    }

    @Test("the client's liking decides among the subprotocols served here")
    func subprotocols() throws {
        #expect(try accept(subprotocols: ["superchat", "chat"]).get().subprotocol == "chat")
        #expect(try accept(subprotocols: ["superchat"]).get().subprotocol == "superchat")
        #expect(try accept(subprotocols: ["Chat"]).get().subprotocol == nil)
        #expect(try accept().get().subprotocol == nil)
        let none = try accept(without: "Sec-WebSocket-Protocol", subprotocols: ["chat"]).get()
        #expect(none.subprotocol == nil)
        #expect(none.offeredSubprotocols.isEmpty)
        let several = try accept(adding: ["Sec-WebSocket-Protocol: third"], subprotocols: ["third"]).get()
        #expect(several.subprotocol == "third")
    }

    @Test("extensions are handed on, and the agreed ones written")
    func extensions() throws {
        let accept = try accept(
            without: "Sec-WebSocket-Protocol",
            adding: ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x"]
        ).get()
        #expect(accept.offeredExtensions == ["permessage-deflate; client_max_window_bits", "x"])
        var buffer = ByteBuffer()
        let omitted = accept.writeResponse(
            extensions: "permessage-deflate", headers: [("X", "1"), ("Y", "a\r\nb")], into: &buffer)
        #expect(omitted == 1)
        #expect(buffer.text.hasSuffix("\r\nSec-WebSocket-Extensions: permessage-deflate\r\nX: 1\r\n\r\n"))
    }

    @Test("another version is answered by the one spoken here")
    func versions() throws {
        for adding in [[], ["Sec-WebSocket-Version: 8"], ["Sec-WebSocket-Version: 13, 8"], ["Sec-WebSocket-Version: "]]
        {
            let refusal = refusal(try accept(without: "Sec-WebSocket-Version", adding: adding))
            #expect(refusal?.status == 426)
            #expect(refusal?.headers.contains { $0 == ("Sec-WebSocket-Version", "13") } == true)
        }
        #expect(refusal(try accept(adding: ["Sec-WebSocket-Version: 13"]))?.status == 400)
    }

    @Test(
        "a key is 16 bytes in Base64, once",
        arguments: [
            "", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25j",
            "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBs ZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ*==",
            "dGhlIHNhbXBsZSBub25jZ-==",
            "dGhlIHNhbXBsZSBub25jZ===", "====",
        ])
    func badKeys(key: String) throws {
        let result = try accept(without: "Sec-WebSocket-Key", adding: ["Sec-WebSocket-Key: " + key])
        #expect(refusal(result)?.status == 400)
    }

    @Test("keys, origins and bodies that should not be there, and those that should")
    func fields() throws {
        #expect(refusal(try accept(without: "Sec-WebSocket-Key"))?.status == 400)
        let second = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        #expect(refusal(try accept(adding: [second]))?.status == 400)
        #expect(refusal(try accept(adding: ["Origin: http://evil.example"]))?.status == 400)
        #expect(refusal(try accept(adding: ["Content-Length: 5"]))?.status == 400)
        #expect(refusal(try accept(adding: ["Transfer-Encoding: chunked"]))?.status == 400)
        #expect(refusal(try accept(adding: ["Sec-WebSocket-Protocol: a b"]))?.status == 400)
        #expect(try accept(without: "Origin").get().origin == nil)
    }

    @Test("what is no upgrade is told to upgrade")
    func noUpgrade() throws {
        #expect(refusal(try accept("POST /chat HTTP/1.1"))?.status == 405)
        #expect(refusal(try accept("GET /chat HTTP/1.0"))?.status == 426)
        #expect(refusal(try accept(without: "Upgrade"))?.status == 426)
        #expect(refusal(try accept(without: "Connection"))?.status == 426)
        #expect(refusal(try accept(without: "Upgrade", adding: ["Upgrade: h2c"]))?.status == 426)
    }

    @Test("a refusal is written as a response that closes")
    func refusals() throws {
        var buffer = ByteBuffer()
        try #require(refusal(try accept(without: "Upgrade"))).writeResponse(into: &buffer)
        let head = try #require(try responseHead(buffer.text))
        #expect(head.status == 426)
        #expect(head.headers["upgrade"] == "websocket")
        #expect(!head.keepAlive)
    }
}
