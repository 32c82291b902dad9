import Testing

@testable import Web

/// Random faults in valid conversations: nothing traps, nothing grows, and the cut does not matter.
@Suite("HTTP under mutation")
struct HTTPMutationTests {
    private static let interesting = [UInt8]("\r\n\0 \t:;,\"%#?/.0159afxX-+HT") + [0x7F, 0x80, 0xFF, 0x0B, 0x1B]
    private static let limits = HTTPLimits(headBytes: 600, headerCount: 8, targetBytes: 100, bodyBytes: 64)

    private static let requests = [
        "GET /a%20b?token=x%2By&z=1 HTTP/1.1\r\nHost: example.com:80\r\nAccept: a, b\r\nConnection: keep-alive\r\n\r\n",
        "POST http://h/p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ]

    private static let responses = [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\nHTTP/1.0 404 Not Found\r\nServer: a\r\n\r\nuntil the end",
    ]

    @Test("requests", arguments: 0..<8)
    func requests(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<400 {
            let text = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                Self.requests.randomElement(using: &random) ?? ""
            }
            let bytes = random.mutated([UInt8](text.joined()), interesting: Self.interesting)
            let whole = SeenHTTP.requests(.whole(bytes), limits: Self.limits)
            let scattered = SeenHTTP.requests(.scattered(bytes, longest: 40, &random), limits: Self.limits)
            let chopped = SeenHTTP.requests(.chopped(bytes), limits: Self.limits)
            #expect(whole.events == scattered.events && whole.error == scattered.error, "\(bytes.text)")
            #expect(whole.events == chopped.events && whole.error == chopped.error, "\(bytes.text)")
            checkBodies(whole)
        }
    }

    @Test("responses", arguments: 0..<8)
    func responses(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<400 {
            let text = Self.responses.randomElement(using: &random) ?? ""
            let bytes = random.mutated([UInt8](text), interesting: Self.interesting)
            let whole = SeenHTTP.responses(.whole(bytes), limits: Self.limits, closes: true)
            let chopped = SeenHTTP.responses(.chopped(bytes), limits: Self.limits, closes: true)
            #expect(whole.events == chopped.events && whole.error == chopped.error, "\(bytes.text)")
            checkBodies(whole)
        }
    }

    @Test("noise", arguments: 0..<4)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random) : Self.interesting.randomElement(using: &random) ?? 0
            }
            let whole = SeenHTTP.requests(.whole(bytes), limits: Self.limits)
            let chopped = SeenHTTP.requests(.chopped(bytes), limits: Self.limits)
            #expect(whole.events == chopped.events && whole.error == chopped.error)
            _ = SeenHTTP.responses(.whole(bytes), limits: Self.limits, closes: true)
        }
    }

    private func checkBodies(_ seen: SeenHTTP) {
        for event in seen.events where event.hasPrefix("body ") {
            #expect(event.unicodeScalars.count - 5 <= Self.limits.bodyBytes)
        }
    }
}
