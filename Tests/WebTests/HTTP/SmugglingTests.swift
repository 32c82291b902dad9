import Testing

@testable import Web

/// A head that two readers might understand differently, and the status that it must get.
struct MalformedHead: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var status: Int
    var testDescription: String { name }

    init(_ status: Int, _ name: String, _ text: String) {
        self.name = name
        self.text = text
        self.status = status
    }

    /// A POST with the given fields behind its Host.
    static func fields(_ status: Int, _ name: String, _ fields: String) -> MalformedHead {
        MalformedHead(
            status, name, "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n")
    }
}

@Suite("Request smuggling")
struct SmugglingTests {
    static let framing: [MalformedHead] = [
        .fields(400, "CL.TE", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        .fields(400, "TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        .fields(400, "CL 0 and TE", "Content-Length: 0\r\nTransfer-Encoding: chunked"),
        .fields(400, "CL.CL differing", "Content-Length: 5\r\nContent-Length: 6"),
        .fields(400, "CL.CL same", "Content-Length: 5\r\nContent-Length: 5"),
        .fields(400, "CL list", "Content-Length: 5, 5"),
        .fields(400, "CL in two cases", "Content-Length: 0\r\ncontent-LENGTH: 5"),
        .fields(400, "CL signed", "Content-Length: +5"),
        .fields(400, "CL negative", "Content-Length: -5"),
        .fields(400, "CL hexadecimal", "Content-Length: 0x5"),
        .fields(400, "CL fraction", "Content-Length: 5.0"),
        .fields(400, "CL empty", "Content-Length:"),
        .fields(400, "CL blank inside", "Content-Length: 1 0"),
        .fields(400, "CL vertical tab", "Content-Length: \u{B}5"),
        .fields(400, "CL quoted", "Content-Length: \"5\""),
        .fields(400, "CL full-width digits", "Content-Length: ５"),
        .fields(413, "CL beyond 64 bits", "Content-Length: 18446744073709551616"),
        .fields(413, "CL beyond the bound", "Content-Length: 1048577"),
        .fields(400, "TE.TE", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        .fields(400, "TE twice in one field", "Transfer-Encoding: chunked, chunked"),
        .fields(400, "TE identity", "Transfer-Encoding: identity"),
        .fields(400, "TE chunked then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
        .fields(400, "TE not ending in chunked", "Transfer-Encoding: chunked, gzip"),
        .fields(501, "TE gzip then chunked", "Transfer-Encoding: gzip, chunked"),
        .fields(501, "TE gzip then chunked in two fields", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
        .fields(400, "TE empty", "Transfer-Encoding:"),
        .fields(400, "TE empty and chunked", "Transfer-Encoding:\r\nTransfer-Encoding: chunked"),
        .fields(400, "TE empty elements", "Transfer-Encoding: , chunked"),
        .fields(400, "TE prefixed", "Transfer-Encoding: xchunked"),
        .fields(400, "TE with a parameter", "Transfer-Encoding: chunked;q=0.5"),
        .fields(400, "TE quoted", "Transfer-Encoding: \"chunked\""),
        .fields(400, "TE vertical tab before", "Transfer-Encoding: \u{B}chunked"),
        .fields(400, "TE form feed behind", "Transfer-Encoding: chunked\u{C}"),
        .fields(400, "TE NUL behind", "Transfer-Encoding: chunked\0"),
        .fields(400, "TE no-break space", "Transfer-Encoding: \u{A0}chunked"),
        .fields(400, "TE blank before the colon", "Transfer-Encoding : chunked"),
        .fields(400, "TE tab before the colon", "Transfer-Encoding\t: chunked"),
        .fields(400, "TE folded", "Transfer-Encoding:\r\n chunked"),
        .fields(400, "TE behind a fold", "X: y\r\n Transfer-Encoding: chunked"),
        .fields(400, "TE behind a bare CR", "X: y\rTransfer-Encoding: chunked"),
        .fields(400, "TE behind a bare LF", "X: y\nTransfer-Encoding: chunked"),
        .fields(400, "TE line ended by LF", "Transfer-Encoding: chunked\n"),
        .fields(400, "TE line ended by CR CR LF", "Transfer-Encoding: chunked\r\r\n"),
        MalformedHead(
            400, "TE in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ]

    static let heads: [MalformedHead] = [
        .fields(400, "field without a colon", "Nonsense"),
        .fields(400, "field without a name", ": x"),
        .fields(400, "name with a blank", "A B: x"),
        .fields(400, "name with a NUL", "A\0: x"),
        .fields(400, "name with a control", "A\u{1}: x"),
        .fields(400, "name with a byte above ASCII", "Ä: x"),
        .fields(400, "name with a bracket", "A[]: x"),
        .fields(400, "name with a slash", "A/B: x"),
        .fields(400, "name in quotes", "\"A\": x"),
        .fields(400, "value with a NUL", "A: x\0y"),
        .fields(400, "value with an escape", "A: \u{1B}[31m"),
        .fields(400, "value with DEL", "A: \u{7F}"),
        .fields(400, "fold of a blank", "A: x\r\n y"),
        .fields(400, "fold of a tab", "A: x\r\n\ty"),
        .fields(400, "line of a blank", " "),
        .fields(400, "second Host", "Host: b"),
        .fields(400, "second Host, the same", "host: a"),
        .fields(417, "unknown expectation", "Expect: 200-ok"),
        MalformedHead(400, "fold before any field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        MalformedHead(400, "no Host", "GET / HTTP/1.1\r\n\r\n"),
        MalformedHead(400, "two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
        MalformedHead(400, "Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        MalformedHead(400, "Host with user information", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        MalformedHead(400, "Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        MalformedHead(400, "Host list", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
        MalformedHead(400, "Host with a bad port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
        MalformedHead(400, "Host with a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
    ]

    static let startLines: [MalformedHead] = [
        MalformedHead(400, "HTTP/0.9", "GET /\r\n\r\n"),
        MalformedHead(400, "two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "tab for a blank", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "blank behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
        MalformedHead(400, "blank before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "line ended by LF", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        MalformedHead(400, "head ended by LF", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        MalformedHead(400, "everything ended by LF", "GET / HTTP/1.1\nHost: a\n\n"),
        MalformedHead(400, "bare CR in the line", "GET /\rX HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "escaped NUL in the path", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "escaped line end in the path", "GET /%0d%0aX:y HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "bad escape in the path", "GET /%gg HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "authority as target", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "absolute target without a host", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "absolute target with user information", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "method with a colon", "GET: / HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(400, "version with more digits", "GET / HTTP/1.11\r\nHost: a\r\n\r\n"),
        MalformedHead(501, "tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(501, "endless method", String(repeating: "X", count: 200) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(505, "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        MalformedHead(505, "HTTP/3", "GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
        MalformedHead(505, "HTTP/0.9 in words", "GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
        MalformedHead(
            414, "endless target", "GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedHead(
            431, "endless field",
            "GET / HTTP/1.1\r\nHost: a\r\nA: " + String(repeating: "a", count: 17_000) + "\r\n\r\n"),
        MalformedHead(
            431, "endless fields",
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n"),
    ]

    @Test("gets its status and no request", arguments: framing + heads + startLines)
    func refused(head: MalformedHead) {
        let bytes = [UInt8](head.text)
        var feedings = [Feeding.whole(bytes), .chopped(bytes), .chopped(bytes, by: 3)]
        if bytes.count < 300 { feedings += Feeding.everyCut(of: bytes) }
        for feeding in feedings {
            let seen = SeenHTTP.requests(feeding)
            #expect(seen.error?.status == head.status)
            #expect(seen.events.isEmpty)
        }
    }

    @Test("nothing of a request behind a refused one is ever looked at")
    func nothingBehind() {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        let bytes = [UInt8](text + "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n")
        for feeding in Feeding.everyCut(of: bytes) {
            let seen = SeenHTTP.requests(feeding)
            #expect(seen.error == .conflictingFraming)
            #expect(seen.events.isEmpty)
        }
    }
}
