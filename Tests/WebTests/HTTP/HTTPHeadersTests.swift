import Testing

@testable import Web

@Suite("HTTP headers")
struct HTTPHeadersTests {
    private let headers = HTTPHeaders([
        ("Host", "a"), ("Accept", "x, y"), ("ACCEPT", ",, z ,"), ("Empty", ""), ("Name", "Müller"),
    ])

    @Test("a field is found whatever the case of its name, the first of several")
    func lookup() {
        #expect(headers["host"] == "a")
        #expect(headers["HOST"] == "a")
        #expect(headers["accept"] == "x, y")
        #expect(headers["empty"] == "")
        #expect(headers["name"] == "Müller")
        #expect(headers["hos"] == nil)
        #expect(headers.all("accept") == ["x, y", ",, z ,"])
        #expect(headers.all("none").isEmpty)
        #expect(headers.count(of: "Accept") == 2)
    }

    @Test("lists are joined over fields, trimmed, without empty elements")
    func lists() {
        #expect(headers.list("accept") == ["x", "y", "z"])
        #expect(headers.list("empty").isEmpty)
        #expect(headers.list("accept", contains: "Z"))
        #expect(!headers.list("accept", contains: "x, y"))
    }

    @Test("fields keep their order and spelling")
    func order() {
        #expect(headers.count == 5)
        #expect((0..<5).map(headers.name(at:)) == ["Host", "Accept", "ACCEPT", "Empty", "Name"])
        #expect(headers.value(at: 2) == ",, z ,")
    }

    @Test("bytes that are no UTF-8 become replacement characters")
    func repaired() throws {
        let text = [UInt8]("GET / HTTP/1.1\r\nHost: a\r\nX: a") + [0xFF, 0xE9] + [UInt8]("\r\n\r\n")
        var parser = HTTPRequestParser()
        try Feeding.whole(text).forEach { cursor in
            guard case .head(let head) = try parser.next(&cursor) else {
                Issue.record("no head")
                return
            }
            #expect(head.headers["x"] == "a\u{FFFD}\u{FFFD}")
        }
    }

    @Test("headers are equal when their fields are, wherever their text lies")
    func equality() throws {
        let parsed = try #require(try requestHead("GET / HTTP/1.1\r\nHost: a\r\nX:  1 \r\n\r\n"))
        #expect(parsed.headers == HTTPHeaders([("Host", "a"), ("X", "1")]))
        #expect(parsed.headers != HTTPHeaders([("Host", "a"), ("X", "2")]))
        #expect(parsed.headers != HTTPHeaders([("Host", "a"), ("Y", "1")]))
        #expect(parsed.headers != HTTPHeaders([("Host", "a")]))
    }

    @Test("a value with a line end, or a name that is no token, traps")
    func splitting() async {
        await #expect(processExitsWith: .failure) { _ = HTTPHeaders([("A", "b\r\nc: d")]) }
        await #expect(processExitsWith: .failure) { _ = HTTPHeaders([("A b", "c")]) }
    }
}
