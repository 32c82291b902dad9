import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Reading fields")
struct MessageReaderTests {
    /// What `read` makes of `json`, or the message of its fault.
    private func outcome<Value>(
        _ json: String, _ read: (inout MessageReader) throws(WireError) -> Value?
    ) -> String {
        json.withRaw { bytes in
            var reader = MessageReader(bytes)
            reader.scope = "host."
            do throws(WireError) {
                guard let value = try read(&reader) else { return "nil" }
                try reader.finish()
                return "\(value)"
            } catch {
                return error.refusal.message
            }
        }
    }

    @Test(
        "Whole numbers",
        arguments: [
            ("5", "5"), (" 5 ", "5"), ("-3", "-3"), ("5.0", "5"), ("1e1", "10"), ("null", "nil"),
            ("11", "host.x: expected a whole number from -3 to 10"),
            ("5.5", "host.x: expected a whole number from -3 to 10"),
            ("1e99", "host.x: expected a whole number from -3 to 10"), ("\"5\"", "host.x: expected a number"),
            ("05", "not valid JSON (invalidNumber at byte 0)"), ("", "not valid JSON (unexpectedEnd at byte 0)"),
            ("5 5", "not valid JSON (trailingBytes at byte 2)"),
        ])
    func whole(json: String, expected: String) {
        #expect(outcome(json) { (reader) throws(WireError) in try reader.whole("x", in: -3...10) } == expected)
    }

    @Test(
        "Percentages",
        arguments: [
            ("0", "0.0"), ("100", "100.0"), ("33.25", "33.25"), ("-0.0", "-0.0"), ("null", "nil"),
            ("100.001", "host.x: expected a percentage, 0 to 100"),
            ("1e400", "host.x: expected a percentage, 0 to 100"),
            ("true", "host.x: expected a number"),
        ])
    func percent(json: String, expected: String) {
        #expect(outcome(json) { (reader) throws(WireError) in try reader.percent("x") } == expected)
    }

    @Test("Texts are limited by their decoded bytes")
    func text() {
        func read(_ json: String) -> String {
            outcome(json) { (reader) throws(WireError) in try reader.text("x", limit: 3) }
        }
        #expect(read("\"abc\"") == "abc")
        #expect(read("\"\\u0061\\u0062\\u0063\"") == "abc")
        #expect(read("\"abcd\"") == "host.x: longer than 3 bytes")
        #expect(read("\"éé\"") == "host.x: longer than 3 bytes")
        #expect(read("\"" + String(repeating: "x", count: 100) + "\"") == "host.x: longer than 3 bytes")
        #expect(read("{}") == "host.x: expected a string")
        #expect(read("\"\\ud800\"").hasPrefix("not valid JSON"))
    }

    @Test("Bytes have exactly their number, in padded base 64")
    func bytes() {
        func read(_ json: String) -> String {
            outcome(json) { (reader) throws(WireError) in try reader.bytes("x", count: 4) }
        }
        #expect(read("\"AAECAw==\"") == "[0, 1, 2, 3]")
        #expect(read("\"AAEC\\u0041w==\"") == "[0, 1, 2, 3]")
        for wrong in ["AAECAw", "AAECAw=", "AAEC", "AAECAwQ=", "AAECA_==", "", String(repeating: "A", count: 999)] {
            #expect(read("\"\(wrong)\"") == "host.x: expected 4 bytes in base 64", "\(wrong)")
        }
        #expect(read("5") == "host.x: expected a string of base 64")
    }

    @Test("A reader inside a message minds the depth around it")
    func depth() throws {
        let nested = String(repeating: "[", count: 30) + String(repeating: "]", count: 30)
        try nested.withRaw { bytes in
            var outer = MessageReader(bytes, insideDepth: 2)
            try outer.skip()
            var inner = MessageReader(bytes, insideDepth: 3)
            #expect(throws: WireError.self) { try inner.skip() }
        }
    }
}
