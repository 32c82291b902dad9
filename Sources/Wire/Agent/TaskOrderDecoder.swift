import Bytes
import Grid

/// Reads what a coordinator says about runs: `assign`, `cancel`, `stop`, `settled`.
enum TaskOrderDecoder {
    static func assign(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskOrder {
        var reader = try AgentDecoder.open(bytes)
        var run = RunReader()
        var fields = Fields()
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            try fields.take(key, &reader)
        }
        try reader.finish()
        let assignment = try fields.assignment(of: try run.run(reader), reader)
        guard assignment.run.member < assignment.gangSize else {
            throw reader.fault("member", "a gang of \(assignment.gangSize) has no such member")
        }
        return .assign(assignment)
    }

    static func cancel(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskOrder {
        .cancel(try TaskReportDecoder.run(bytes))
    }

    static func stop(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskOrder {
        var reader = try AgentDecoder.open(bytes)
        var run = RunReader()
        var reason: TaskFault?
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            switch key {
            case "reason": reason = try reader.choice("reason", "not a reason") { TaskFault(rawValue: $0) }
            default: try reader.skip()
            }
        }
        try reader.finish()
        return .stop(try run.run(reader), try reader.required(reason, "reason"))
    }

    static func settled(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskOrder {
        var reader = try AgentDecoder.open(bytes)
        var run = RunReader()
        var counted: Bool?
        while let key = try reader.nextKey() {
            if try run.take(key, &reader) { continue }
            switch key {
            case "counted": counted = try reader.bool("counted")
            default: try reader.skip()
            }
        }
        try reader.finish()
        return .settled(try run.run(reader), counted: try reader.required(counted, "counted"))
    }

    /// What an assignment says beside its run.
    private struct Fields {
        var runner: String?
        var arguments: [TaskArgument] = []
        var input: String?
        var gpus: UInt64 = 0
        var milliPerGPU: Int?
        var cpuMilli: Int?
        var memoryMebibytes: Int?
        var timeoutSeconds: Int64?
        var gangSize: Int?
        var leaseMilliseconds: Int64?

        mutating func take(_ key: JSONText, _ reader: inout MessageReader) throws(WireError) {
            switch key {
            case "runner": runner = try TaskOrderDecoder.runner(&reader)
            case "arguments": arguments = try ArgumentDecoder.decode(&reader)
            case "input":
                // Its depth was the submitter's affair: here the whole message's is what counts.
                input = try reader.value("input", limit: Limits.taskInputBytes)
            case "gpus": gpus = try TaskOrderDecoder.gpus(&reader)
            case "gpu_milli": milliPerGPU = try reader.whole("gpu_milli", in: TaskRanges.milliPerGPU)
            case "cpu_milli": cpuMilli = try reader.whole("cpu_milli", in: TaskRanges.amount)
            case "memory_mib": memoryMebibytes = try reader.whole("memory_mib", in: TaskRanges.amount)
            case "timeout_seconds":
                timeoutSeconds = try reader.whole("timeout_seconds", in: TaskRanges.timeoutSeconds)
            case "gang_size": gangSize = try reader.whole("gang_size", in: TaskRanges.gangSize)
            case "lease_ms": leaseMilliseconds = try reader.whole("lease_ms", in: TaskRanges.leaseMilliseconds)
            default: try reader.skip()
            }
        }

        func assignment(of run: RunID, _ reader: MessageReader) throws(WireError) -> RunAssignment {
            RunAssignment(
                run: run, runner: try reader.required(runner, "runner"), arguments: arguments, input: input ?? "",
                gpus: gpus, milliPerGPU: milliPerGPU ?? 0, cpuMilli: cpuMilli ?? 0,
                memoryMebibytes: memoryMebibytes ?? 0,
                timeoutSeconds: try reader.required(timeoutSeconds, "timeout_seconds"),
                gangSize: try reader.required(gangSize, "gang_size"),
                leaseMilliseconds: try reader.required(leaseMilliseconds, "lease_ms"))
        }
    }

    private static func runner(_ reader: inout MessageReader) throws(WireError) -> String? {
        guard let name = try reader.text("runner", limit: Limits.runnerNameBytes) else { return nil }
        guard !name.isEmpty else { throw reader.fault("runner", "empty") }
        return name
    }

    /// The GPUs by their index, a bit each.
    private static func gpus(_ reader: inout MessageReader) throws(WireError) -> UInt64 {
        var mask: UInt64 = 0
        guard try reader.beginArray("gpus") else { return mask }
        while try reader.nextElement() {
            let index = try reader.required(reader.whole("gpus", in: SampleRanges.gpuIndex), "gpus")
            guard mask & 1 << UInt64(index) == 0 else { throw reader.fault("gpus", "\(index) stands twice") }
            mask |= 1 << UInt64(index)
        }
        return mask
    }
}
