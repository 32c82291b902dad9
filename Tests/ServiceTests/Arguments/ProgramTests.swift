import Service
import Testing

@Suite struct ProgramTests {
    /// The process's own command line is the test runner's, which this program does not understand.
    @Test func aWrongLineExitsWith64AndSaysWhyOnStandardError() async {
        let result = await #expect(processExitsWith: .exitCode(64), observing: [\.standardErrorContent]) {
            let command = Command("only-this", summary: "")
            _ = Program(name: "grid", summary: "", version: "1", commands: [command]).argumentsOrExit()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.hasPrefix("grid: "))
        #expect(text.contains("see --help") || text.contains("is needed"))
    }
}
