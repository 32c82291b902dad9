import Foundation
import Testing

@testable import neurogridctl

@Suite struct TaskViewTests {
    /// The golden bodies of the REST interface.
    private func golden<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Fixtures/wire/rest/\(name).json")
        return try RESTClient.decode([UInt8](try Data(contentsOf: file)), as: type)
    }

    @Test func goldenBodiesAreRead() throws {
        let task = try golden("task", as: TaskView.self)
        #expect(task.hasEnded && task.cost?.amount.money == "0.0052" && task.result?.exitStatus == 0)
        #expect(TaskLines.ending(of: task) == "task 7 completed: ok, exit status 0, 2.34 s, 0.0052 NEURO")
        #expect(try golden("jobs", as: JobPage.self).jobs.first?.counts["running"] == 1)
        #expect(try golden("task_log", as: LogView.self).chunks.map(\.stream) == ["stdout", "stderr"])
    }

    @Test func whyNamesBothNodesAndWhatLaysBetween() throws {
        let text = WhyCommand.text(try golden("task", as: TaskView.self))
        #expect(text.contains("winner     0f8fad5b-d9cb-469f-a165-70867728950e"), "\(text)")
        #expect(text.contains("runner-up  00000000-0000-0001-8000-000000000002"))
        #expect(text.contains("the runner-up would have been 0.0205 credits an hour dearer"))
        #expect(WhyCommand.text(try golden("task_running", as: TaskView.self)).contains("no other node would do"))
        var waiting = try golden("task", as: TaskView.self)
        waiting.members = []
        waiting.status = "pending"
        #expect(WhyCommand.text(waiting) == "task 7 is pending and has no place\n")
    }

    @Test func theBarShowsHowFarItIs() throws {
        var task = try golden("task_running", as: TaskView.self)
        #expect(!task.hasEnded)
        #expect(
            ProgressBar.line(task)
                == String(repeating: "█", count: 19) + String(repeating: "░", count: 11)
                + "  65 %  burning  step 13 of 20  45 s left")
        task.progress = 100
        #expect(!ProgressBar.line(task).contains("░"))
        task.progress = nil
        task.status = "pending"
        #expect(ProgressBar.line(task) == String(repeating: "░", count: 30) + "  pending")
        task.progress = 5
        task.stage = "\u{1B}[2J" + String(repeating: "x", count: 200)
        #expect(ProgressBar.line(task).count <= 80 && !ProgressBar.line(task).contains("\u{1B}"))
    }

    @Test func outputKeepsItsLinesAndNothingThatSteers() {
        #expect("a\tb\nc\u{1B}[31m\r\n".harmlessLines == "a\tb\nc·[31m·\n")
    }
}
