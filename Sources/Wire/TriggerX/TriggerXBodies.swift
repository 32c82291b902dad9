import Bytes
public import Grid

/// A wish for a task, as `POST /api/tasks` brings it.
public struct TriggerXWish: Hashable, Sendable {
    /// 1 to ``Limits/jobIDBytes`` bytes.
    public var job: String
    public var taskDefinitionID: Int64?
    public var isIMUA = false
}

/// What `PUT /api/tasks/execution/{id}` tells of a task.
public struct TriggerXReport: Hashable, Sendable {
    public var execution = TaskExecution()
    /// Where the task stands by that; `nil` where nothing is said.
    public var state: TaskState?
}

/// Reads the bodies of the dialect's requests. Keys that are not known are passed over, as in its messages.
enum TriggerXBodies {
    static func wish(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TriggerXWish {
        var (job, definition, isIMUA): (String?, Int64?, Bool?)
        try read(bytes) { (key, reader) throws(WireError) in
            switch key {
            case "job_id": job = try jobID(&reader)
            case "task_definition_id": definition = try reader.whole("task_definition_id", in: 0...Int64.max)
            case "is_imua": isIMUA = try reader.bool("is_imua")
            default: try reader.skip()
            }
        }
        guard let job else { throw WireError(.badRequest, field: "job_id", "missing") }
        return TriggerXWish(job: job, taskDefinitionID: definition, isIMUA: isIMUA ?? false)
    }

    /// A text, or the number that some clients write.
    private static func jobID(_ reader: inout MessageReader) throws(WireError) -> String? {
        guard try reader.kind() == .number else { return try TaskDecoder.jobID(&reader) }
        return try reader.whole("job_id", in: 0...Int64.max).map { "\($0)" }
    }

    /// In micro-units.
    static func fee(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Int64 {
        var fee: Int64?
        try read(bytes) { (key, reader) throws(WireError) in
            switch key {
            case "fee": fee = try reader.micros("fee", in: 0...Limits.balanceMicros)
            default: try reader.skip()
            }
        }
        guard let fee else { throw WireError(.badRequest, field: "fee", "missing") }
        return fee
    }

    static func report(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TriggerXReport {
        var report = TriggerXReport()
        try read(bytes) { (text, reader) throws(WireError) in
            if text == "status" {
                report.state = try state(&reader)
            } else if let key = TaskExecution.Key(rawValue: text.string) {
                report.execution[key] = try value(key, &reader)
            } else {
                try reader.skip()
            }
        }
        guard report.state != nil || !report.execution.isEmpty else {
            let names = TaskExecution.Key.allCases.map(\.rawValue).joined(separator: ", ")
            throw WireError(.badRequest, "expected one of \(names), status")
        }
        return report
    }

    /// Those that an outside party can tell of; its owner cancels a task by another request.
    private static func state(_ reader: inout MessageReader) throws(WireError) -> TaskState? {
        guard let name = try reader.name("status") else { return nil }
        switch name {
        case "running": return .running
        case "completed": return .completed
        case "failed": return .failed
        default: throw reader.fault("status", "expected running, completed or failed")
        }
    }

    private static func value(
        _ key: TaskExecution.Key, _ reader: inout MessageReader
    ) throws(WireError) -> TaskExecution.Value? {
        guard try reader.kind() != .null else {
            try reader.skip()
            return nil
        }
        var json = JSONReader(try reader.raw(), maximumDepth: 2)
        let (value, expected): (TaskExecution.Value?, String) =
            switch key.kind {
            case .integer: ((try? json.readInt64()).map { .integer($0) }, "a whole number")
            case .micros: ((try? json.readFixed(decimals: 6)).map { .micros($0) }, "an amount")
            case .text: ((try? json.readString()).map { .text($0) }, "a string")
            case .truth: ((try? json.readBool()).map { .truth($0) }, "true or false")
            case .time:
                (
                    (try? json.readString()).flatMap { Timestamp(iso8601: $0) }.map { .time($0) },
                    "a time like 2024-01-15T10:30:00Z"
                )
            case .integers: (integers(&json).map { .integers($0) }, "an array of whole numbers")
            }
        guard let value else { throw WireError(.badRequest, field: key.rawValue, "expected \(expected)") }
        return value
    }

    private static func integers(_ json: inout JSONReader) -> [Int64]? {
        var numbers: [Int64] = []
        do {
            try json.beginArray()
            while try json.nextElement() {
                guard numbers.count < Limits.executionAttesters else { return nil }
                numbers.append(try json.readInt64())
            }
        } catch {
            return nil
        }
        return numbers
    }

    /// Reads an object; what is wrong with it is a bad request.
    private static func read(
        _ bytes: UnsafeRawBufferPointer,
        _ member: (JSONText, inout MessageReader) throws(WireError) -> Void
    ) throws(WireError) {
        var reader = MessageReader(bytes)
        do throws(WireError) {
            try reader.beginMessage()
            while let key = try reader.nextKey() { try member(key, &reader) }
            try reader.finish()
        } catch {
            throw error.asBadRequest
        }
    }
}
