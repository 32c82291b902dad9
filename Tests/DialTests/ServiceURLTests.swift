import Testing

@testable import Dial

struct ServiceURLTests {
    @Test(arguments: [
        ("ws://127.0.0.1:3001", "127.0.0.1", 3001, "/", "127.0.0.1:3001"),
        ("ws://example.org", "example.org", 80, "/", "example.org"),
        ("HTTP://example.org:80/a/b?c=d", "example.org", 80, "/a/b?c=d", "example.org"),
        ("ws://[::1]:9/x", "::1", 9, "/x", "[::1]:9"),
        ("ws://[2001:db8::1]", "2001:db8::1", 80, "/", "[2001:db8::1]"),
        ("http://host?token=1", "host", 80, "/?token=1", "host"),
    ])
    func readsAURL(text: String, host: String, port: UInt16, target: String, field: String) throws {
        let url = try ServiceURL(parsing: text)
        #expect(url.host == host && url.port == port && url.target == target && url.hostField == field)
    }

    @Test(
        arguments: [
            ("", .unknownScheme), ("127.0.0.1:3001", .unknownScheme), ("ftp://x", .unknownScheme),
            ("ws://user:secret@host/", .credentials), ("ws://user@host/", .credentials),
            ("ws://", .badHost), ("ws://:80", .badHost), ("ws:///path", .badHost), ("ws://a b", .badHost),
            ("ws://[::1", .badHost), ("ws://[::1]80", .badHost), ("ws://[host]:80", .badHost), ("ws://::1/", .badHost),
            ("ws://host:", .badPort), ("ws://host:0", .badPort), ("ws://host:65536", .badPort),
            ("ws://host:+1", .badPort),
            ("ws://host/a b", .badPath), ("ws://host/ä", .badPath), ("ws://host/#part", .badPath),
            ("ws://host/\r\nX: y", .badPath),
        ] as [(String, ServiceURLError)])
    func refusesWhatIsNone(text: String, error: ServiceURLError) {
        #expect(throws: error) { _ = try ServiceURL(parsing: text) }
    }

    @Test func logsNoQuery() throws {
        #expect(try ServiceURL(parsing: "ws://host.test:1/ws?token=secret").description == "ws://host.test:1/ws?…")
        #expect(try ServiceURL(parsing: "ws://[::1]:1/ws").description == "ws://[::1]:1/ws")
    }

    @Test func keepsItsServiceAtAnotherPath() throws {
        let url = try ServiceURL(parsing: "http://host.test:1/ws").with(target: "/api/v1/nodes")
        #expect(url.description == "http://host.test:1/api/v1/nodes")
        #expect(throws: ServiceURLError.badPath) { _ = try url.with(target: "nodes") }
    }

    @Test(arguments: [("wss://host.test/ws", true), ("HTTPS://host.test", true), ("ws://host.test:443", false)])
    func tlsIsAskedForByTheScheme(text: String, isSecure: Bool) throws {
        let url = try ServiceURL(parsing: text)
        #expect(url.isSecure == isSecure && url.port == 443)
        #expect(url.hostField == (isSecure ? "host.test" : "host.test:443"))
        #expect(try url.with(target: "/x").isSecure == isSecure)
    }
}
