import Testing

@testable import Web

@Suite("HTTP targets")
struct HTTPTargetTests {
    private func parse(_ text: String, method: String = "GET") throws -> HTTPTarget {
        try HTTPTarget([UInt8](text)[...], method: method)
    }

    @Test("the origin form has a path and a query")
    func origin() throws {
        let target = try parse("/a%20b/c?x=1?y&z=%zz")
        #expect(target.path == "/a b/c")
        #expect(target.rawPath == "/a%20b/c")
        #expect(target.query == "x=1?y&z=%zz")
        #expect(target.authority == nil)
        #expect(try parse("//a//b?").path == "//a//b")
        #expect(try parse("/?").query.isEmpty)
    }

    @Test("the absolute form names its authority")
    func absolute() throws {
        let target = try parse("HTTP://Example.com:80/a?b")
        #expect(target.authority == "Example.com:80")
        #expect(target.path == "/a")
        #expect(target.query == "b")
        #expect(try parse("http://a").path == "/")
        #expect(try parse("http://a?q").query == "q")
        #expect(try parse("wss://[::1]:9/x").authority == "[::1]:9")
        #expect(try parse("https://a/http://b/").path == "/http://b/")
    }

    @Test("the asterisk form is for OPTIONS")
    func asterisk() throws {
        #expect(try parse("*", method: "OPTIONS").path == "*")
        #expect(throws: HTTPError.malformedTarget) { try parse("*") }
        #expect(throws: HTTPError.malformedTarget) { try parse("**", method: "OPTIONS") }
    }

    @Test("tunnels are not built here")
    func connect() {
        #expect(throws: HTTPError.unsupportedMethod) { try parse("a:443", method: "CONNECT") }
    }

    @Test(
        "other forms, bad characters and bad escapes fail",
        arguments: [
            "", "a", "a/b", "?x", "example.com:80", "http:/a", "http://", "http:///", "http:///a", "http://?",
            "http://u@a/", "http://u:p@a/", "http://a b/", "http://a:b/", "http://a:65536/", "http://a:1:2/",
            "http://[::1/", "http://[]/", "http://[g::]/", "http://[::1]x/", "http://a%41/", "ftp://a/", "file:///a",
            "javascript:a", "/a#b", "/a b", "/\u{7F}", "/é", "/<a>", "/\"", "/a\\b", "/\\..\\b", "/%00", "/%", "/%2",
            "/%zz", "/%ff", "/%0d%0a", "/a%5", "/\t",
        ])
    func rejects(text: Quoted) {
        #expect(throws: HTTPError.malformedTarget) { try parse(text.text) }
    }

    @Test(
        "authorities are names or addresses, with or without a port",
        arguments: [
            "a", "a.b-c_d~e", "127.0.0.1", "127.0.0.1:0", "a:", "a:65535", "[::1]", "[::1]:80", "[::ffff:1.2.3.4]",
            "[::]:",
        ])
    func authorities(text: String) { #expect(HTTPTarget.isAuthority(text.utf8)) }

    @Test(
        "what is no authority is none",
        arguments: [
            "", ":", ":80", "a b", "a,b", "a/b", "a@b", "a?b", "a#b", "a:99999", "a:123456", "a:-1", "a:8 ", "a::",
            "[]",
            "[:", "[a]", "[::1]]", "[::1]:x", "[::1]80", "::1", "é", "a\0", "a;b", "%41",
        ])
    func noAuthorities(text: Quoted) { #expect(!HTTPTarget.isAuthority(text.text.utf8)) }
}
