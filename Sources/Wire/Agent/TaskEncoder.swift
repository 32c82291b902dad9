import Bytes
import Grid

/// Writes the messages about runs. Absent facts are left out, and what the reader would refuse is cut, moved to its
/// range, or left out as well.
enum TaskEncoder {
    // MARK: The coordinator's

    static func write(_ order: TaskOrder, to writer: inout JSONWriter) {
        switch order {
        case .assign(let assignment): write(assignment, to: &writer)
        case .cancel(let run):
            begin("cancel", run, to: &writer)
            writer.endObject()
        case .stop(let run, let reason):
            begin("stop", run, to: &writer)
            writer.field("reason", reason.rawValue)
            writer.endObject()
        case .settled(let run, let counted):
            begin("settled", run, to: &writer)
            writer.field("counted", counted)
            writer.endObject()
        }
    }

    private static func write(_ assignment: RunAssignment, to writer: inout JSONWriter) {
        begin("assign", assignment.run, to: &writer)
        writer.field("runner", assignment.runner)
        writer.key("arguments")
        arguments(assignment.arguments, to: &writer)
        if !assignment.input.isEmpty { writer.field("input", verbatim: assignment.input) }
        writer.key("gpus")
        writer.beginArray()
        var rest = assignment.gpus
        while rest != 0 {
            writer.int(rest.trailingZeroBitCount)
            rest &= rest &- 1
        }
        writer.endArray()
        writer.field("gpu_milli", assignment.milliPerGPU)
        writer.field("cpu_milli", assignment.cpuMilli)
        writer.field("memory_mib", assignment.memoryMebibytes)
        writer.field("timeout_seconds", assignment.timeoutSeconds)
        writer.field("gang_size", assignment.gangSize)
        writer.field("lease_ms", assignment.leaseMilliseconds)
        writer.endObject()
    }

    /// A task's arguments as an object.
    static func arguments(_ arguments: [TaskArgument], to writer: inout JSONWriter) {
        writer.beginObject()
        for argument in arguments {
            writer.key(argument.name)
            switch argument.value {
            case .text(let text): writer.string(text)
            case .integer(let number): writer.int(number)
            case .boolean(let value): writer.bool(value)
            }
        }
        writer.endObject()
    }

    // MARK: The agent's

    static func write(_ report: TaskReport, to writer: inout JSONWriter) {
        switch report.body {
        case .started: begin("started", report.run, to: &writer)
        case .progress(let progress):
            begin("progress", report.run, to: &writer)
            fields(progress, to: &writer)
        case .log(let chunk):
            begin("log", report.run, to: &writer)
            writer.field("stream", chunk.stream.name)
            writer.field("offset", chunk.offset)
            writer.field("text", chunk.text.cut(to: Limits.logChunkBytes))
        case .ended(let outcome):
            begin("result", report.run, to: &writer)
            fields(outcome, to: &writer)
        }
        writer.endObject()
    }

    private static func fields(_ progress: ProgressReport, to writer: inout JSONWriter) {
        writer.field("seq", progress.sequence)
        writer.field("percent", progress.percent.held(in: TaskRanges.percent))
        if let stage = progress.stage { writer.field("stage", stage.cut(to: Limits.stageBytes)) }
        if let message = progress.message { writer.field("message", message.cut(to: Limits.taskMessageBytes)) }
        if let eta = progress.etaSeconds, TaskRanges.etaSeconds.contains(eta) { writer.field("eta_seconds", eta) }
    }

    private static func fields(_ outcome: RunOutcome, to writer: inout JSONWriter) {
        writer.field("fault", outcome.fault?.rawValue)
        if let status = outcome.exitStatus, TaskRanges.exitStatus.contains(status) {
            writer.field("exit_status", status)
        }
        if let signal = outcome.signal, TaskRanges.signal.contains(signal) { writer.field("signal", signal) }
        writer.field("ran_ms", outcome.ranMilliseconds.held(in: TaskRanges.ranMilliseconds))
        if TaskValue.isOutput(outcome.output) { writer.field("output", verbatim: outcome.output) }
        if !outcome.message.isEmpty { writer.field("message", outcome.message.cut(to: Limits.taskMessageBytes)) }
        if let digest = outcome.digest { writer.field("digest", base64: digest.bytes) }
    }

    static func write(_ runs: [RunHolding], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "runs")
        writer.key("runs")
        writer.beginArray()
        for holding in runs.prefix(Limits.runsPerNode) {
            writer.beginObject()
            fields(holding.run, to: &writer)
            writer.field("ended", holding.hasEnded)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    // MARK: What all have

    private static func begin(_ type: StaticString, _ run: RunID, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: type)
        fields(run, to: &writer)
    }

    private static func fields(_ run: RunID, to writer: inout JSONWriter) {
        writer.field("task", run.task)
        writer.field("epoch", run.epoch)
        writer.field("member", run.member)
    }
}

extension Comparable {
    /// The value of the range that is nearest to this one.
    fileprivate func held(in range: ClosedRange<Self>) -> Self {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
