import Testing

@testable import Web

@Suite("HTTP request heads")
struct HTTPRequestHeadTests {
    private func head(_ line: String = "GET / HTTP/1.1", _ fields: String...) throws -> HTTPRequestHead {
        try #require(try requestHead(([line] + fields).joined(separator: "\r\n") + "\r\n\r\n"))
    }

    @Test("host comes from the field, or from an absolute target before it")
    func host() throws {
        #expect(try head("GET / HTTP/1.1", "Host: a:80").host == "a:80")
        #expect(try head("GET http://b/ HTTP/1.1", "Host: a").host == "b")
        #expect(try head("GET / HTTP/1.1", "Host:").host.isEmpty)
        #expect(try head("GET / HTTP/1.0").host.isEmpty)
        #expect(throws: HTTPError.invalidHost) { try head("GET http://b/ HTTP/1.1") }
        #expect(throws: HTTPError.invalidHost) { try head("GET http://b/ HTTP/1.1", "Host: a, b") }
    }

    @Test("connections are kept by default in 1.1 and on request in 1.0")
    func keepAlive() throws {
        #expect(try head("GET / HTTP/1.1", "Host: a").keepAlive)
        #expect(try !head("GET / HTTP/1.1", "Host: a", "Connection: x, Close").keepAlive)
        #expect(try !head("GET / HTTP/1.1", "Host: a", "Connection: keep-alive", "Connection: close").keepAlive)
        #expect(try !head("GET / HTTP/1.0").keepAlive)
        #expect(try head("GET / HTTP/1.0", "Connection: Keep-Alive").keepAlive)
        #expect(try !head("GET / HTTP/1.0", "Connection: keep-alive, close").keepAlive)
    }

    @Test("only a client with a body waits for 100 Continue")
    func expectation() throws {
        let expect = "Expect: 100-Continue"
        #expect(try head("POST / HTTP/1.1", "Host: a", expect, "Content-Length: 1").expectsContinue)
        #expect(try head("POST / HTTP/1.1", "Host: a", expect, "Transfer-Encoding: chunked").expectsContinue)
        #expect(try !head("POST / HTTP/1.1", "Host: a", expect, "Content-Length: 0").expectsContinue)
        #expect(try !head("POST / HTTP/1.1", "Host: a", expect).expectsContinue)
        #expect(try !head("POST / HTTP/1.0", expect, "Content-Length: 1").expectsContinue)
        #expect(throws: HTTPError.unmetExpectation) { try head("GET / HTTP/1.1", "Host: a", "Expect: a miracle") }
        #expect(throws: HTTPError.unmetExpectation) { try head("GET / HTTP/1.1", "Host: a", expect, "Expect: x") }
        #expect(throws: HTTPError.unmetExpectation) { try head("GET / HTTP/1.1", "Host: a", "Expect:") }
    }

    @Test("the length of the body is known unless it comes in chunks")
    func contentLength() throws {
        #expect(try head("GET / HTTP/1.1", "Host: a").contentLength == 0)
        #expect(try head("GET / HTTP/1.1", "Host: a", "Content-Length: 0042").contentLength == 42)
        #expect(try head("GET / HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked").contentLength == nil)
    }

    @Test("a change to WebSocket is asked for by two fields of a 1.1 request")
    func upgrade() throws {
        let upgrade = "Upgrade: x, WebSocket"
        let connection = "Connection: keep-alive, Upgrade"
        #expect(try head("GET / HTTP/1.1", "Host: a", upgrade, connection).isWebSocketUpgrade)
        #expect(try !head("GET / HTTP/1.1", "Host: a", upgrade).isWebSocketUpgrade)
        #expect(try !head("GET / HTTP/1.1", "Host: a", connection).isWebSocketUpgrade)
        #expect(try !head("GET / HTTP/1.1", "Host: a", "Upgrade: h2c", connection).isWebSocketUpgrade)
        #expect(try !head("GET / HTTP/1.0", upgrade, connection).isWebSocketUpgrade)
    }

    @Test("query values are decoded, the first of several")
    func query() throws {
        let head = try head(
            "GET /x?a=1&token=a%2Bb+c&token=2&empty=&bare&b%61d=ok&bad=%zz&nul=%00&=x&a=b=c HTTP/1.1", "Host: a")
        #expect(head.queryValue("a") == "1")
        #expect(head.queryValue("token") == "a+b c")
        #expect(head.queryValue("empty") == "")
        #expect(head.queryValue("bare") == "")
        #expect(head.queryValue("bad") == "ok")
        #expect(head.queryValue("nul") == nil)
        #expect(head.queryValue("") == "x")
        #expect(head.queryValue("Token") == nil)
        #expect(head.queryValues("token") == ["a+b c", "2"] && head.queryValues("nul") == [nil])
        #expect(head.queryValues("bad") == ["ok", nil] && head.queryValues("Token").isEmpty)
        #expect(try self.head("GET / HTTP/1.1", "Host: a").queryValue("token") == nil)
    }

    @Test("path segments keep an escaped slash inside")
    func segments() throws {
        #expect(try head("GET /a/b%2Fc//d HTTP/1.1", "Host: a").pathSegments == ["a", "b/c", "", "d"])
        #expect(try head("GET / HTTP/1.1", "Host: a").pathSegments == [""])
        #expect(try head("GET http://a HTTP/1.1", "Host: a").pathSegments == [""])
        #expect(try head("OPTIONS * HTTP/1.1", "Host: a").pathSegments == ["*"])
    }

    @Test("dot segments are left as they are: nothing is ever walked")
    func dots() throws {
        #expect(try head("GET /a/%2e%2e/../b HTTP/1.1", "Host: a").path == "/a/../../b")
    }
}
