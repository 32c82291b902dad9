import Grid
import Testing

@testable import Wire

@Suite("A task's value")
struct TaskValueTests {
    @Test(
        "One JSON value",
        arguments: [
            ("null", true), (" {\"a\":[1,\n2]} ", true), ("\"é\"", true), ("", false), ("  ", false), ("{", false),
            ("1 2", false), ("nul", false), ("{\"a\":}", false), ("\"\n\"", false),
        ])
    func syntax(json: String, isValue: Bool) {
        #expect(TaskValue.isOutput(json) == isValue)
    }

    @Test("Neither too long nor too deep")
    func limits() {
        func text(_ bytes: Int) -> String { "\"" + String(repeating: "x", count: bytes - 2) + "\"" }
        #expect(TaskValue.isOutput(text(Limits.taskOutputBytes)))
        #expect(!TaskValue.isOutput(text(Limits.taskOutputBytes + 1)))
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(TaskValue.isOutput(nested(Limits.taskValueDepth)))
        #expect(!TaskValue.isOutput(nested(Limits.taskValueDepth + 1)))
    }
}
