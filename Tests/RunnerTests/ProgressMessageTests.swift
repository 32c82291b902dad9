import Bytes
import Grid
import Testing

@testable import Runner

@Suite struct ProgressMessageTests {
    private func read(_ text: String) throws -> ProgressMessage {
        try Array(text.utf8).withUnsafeBytes { bytes in try ProgressMessage(bytes) }
    }

    @Test func linesAreRead() throws {
        #expect(try read("{\"percent\":65.9}") == ProgressMessage(percent: 65))
        #expect(
            try read("{\"stage\":\"train\",\"percent\":100,\"message\":null,\"eta_seconds\":1.2,\"new\":[1]}")
                == ProgressMessage(percent: 100, stage: "train", etaSeconds: 2))
        let message = ProgressMessage(percent: 5, stage: "ß\"", message: "m", etaSeconds: 9)
        #expect(try message.line.withBytes { bytes in try ProgressMessage(bytes) } == message)
    }

    @Test(arguments: [
        "", "65", "[]", "{}", "{\"percent\":-1}", "{\"percent\":100.5}", "{\"percent\":\"5\"}", "{\"percent\":5} x",
        "{\"percent\":5,\"eta_seconds\":-1}", "{\"percent\":5,\"eta_seconds\":1e300}", "{\"percent\":1e400}",
    ])
    func othersAreRefused(text: String) {
        #expect(throws: ProgressMessage.Fault.self) { try read(text) }
    }

    @Test func textsAreBounded() {
        let long = String(repeating: "x", count: Limits.stageBytes + 1)
        #expect(throws: ProgressMessage.Fault.self) { try read("{\"percent\":5,\"stage\":\"\(long)\"}") }
    }
}
