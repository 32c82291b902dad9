import Bytes
import Grid

/// Reads what an agent says about its runs: `started`, `progress`, `log`, `result`, and `runs`.
enum TaskReportDecoder {
    /// A message that has nothing but its run.
    static func run(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> RunID {
        var reader = try AgentDecoder.open(bytes)
        var run = RunReader()
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            try reader.skip()
        }
        try reader.finish()
        return try run.run(reader)
    }

    static func started(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskReport {
        TaskReport(run: try run(bytes), body: .started)
    }

    static func progress(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskReport {
        var reader = try AgentDecoder.open(bytes)
        var run = RunReader()
        var sequence: UInt64?
        var percent: Int?
        var stage: String?
        var message: String?
        var etaSeconds: Int64?
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            switch key {
            case "seq": sequence = try reader.whole("seq", in: TaskRanges.sequence)
            case "percent": percent = try reader.whole("percent", in: TaskRanges.percent)
            case "stage": stage = try reader.text("stage", limit: Limits.stageBytes)
            case "message": message = try reader.text("message", limit: Limits.taskMessageBytes)
            case "eta_seconds": etaSeconds = try reader.whole("eta_seconds", in: TaskRanges.etaSeconds)
            default: try reader.skip()
            }
        }
        try reader.finish()
        var progress = ProgressReport(
            sequence: try reader.required(sequence, "seq"), percent: try reader.required(percent, "percent"))
        progress.stage = stage
        progress.message = message
        progress.etaSeconds = etaSeconds
        return TaskReport(run: try run.run(reader), body: .progress(progress))
    }

    static func log(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskReport {
        var reader = try AgentDecoder.open(bytes)
        var run = RunReader()
        var stream: LogChunk.Stream?
        var offset: UInt64?
        var text: String?
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            switch key {
            case "stream":
                stream = try reader.choice("stream", "expected stdout or stderr") { name in
                    LogChunk.Stream.allCases.first { $0.name == name }
                }
            case "offset": offset = try reader.whole("offset", in: TaskRanges.logOffset)
            case "text": text = try reader.text("text", limit: Limits.logChunkBytes)
            default: try reader.skip()
            }
        }
        try reader.finish()
        let chunk = LogChunk(
            stream: try reader.required(stream, "stream"), offset: try reader.required(offset, "offset"),
            text: try reader.required(text, "text"))
        return TaskReport(run: try run.run(reader), body: .log(chunk))
    }

    static func result(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskReport {
        var reader = try AgentDecoder.open(bytes)
        var run = RunReader()
        var outcome = RunOutcome()
        var ranMilliseconds: Int64?
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            switch key {
            case "fault": outcome.fault = try reader.choice("fault", "not a fault") { TaskFault(rawValue: $0) }
            case "exit_status": outcome.exitStatus = try reader.whole("exit_status", in: TaskRanges.exitStatus)
            case "signal": outcome.signal = try reader.whole("signal", in: TaskRanges.signal)
            case "ran_ms": ranMilliseconds = try reader.whole("ran_ms", in: TaskRanges.ranMilliseconds)
            case "output":
                outcome.output = try reader.value("output", limit: Limits.taskOutputBytes) ?? ""
                guard outcome.output.isEmpty || TaskValue.isOutput(outcome.output) else {
                    throw reader.fault("output", "nested too deep")
                }
            case "message": outcome.message = try reader.text("message", limit: Limits.taskMessageBytes) ?? ""
            case "digest": outcome.digest = try reader.bytes("digest", count: 32).map { Digest256(bytes: $0) }
            default: try reader.skip()
            }
        }
        try reader.finish()
        outcome.ranMilliseconds = try reader.required(ranMilliseconds, "ran_ms")
        return TaskReport(run: try run.run(reader), body: .ended(outcome))
    }

    static func runs(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [RunHolding] {
        var reader = try AgentDecoder.open(bytes)
        var runs: [RunHolding]?
        while let key = try reader.nextKey() {
            switch key {
            case "runs": runs = try holdings(&reader)
            default: try reader.skip()
            }
        }
        try reader.finish()
        return try reader.required(runs, "runs")
    }

    private static func holdings(_ reader: inout MessageReader) throws(WireError) -> [RunHolding]? {
        guard try reader.beginArray("runs") else { return nil }
        var runs: [RunHolding] = []
        var seen: Set<RunID> = []
        while try reader.nextElement() {
            guard runs.count < Limits.runsPerNode else {
                throw reader.fault("runs", "more than \(Limits.runsPerNode)")
            }
            guard try reader.beginObject("runs") else { throw reader.missing("runs") }
            let holding = try holding(&reader)
            guard seen.insert(holding.run).inserted else { throw reader.fault("runs", "one stands twice") }
            runs.append(holding)
        }
        return runs
    }

    private static func holding(_ reader: inout MessageReader) throws(WireError) -> RunHolding {
        reader.scope = "runs."
        var run = RunReader()
        var hasEnded: Bool?
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            switch key {
            case "ended": hasEnded = try reader.bool("ended")
            default: try reader.skip()
            }
        }
        let holding = RunHolding(run: try run.run(reader), hasEnded: try reader.required(hasEnded, "ended"))
        reader.scope = ""
        return holding
    }
}
