import Testing

@testable import Web

@Suite("HTTP request parser")
struct HTTPRequestParserTests {
    private static let conversation = """
        GET /first?x=1 HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n\
        POST /second HTTP/1.1\r\nhost:a\r\nContent-Length:  11 \r\n\r\nhello world\
        \r\nPUT /third HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n\
        5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\n\
        DELETE /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\
        GET /ignored HTTP/1.1\r\nHost: a\r\n\r\n
        """

    @Test("pipelined requests come out one by one, however the bytes arrive")
    func everyCut() {
        let expected = SeenHTTP(events: [
            "head GET /first?x=1 1", "end",
            "head POST /second 1", "body hello world", "end",
            "head PUT /third 1", "body hello world", "end",
            "head DELETE /last 1", "end",
        ])
        for feeding in Feeding.everyCut(of: [UInt8](Self.conversation)) {
            #expect(SeenHTTP.requests(feeding) == expected)
        }
    }

    @Test("a body is handed on as it arrives, not kept")
    func streaming() throws {
        var parser = HTTPRequestParser()
        let pieces = ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab", "cd", "ef"].map { [UInt8]($0) }
        var bodies: [String] = []
        try Feeding(pieces: pieces).forEach { cursor in
            while let event = try parser.next(&cursor) {
                if case .body(let bytes) = event { bodies.append(String(decoding: bytes, as: UTF8.self)) }
            }
            #expect(cursor.isEmpty)
        }
        #expect(bodies == ["ab", "cd", "ef"])
    }

    @Test("what follows an upgrade is left in the input")
    func upgrade() throws {
        var parser = HTTPRequestParser()
        let text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes"
        try Feeding.whole([UInt8](text)).forEach { cursor in
            guard case .head(let head) = try parser.next(&cursor) else {
                Issue.record("no head")
                return
            }
            #expect(head.isWebSocketUpgrade)
            #expect([UInt8](cursor.remaining).text == "frames")
        }
    }

    @Test("a few empty lines before a request are skipped, not any number of them")
    func emptyLines() {
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        for feeding in Feeding.everyCut(of: [UInt8]("\r\n\r\n" + request + "\r\n\r\n" + request)) {
            #expect(SeenHTTP.requests(feeding).events == ["head GET / 1", "end", "head GET / 1", "end"])
        }
        for feeding in Feeding.everyCut(of: [UInt8]("\r\n\r\n\r\n" + request)) {
            #expect(SeenHTTP.requests(feeding).error == .malformedRequestLine)
        }
    }

    @Test(
        "another protocol on this port fails at its first byte",
        arguments: [[0x16, 3, 1], [0x80], [0], [0x0A], [0x20], [0xFF]] as [[UInt8]])
    func otherProtocols(bytes: [UInt8]) {
        #expect(SeenHTTP.requests(.cut(bytes, at: 1)).error == .malformedRequestLine)
    }

    @Test("an error is final and thrown again")
    func final() {
        var parser = HTTPRequestParser()
        for text in ["G T / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            #expect(throws: HTTPError.malformedRequestLine) {
                try Feeding.whole([UInt8](text)).forEach { _ = try parser.next(&$0) }
            }
        }
        #expect(!parser.isWithinRequest)
    }

    @Test("a deadline can watch from the first byte to the last")
    func deadlines() throws {
        var parser = HTTPRequestParser()
        var seen: [Bool] = [parser.isWithinRequest]
        for piece in ["G", "ET / HTTP/1.1\r\n", "Host: a\r\nContent-Length: 2\r\n\r\n", "a", "b"] {
            try Feeding.whole([UInt8](piece)).forEach { cursor in
                while try parser.next(&cursor) != nil {}
            }
            seen.append(parser.isWithinRequest)
        }
        #expect(seen == [false, true, true, true, true, false])
    }

    @Test("input without end is refused within its bounds", arguments: [1, 7, 4096])
    func endless(count: Int) {
        let limits = HTTPLimits(headBytes: 2000, headerCount: 10, targetBytes: 500, bodyBytes: 1000)
        func error(_ start: String, _ endless: String) -> HTTPError? {
            let bytes = [UInt8](start) + (0..<5000).flatMap { _ in [UInt8](endless) }
            return SeenHTTP.requests(.chopped(bytes, by: count), limits: limits).error
        }
        let head = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(error("", "a") == .targetTooLong)
        #expect(error("GET /", "a") == .targetTooLong)
        #expect(error("GET / HTTP/1.1\r\nA: ", "a") == .headTooLarge)
        #expect(error(head, "B: c\r\n") == .tooManyHeaders)
        #expect(error(head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n") == .bodyTooLarge)
        #expect(error(head + "Transfer-Encoding: chunked\r\n\r\n1;", "a") == .malformedChunk)
        #expect(error(head + "Transfer-Encoding: chunked\r\n\r\n", "0") == .malformedChunk)
        #expect(error(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n") == .tooManyHeaders)
    }
}
