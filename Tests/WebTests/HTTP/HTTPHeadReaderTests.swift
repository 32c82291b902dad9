import Testing

@testable import Web

@Suite("HTTP head reader")
struct HTTPHeadReaderTests {
    private func lines(_ text: String, by count: Int, atMost bound: Int = 100) throws -> [String] {
        var reader = HTTPHeadReader(limits: HTTPLimits())
        var lines: [String] = []
        try Feeding.chopped([UInt8](text), by: count).forEach { cursor in
            while let line = try reader.line(&cursor, atMost: bound, orElse: .targetTooLong) {
                lines.append(Array(reader.text(of: line)).text)
            }
        }
        return lines
    }

    @Test("lines come out whole however they arrive", arguments: [1, 2, 3, 5, 1000])
    func pieces(count: Int) throws {
        #expect(try lines("one\r\n\r\ntwo three\r\nunfinished", by: count) == ["one", "", "two three"])
    }

    @Test(
        "a line ends with CR LF",
        arguments: ["a\n", "\n", "a\r\n\n"])
    func lineEnds(text: Quoted) {
        for count in [1, 2, 1000] {
            #expect(throws: HTTPError.malformedLineEnd) { try lines(text.text, by: count) }
        }
    }

    @Test("a line beyond its bound fails, ended or not", arguments: [1, 4, 1000])
    func bound(count: Int) throws {
        #expect(try lines("123456\r\n", by: count, atMost: 8) == ["123456"])
        #expect(throws: HTTPError.targetTooLong) { try lines("1234567\r\n", by: count, atMost: 8) }
        #expect(throws: HTTPError.targetTooLong) { try lines("123456789", by: count, atMost: 8) }
    }

    @Test("fields are trimmed and noted, and the reader starts afresh")
    func fields() throws {
        var reader = HTTPHeadReader(limits: HTTPLimits())
        for _ in 0..<2 {
            try Feeding.whole([UInt8]("A:1\r\nB: \t2 3\t \r\nC:\r\n\r\nrest")).forEach { cursor in
                let isComplete = try reader.fields(&cursor)
                #expect(isComplete)
                #expect(reader.finish() == HTTPHeaders([("A", "1"), ("B", "2 3"), ("C", "")]))
                #expect([UInt8](cursor.remaining).text == "rest")
            }
        }
    }

    @Test("a head that never ends keeps no more than its bound")
    func endless() {
        var reader = HTTPHeadReader(limits: HTTPLimits(headBytes: 1000))
        var read = 0
        #expect(throws: HTTPError.headTooLarge) {
            while read < 100_000 {
                try Feeding.whole([UInt8](repeating: 97, count: 100)).forEach { _ = try reader.fields(&$0) }
                read += 100
            }
        }
        #expect(read <= 1000)
    }
}
