import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: tasks, both ways")
struct TaskEncoderTests {
    @Test("Whatever a coordinator orders is read as it was written", arguments: 0..<8 as Range<UInt64>)
    func orders(seed: UInt64) throws {
        var generator = Seeded(seed)
        for _ in 0..<200 {
            let message = CoordinatorMessage.order(TaskMaker.order(using: &generator))
            let text = written { AgentCodec.encode(message, into: &$0) }
            #expect(try text.withRaw { try AgentCodec.decodeCoordinatorMessage($0) } == message, "\(text)")
        }
    }

    @Test("Whatever an agent reports is read as it was written", arguments: 0..<8 as Range<UInt64>)
    func reports(seed: UInt64) throws {
        var generator = Seeded(seed)
        for round in 0..<200 {
            let message: AgentMessage =
                round % 20 == 0
                ? .runs(TaskMaker.holdings(using: &generator)) : .report(TaskMaker.report(using: &generator))
            let text = written { AgentCodec.encode(message, into: &$0) }
            #expect(text.utf8.count <= Limits.messageBytes)
            #expect(try text.withRaw { try AgentCodec.decodeAgentMessage($0) } == message, "\(text)")
        }
    }

    @Test("The largest messages fit a frame")
    func largest() {
        let arguments = (0..<Limits.taskArguments).map { number in
            TaskArgument(
                name: String(repeating: "n", count: Limits.argumentNameBytes - 2) + "\(number + 10)",
                value: .text(String(repeating: "\"", count: Limits.argumentTextBytes)))
        }
        var assignment = AgentGoldens.assignment
        assignment.arguments = arguments
        assignment.input = "\"" + String(repeating: "x", count: Limits.taskInputBytes - 2) + "\""
        let assign = written { AgentCodec.encode(CoordinatorMessage.order(.assign(assignment)), into: &$0) }
        #expect(assign.utf8.count <= Limits.messageBytes)
        let chunk = LogChunk(
            stream: .stderr, offset: 0, text: String(repeating: "\u{1}", count: Limits.logChunkBytes))
        let report = TaskReport(run: AgentGoldens.run, body: .log(chunk))
        #expect(written { AgentCodec.encode(AgentMessage.report(report), into: &$0) }.utf8.count <= Limits.messageBytes)
    }

    @Test("What a runner made too large is cut, held in its range or left out, never refused")
    func excess() throws {
        var progress = ProgressReport(sequence: 1, percent: 101)
        progress.stage = String(repeating: "s", count: Limits.stageBytes + 1)
        progress.message = String(repeating: "é", count: Limits.taskMessageBytes)
        progress.etaSeconds = -1
        var outcome = RunOutcome()
        outcome.exitStatus = 256
        outcome.signal = 0
        outcome.ranMilliseconds = .max
        outcome.output = "{\"a\":"
        outcome.message = String(repeating: "m", count: Limits.taskMessageBytes + 1)
        let text = String(repeating: "x", count: Limits.logChunkBytes + 1)
        for body: TaskReport.Body in [
            .progress(progress), .ended(outcome), .log(LogChunk(stream: .stdout, offset: 0, text: text)),
        ] {
            let report = TaskReport(run: AgentGoldens.run, body: body)
            let json = written { AgentCodec.encode(AgentMessage.report(report), into: &$0) }
            guard case .report(let read) = try json.withRaw({ try AgentCodec.decodeAgentMessage($0) }) else {
                Issue.record("not a report: \(json)")
                continue
            }
            #expect(read.run == AgentGoldens.run)
            switch read.body {
            case .progress(let read):
                #expect(read.percent == 100 && read.etaSeconds == nil)
                #expect(read.stage?.utf8.count == Limits.stageBytes)
                #expect(read.message == String(repeating: "é", count: Limits.taskMessageBytes / 2))
            case .ended(let read):
                #expect(read.exitStatus == nil && read.signal == nil && read.output.isEmpty)
                #expect(read.ranMilliseconds == 2 * Limits.taskSeconds * 1000)
                #expect(read.message.utf8.count == Limits.taskMessageBytes)
            case .log(let read):
                #expect(read.text.utf8.count == Limits.logChunkBytes)
            case .started: Issue.record("nothing but started")
            }
        }
    }
}
