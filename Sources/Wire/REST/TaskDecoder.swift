import Bytes
public import Grid

/// A task as its submitter wrote it, before it has an owner and an identifier.
public struct TaskWish: Hashable, Sendable {
    /// 1 to ``Limits/jobIDBytes`` bytes; `nil` for a job of its own.
    public var job: String?
    public var specification: TaskSpecification

    public init(job: String?, specification: TaskSpecification) {
        self.job = job
        self.specification = specification
    }
}

/// Tasks that are submitted together, all or none.
public struct JobWish: Hashable, Sendable {
    /// 1 to ``Limits/jobIDBytes`` bytes; `nil` where the coordinator is to name the job.
    public var job: String?
    /// 1 to ``Limits/tasksPerRequest``.
    public var specifications: [TaskSpecification]

    public init(job: String?, specifications: [TaskSpecification]) {
        self.job = job
        self.specifications = specifications
    }
}

/// Reads what a submitter asks for, strictly: money is set aside for it, so nothing is guessed and nothing passed over.
///
/// What texts hold is the runner's business. They are bounded and free of NUL, which no argument of a program can
/// carry; slashes, quotes and semicolons are letters like others, since no shell ever sees them.
enum TaskDecoder {
    static func task(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskWish {
        var reader = MessageReader(bytes)
        do throws(WireError) {
            try reader.beginMessage()
            let wish = try wish(&reader, isLone: true)
            try reader.finish()
            return wish
        } catch {
            throw error.asBadRequest
        }
    }

    static func job(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> JobWish {
        var reader = MessageReader(bytes)
        do throws(WireError) {
            try reader.beginMessage()
            let wish = try group(&reader)
            try reader.finish()
            return wish
        } catch {
            throw error.asBadRequest
        }
    }

    private static func group(_ reader: inout MessageReader) throws(WireError) -> JobWish {
        var job: String?
        var specifications: [TaskSpecification]?
        while let key = try reader.nextKey() {
            switch key {
            case "job_id":
                guard job == nil else { throw reader.fault("job_id", "is there twice") }
                job = try jobID(&reader)
            case "tasks":
                guard specifications == nil else { throw reader.fault("tasks", "is there twice") }
                specifications = try tasks(&reader)
            default: throw unknown(key)
            }
        }
        let found = try reader.required(specifications, "tasks")
        guard !found.isEmpty else { throw reader.fault("tasks", "empty") }
        return JobWish(job: job, specifications: found)
    }

    private static func tasks(_ reader: inout MessageReader) throws(WireError) -> [TaskSpecification]? {
        guard try reader.beginArray("tasks") else { return nil }
        var specifications: [TaskSpecification] = []
        while try reader.nextElement() {
            guard specifications.count < Limits.tasksPerRequest else {
                throw reader.fault("tasks", "more than \(Limits.tasksPerRequest)")
            }
            do throws(WireError) {
                guard try reader.kind() == .object, try reader.beginObject("") else {
                    throw WireError(.badRequest, "expected an object")
                }
                specifications.append(try wish(&reader, isLone: false).specification)
            } catch {
                throw error.inside("tasks[\(specifications.count)]")
            }
        }
        return specifications
    }

    /// A key that is not known asks for something that would silently not be done.
    static func unknown(_ key: JSONText) -> WireError {
        WireError(.badRequest, field: "\"\(key.string.prefix(32))\"", "is not known")
    }

    // MARK: One task

    /// Reads the object that was just begun.
    ///
    /// - Parameter isLone: whether it may name its job.
    private static func wish(_ reader: inout MessageReader, isLone: Bool) throws(WireError) -> TaskWish {
        var fields = TaskFields()
        var seen: UInt32 = 0
        var expected = 0
        while let text = try reader.nextKey() {
            guard let key = TaskKey.find(text, expected: &expected) else { throw unknown(text) }
            guard seen & 1 << key.rawValue == 0 else { throw reader.fault(key.name, "is there twice") }
            seen |= 1 << key.rawValue
            if key == .jobID, !isLone { throw reader.fault(key.name, "stands beside the tasks, not in one of them") }
            try fields.read(key, &reader)
        }
        return try fields.wish(reader)
    }

    static func jobID(_ reader: inout MessageReader) throws(WireError) -> String? {
        guard let id = try reader.plain("job_id", limit: Limits.jobIDBytes) else { return nil }
        // It is named in paths, where such characters cannot stand.
        guard id.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw reader.fault("job_id", "holds a control character")
        }
        return id
    }
}

extension WireError {
    /// The same fault as the REST interface names it.
    var asBadRequest: WireError {
        var error = self
        error.refusal.code = .badRequest
        return error
    }

    /// The same fault of a value inside `place`.
    fileprivate func inside(_ place: String) -> WireError {
        // The text as a whole is broken: no place in it is at fault alone.
        if field.isEmpty, refusal.code == .invalidMessage { return self }
        var error = self
        let separator = field.isEmpty ? ": " : "."
        error.field = field.isEmpty ? place : "\(place).\(field)"
        error.refusal.message = place + separator + refusal.message
        return error
    }
}
