import Testing

@testable import Web

@Suite("HTTP response parser")
struct HTTPResponseParserTests {
    @Test("responses follow each other, however the bytes arrive")
    func everyCut() {
        let text = """
            HTTP/1.1 100 Continue\r\n\r\n\
            HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello\
            HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n\
            HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n\
            HTTP/1.0 404 Not Found\r\n\r\nuntil the end
            """
        let expected = [
            "head 100 Continue", "head 200 OK", "body hello", "end", "head 204 No Content", "end", "head 200 ",
            "body abcdef", "end", "head 404 Not Found", "body until the end", "end",
        ]
        for feeding in Feeding.everyCut(of: [UInt8](text)) {
            let seen = SeenHTTP.responses(feeding, closes: true)
            #expect(seen.events == expected)
            #expect(seen.error == nil)
        }
    }

    @Test("a response to HEAD has no body")
    func head() throws {
        let bytes = [UInt8]("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(
            SeenHTTP.responses(.whole(bytes), method: "HEAD").events == ["head 200 OK", "end", "head 200 OK", "end"])
    }

    @Test("what follows 101 is left in the input")
    func switching() {
        let text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframes"
        let seen = SeenHTTP.responses(.whole([UInt8](text)), closes: true)
        #expect(seen.events == ["head 101 Switching Protocols"])
        #expect(seen.unread == 6)
        #expect(seen.error == nil)
    }

    @Test("a connection is kept only when the end of the body can be told")
    func keepAlive() throws {
        func keeps(_ text: String) throws -> Bool? { try responseHead(text)?.keepAlive }
        #expect(try keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == true)
        #expect(try keeps("HTTP/1.1 200 OK\r\n\r\n") == false)
        #expect(try keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") == false)
        #expect(try keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n") == false)
        #expect(try keeps("HTTP/1.1 304 Not Modified\r\n\r\n") == true)
    }

    @Test("nothing is read behind the last response")
    func finished() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
        #expect(SeenHTTP.responses(.whole([UInt8](text))).events == ["head 200 OK", "end"])
    }

    @Test(
        "an end within a response is an error",
        arguments: [
            "H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        ])
    func truncated(text: Quoted) {
        #expect(SeenHTTP.responses(.whole([UInt8](text.text)), closes: true).error == .truncated)
    }

    @Test("an end between responses is none, and an error stays")
    func ends() {
        #expect(SeenHTTP.responses(.whole([]), closes: true) == SeenHTTP())
        var parser = HTTPResponseParser()
        #expect(throws: HTTPError.malformedStatusLine) {
            try Feeding.whole([UInt8]("x\r\n")).forEach { _ = try parser.next(&$0) }
        }
        #expect(throws: HTTPError.malformedStatusLine) { try parser.finish() }
    }

    @Test(
        "a status line that is none fails",
        arguments: [
            "", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 20x OK", "HTTP/1.1  200 OK",
            "HTTP/1.1 099 x", "HTTP/1.1 600 x", "HTTP/1.1 200OK", "http/1.1 200 OK", "HTTP/1.1 200 \u{1}", "ICY 200 OK",
            "HTTP/1.1 -20 x", "HTTP/1.1\t200 OK",
        ])
    func malformed(line: Quoted) {
        for feeding in Feeding.everyCut(of: [UInt8](line.text + "\r\n\r\n")) {
            #expect(SeenHTTP.responses(feeding).error == .malformedStatusLine)
        }
    }

    @Test("another version fails")
    func version() {
        #expect(SeenHTTP.responses(.whole([UInt8]("HTTP/2.0 200 OK\r\n\r\n"))).error == .unsupportedVersion)
    }

    @Test("interim responses do not go on for ever")
    func interim() {
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n"
        let last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        let eight = String(repeating: interim, count: 8)
        #expect(SeenHTTP.responses(.whole([UInt8](eight + last + eight + last))).error == nil)
        #expect(SeenHTTP.responses(.whole([UInt8](eight + interim))).error == .tooManyInterimResponses)
    }

    @Test("a server's bounds are a client's", arguments: [1, 1000])
    func bounds(count: Int) {
        let limits = HTTPLimits(headBytes: 100, headerCount: 2, bodyBytes: 10)
        func error(_ text: String) -> HTTPError? {
            SeenHTTP.responses(.chopped([UInt8](text), by: count), limits: limits).error
        }
        #expect(error(String(repeating: "x", count: 101)) == .headTooLarge)
        #expect(error("HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\n") == .tooManyHeaders)
        #expect(error("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n") == .bodyTooLarge)
        #expect(error("HTTP/1.1 200 OK\r\n\r\n01234567890") == .bodyTooLarge)
        #expect(
            error("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n") == .conflictingFraming)
    }
}
