import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: reports")
struct TaskReportDecoderTests {
    /// The field at fault in the golden message with `value` at `key`; `nil` where it is taken.
    private func fault(_ name: String, _ key: String, _ value: String?) throws -> String? {
        let text = try Goldens.text("agent/" + name)
        // Fields that the golden message lacks are tried behind those it has.
        let tree = try JSONTree(String(text.dropLast()) + (text.contains("\"\(key)\":") ? "}" : ",\"\(key)\":null}"))
        do {
            _ = try tree.replacing([key], by: value.map { .scalar($0) }).text
                .withRaw { try AgentCodec.decodeAgentMessage($0) }
            return nil
        } catch let error as WireError {
            #expect(error.refusal.code == .invalidMessage)
            #expect(error.refusal.message.hasPrefix(error.field))
            return error.field
        }
    }

    private static func letters(_ count: Int) -> String { "\"\(String(repeating: "x", count: count))\"" }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test(
        "Ranges end where they say",
        arguments: [
            ("started", "task", "\"x\"", false), ("started", "epoch", "0", false), ("started", "member", "1023", true),
            ("started", "member", "1024", false), ("started", "member", nil, false),
            ("progress", "percent", "0", true), ("progress", "percent", "100", true),
            ("progress", "percent", "101", false), ("progress", "percent", "-1", false),
            ("progress", "percent", "50.5", false), ("progress", "seq", "0", false),
            ("progress", "eta_seconds", "-1", false), ("progress", "eta_seconds", "\(Limits.taskSeconds)", true),
            ("progress", "eta_seconds", "\(Limits.taskSeconds + 1)", false),
            ("progress", "stage", letters(Limits.stageBytes), true),
            ("progress", "stage", letters(Limits.stageBytes + 1), false),
            ("progress", "message", letters(Limits.taskMessageBytes + 1), false),
            ("log", "text", letters(Limits.logChunkBytes), true),
            ("log", "text", letters(Limits.logChunkBytes + 1), false), ("log", "text", nil, false),
            ("log", "stream", "\"stdin\"", false), ("log", "offset", "-1", false),
            ("log", "offset", "9223372036854775807", true), ("log", "offset", "9223372036854775808", false),
            ("result", "fault", "\"mood\"", false), ("result", "fault", "\"exit_status\"", true),
            ("result", "fault", nil, true), ("result", "exit_status", "256", false), ("result", "signal", "0", false),
            ("result", "signal", "64", true), ("result", "signal", "65", false), ("result", "ran_ms", nil, false),
            ("result", "ran_ms", "-1", false), ("result", "ran_ms", "\(2 * Limits.taskSeconds * 1000 + 1)", false),
            ("result", "message", letters(Limits.taskMessageBytes), true),
            ("result", "message", letters(Limits.taskMessageBytes + 1), false), ("result", "digest", "\"AAEC\"", false),
            ("result", "output", letters(Limits.taskOutputBytes - 2), true),
            ("result", "output", letters(Limits.taskOutputBytes - 1), false),
            ("result", "output", nested(Limits.taskValueDepth), true),
            ("result", "output", nested(Limits.taskValueDepth + 1), false), ("result", "output", "null", true),
        ] as [(String, String, String?, Bool)])
    func ranges(name: String, key: String, value: String?, isTaken: Bool) throws {
        #expect(try fault(name, key, value) == (isTaken ? nil : key))
    }

    @Test("A result's output stays as it was written, its newlines included")
    func output() throws {
        let value = "{ \"text\" :\r\n\"a\\nb\", \"n\": 1.00 }"
        let text = try JSONTree(Goldens.text("agent/result")).replacing(["output"], by: .scalar(value)).text
        guard case .report(let report) = try text.withRaw({ try AgentCodec.decodeAgentMessage($0) }),
            case .ended(let outcome) = report.body
        else {
            Issue.record("no result")
            return
        }
        #expect(outcome.output == value)
        let again = written { AgentCodec.encode(AgentMessage.report(report), into: &$0) }
        #expect(again.contains(value))
    }

    @Test("Runs are distinct and few, and a fault in one is named")
    func runs() throws {
        func message(_ runs: [String]) -> String { "{\"type\":\"runs\",\"runs\":[\(runs.joined(separator: ","))]}" }
        func run(_ epoch: Int, _ rest: String = ",\"ended\":true") -> String {
            "{\"task\":\"\(AgentGoldens.task)\",\"epoch\":\(epoch),\"member\":0\(rest)}"
        }
        let most = message((1...Limits.runsPerNode).map { run($0) })
        guard case .runs(let held) = try most.withRaw({ try AgentCodec.decodeAgentMessage($0) }) else {
            Issue.record("no runs")
            return
        }
        #expect(held.map(\.run.epoch) == (1...UInt64(Limits.runsPerNode)).map { $0 })
        for (text, field) in [
            (message((1...Limits.runsPerNode + 1).map { run($0) }), "runs"), (message([run(1), run(1)]), "runs"),
            (message([run(0)]), "runs.epoch"), (message([run(1, "")]), "runs.ended"), (message(["null"]), "runs"),
            ("{\"type\":\"runs\"}", "runs"),
        ] {
            let error = try #require(throws: WireError.self) {
                try text.withRaw { try AgentCodec.decodeAgentMessage($0) }
            }
            #expect(error.field == field && error.refusal.code == .invalidMessage)
        }
        #expect(try message([]).withRaw { try AgentCodec.decodeAgentMessage($0) } == .runs([]))
    }
}
