import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: arguments")
struct ArgumentDecoderTests {
    private func decode(_ json: String) throws -> [TaskArgument] {
        try json.withRaw { bytes in
            var reader = MessageReader(bytes)
            return try ArgumentDecoder.decode(&reader)
        }
    }

    @Test("They come in any order, and are kept by name")
    func order() throws {
        #expect(
            try decode("{\"b\":-9223372036854775808,\"a\\u005f1\":\"é\\n\",\"c\":true}") == [
                TaskArgument(name: "a_1", value: .text("é\n")), TaskArgument(name: "b", value: .integer(.min)),
                TaskArgument(name: "c", value: .boolean(true)),
            ])
        #expect(try decode("null").isEmpty)
        #expect(try decode("{}").isEmpty)
    }

    @Test(
        "What an argument may not be",
        arguments: [
            ("{\"a\":null}", "arguments.a"), ("{\"a\":[]}", "arguments.a"), ("{\"a\":{}}", "arguments.a"),
            ("{\"a\":1.5}", "arguments.a"), ("{\"a\":9223372036854775808}", "arguments.a"),
            ("{\"a\":\"x\\u0000\"}", "arguments.a"), ("{\"a\":1,\"b\":2,\"a\":1}", "arguments.a"),
            ("{\"a\":\"\(String(repeating: "x", count: Limits.argumentTextBytes + 1))\"}", "arguments.a"),
            ("{\"\":1}", "arguments"), ("{\"A\":1}", "arguments"), ("{\"a-b\":1}", "arguments"),
            ("{\"\(String(repeating: "n", count: Limits.argumentNameBytes + 1))\":1}", "arguments"),
            ("[]", "arguments"), ("{\"a\":tru}", ""),
        ])
    func refused(json: String, field: String) throws {
        let error = try #require(throws: WireError.self) { try decode(json) }
        #expect(error.refusal.code == .invalidMessage && error.field == field, "\(error.refusal.message)")
    }

    @Test("So many and no more")
    func count() throws {
        func json(_ count: Int) -> String { "{" + (0..<count).map { "\"a\($0)\":1" }.joined(separator: ",") + "}" }
        #expect(try decode(json(Limits.taskArguments)).count == Limits.taskArguments)
        #expect(throws: WireError.self) { try decode(json(Limits.taskArguments + 1)) }
    }
}
