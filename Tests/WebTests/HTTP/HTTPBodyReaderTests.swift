import Testing

@testable import Web

@Suite("HTTP bodies")
struct HTTPBodyReaderTests {
    private let limits = HTTPLimits(headBytes: 200, headerCount: 3, bodyBytes: 100)

    /// What is read of `text`: the body and, behind a bar, what is left unread once it has ended.
    private func read(_ text: String, _ framing: HTTPFraming, by count: Int) throws -> String {
        var reader = HTTPBodyReader(framing, limits: limits)
        var body = ""
        var hasEnded = false
        try Feeding.chopped([UInt8](text), by: count).forEach { cursor in
            reading: while !hasEnded {
                switch try reader.next(&cursor) {
                case .bytes(let bytes): body += String(decoding: bytes, as: UTF8.self)
                case .end: (hasEnded, body) = (true, body + "|")
                case nil: break reading
                }
            }
            if hasEnded { body += String(decoding: cursor.remaining, as: UTF8.self) }
        }
        return body
    }

    @Test("a body of a known length ends there", arguments: [1, 3, 1000])
    func length(count: Int) throws {
        #expect(try read("hello, rest", .length(5), by: count) == "hello|, rest")
        #expect(try read("hel", .length(5), by: count) == "hel")
    }

    @Test("an empty body ends without input")
    func empty() throws {
        var reader = HTTPBodyReader(.length(0), limits: limits)
        var cursor = InputCursor(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        guard case .end = try reader.next(&cursor) else {
            Issue.record("no end")
            return
        }
    }

    @Test("chunks are joined, their extensions and trailers dropped", arguments: [1, 2, 3, 7, 1000])
    func chunks(count: Int) throws {
        #expect(try read("5\r\nhello\r\n0\r\n\r\nrest", .chunked, by: count) == "hello|rest")
        #expect(try read("1\r\na\r\n0A;x=\"y\"\r\n0123456789\r\n00\r\n\r\n", .chunked, by: count) == "a0123456789|")
        #expect(try read("0;a\r\nA: 1\r\nB: 2\r\n\r\nGET", .chunked, by: count) == "|GET")
        #expect(try read("b\r\nhello\r\nworl", .chunked, by: count) == "hello\r\nworl")
    }

    @Test(
        "chunks that are framed otherwise fail",
        arguments: [
            "\r\n", ";a\r\n", " 5\r\n", "5 \r\n", "5\n", "5\rX", "-5\r\n", "+5\r\n", "0x5\r\n", "5g\r\n",
            "00000000000000005\r\n",
            "5\r\nhelloX\r\n", "5\r\nhello\n", "5\r\nhello\rX", "5;a\nhello", "5;\0\r\n", "5;a\u{1}\r\n",
            "1\r\na\r\n\r\n",
        ])
    func malformed(text: Quoted) {
        for count in [1, 1000] {
            #expect(throws: HTTPError.malformedChunk, "\(text.text)") { try read(text.text, .chunked, by: count) }
        }
    }

    @Test("bodies beyond their bound fail before they are read")
    func bounds() throws {
        let hundred = String(repeating: "x", count: 100)
        for count in [1, 1000] {
            #expect(try read("64\r\n\(hundred)\r\n0\r\n\r\n", .chunked, by: count) == hundred + "|")
            #expect(throws: HTTPError.bodyTooLarge) { try read("65\r\n", .chunked, by: count) }
            #expect(throws: HTTPError.bodyTooLarge) { try read("64\r\n\(hundred)\r\n1\r\n", .chunked, by: count) }
            #expect(throws: HTTPError.bodyTooLarge) { try read("ffffffffffffffff\r\n", .chunked, by: count) }
            #expect(throws: HTTPError.bodyTooLarge) { try read("7fffffffffffffff\r\n", .chunked, by: count) }
            #expect(throws: HTTPError.bodyTooLarge) { try read(hundred + "x", .untilClose, by: count) }
            #expect(try read(hundred, .untilClose, by: count) == hundred)
        }
    }

    @Test("extensions share one bound over all chunks")
    func extensions() throws {
        let chunk = "1;" + String(repeating: "e", count: 50) + "\r\na\r\n"
        #expect(try read(String(repeating: chunk, count: 4), .chunked, by: 1) == "aaaa")
        #expect(throws: HTTPError.malformedChunk) { try read(String(repeating: chunk, count: 5), .chunked, by: 1) }
    }

    @Test("trailers have the bounds and the grammar of a head")
    func trailers() {
        for count in [1, 1000] {
            #expect(throws: HTTPError.tooManyHeaders) { try read("0\r\nA:\r\nB:\r\nC:\r\nD:\r\n", .chunked, by: count) }
            #expect(throws: HTTPError.headTooLarge) {
                try read("0\r\nA: " + String(repeating: "x", count: 300), .chunked, by: count)
            }
            #expect(throws: HTTPError.malformedHeader) { try read("0\r\nA : b\r\n", .chunked, by: count) }
            #expect(throws: HTTPError.malformedLineEnd) { try read("0\r\n\n", .chunked, by: count) }
        }
    }
}
