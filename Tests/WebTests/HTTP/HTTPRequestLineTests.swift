import Testing

@testable import Web

@Suite("HTTP request lines")
struct HTTPRequestLineTests {
    private func parse(_ text: String) throws -> HTTPRequestLine {
        try HTTPRequestLine([UInt8](text)[...], limits: HTTPLimits())
    }

    @Test("a line has a method, a target and a version")
    func parses() throws {
        let line = try parse("GET /a?b HTTP/1.1")
        #expect(line.method == "GET")
        #expect(line.target == "/a?b")
        #expect(line.parts.path == "/a")
        #expect(line.minorVersion == 1)
        #expect(try parse("get / HTTP/1.1").method == "get")
        #expect(try parse("M-SEARCH / HTTP/1.0").minorVersion == 0)
        #expect(try parse("GET / HTTP/1.9").minorVersion == 1)
    }

    @Test(
        "anything else is malformed",
        arguments: [
            "", " ", "GET", "GET ", "GET /", "GET / ", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1",
            "GET / HTTP/1.1 ", "GET / HTTP/1.1 x", "GET\t/\tHTTP/1.1", "GET / HTTP/11", "GET / HTTP/1.",
            "GET / HTTP/.1",
            "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/01.1", "GET / HTTP 1.1", "GET / HTPT/1.1",
            "GET / HTTP/a.1",
            "GET / HTTP/1,1", "G(T / HTTP/1.1", "GÉT / HTTP/1.1", "GET: / HTTP/1.1", "GET / / HTTP/1.1",
            "GET / HTTP/-.1",
        ])
    func malformed(text: String) {
        #expect(throws: HTTPError.malformedRequestLine) { try parse(text) }
    }

    @Test("another major version is not spoken", arguments: ["0.9", "2.0", "3.0", "9.9"])
    func versions(text: String) {
        #expect(throws: HTTPError.unsupportedVersion) { try parse("GET / HTTP/" + text) }
    }

    @Test("the preface of HTTP/2 is another version, not a bad target")
    func preface() {
        #expect(throws: HTTPError.unsupportedVersion) { try parse("PRI * HTTP/2.0") }
    }

    @Test("a method has a length that methods have")
    func longMethod() throws {
        #expect(try parse(String(repeating: "A", count: 32) + " / HTTP/1.1").method.count == 32)
        #expect(throws: HTTPError.unsupportedMethod) { try parse(String(repeating: "A", count: 33) + " / HTTP/1.1") }
    }
}
