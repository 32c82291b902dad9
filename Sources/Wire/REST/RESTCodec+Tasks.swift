public import Bytes
public import Grid

/// The bodies about tasks, jobs, money and trust (docs/rest.md).
extension RESTCodec {
    // MARK: What is asked for

    /// Reads the body of `POST /api/v1/tasks`.
    ///
    /// - Throws: a ``WireError`` with `BAD_REQUEST` that names the field by its path; a key that is not known, or that
    ///   is there twice, is one.
    public static func task(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TaskWish {
        try TaskDecoder.task(bytes)
    }

    /// Reads the body of `POST /api/v1/jobs`.
    ///
    /// - Throws: likewise; a field of the third task is named `tasks[2].…`.
    public static func job(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> JobWish {
        try TaskDecoder.job(bytes)
    }

    /// Reads the body of `POST /api/v1/nodes/{id}/quarantine`: the reason, empty where none is given.
    ///
    /// - Throws: a ``WireError`` with `BAD_REQUEST`.
    public static func quarantine(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> String {
        try QuarantineDecoder.decode(bytes)
    }

    /// Writes the body of a submission such that ``task(_:)`` reads the same.
    public static func encode(_ wish: TaskWish, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            TaskResource.request(wish.specification, to: &writer)
            writer.field("job_id", wish.job)
            writer.endObject()
        }
    }

    /// Writes the body of a job such that ``job(_:)`` reads the same.
    public static func encode(_ wish: JobWish, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("job_id", wish.job)
            writer.key("tasks")
            writer.beginArray()
            for specification in wish.specifications {
                writer.beginObject()
                TaskResource.request(specification, to: &writer)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
    }

    // MARK: Tasks

    /// One task with all that is known of it, and why it went where it went.
    public static func task(_ task: TaskSummary, into buffer: inout ByteBuffer) {
        buffer.appendJSON { TaskResource.write(task, to: &$0) }
    }

    /// A page of tasks, newest first; `next` is the cursor of the rest.
    public static func tasks(_ tasks: [TaskSummary], next: UInt64?, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            list("tasks", tasks, to: &writer, TaskResource.write)
            // A text, as all cursors are.
            writer.field("next_cursor", next.map { "\($0)" })
            writer.endObject()
        }
    }

    /// The answer to a job's submission: the tasks that it made, in the order in which they were written.
    public static func submitted(_ tasks: [TaskSummary], into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("job_id", tasks.first?.record.job)
            list("tasks", tasks, to: &writer, TaskResource.write)
            writer.endObject()
        }
    }

    /// What a task gave and cost; `null` before its end.
    public static func result(of task: TaskSummary, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("task_id", task.record.id)
            writer.field("status", static: task.record.state.staticName)
            TaskResource.outcome(task.record, to: &writer)
            writer.endObject()
        }
    }

    /// A piece of what a task wrote.
    ///
    /// - Parameter next: where to ask from next.
    public static func log(
        _ chunks: [LogChunk], next: UInt64, missed: UInt64, isComplete: Bool, into buffer: inout ByteBuffer
    ) {
        buffer.appendJSON { writer in
            writer.beginObject()
            list("chunks", chunks, to: &writer) { chunk, writer in
                writer.beginObject()
                writer.field("stream", chunk.stream.name)
                writer.field("offset", chunk.offset)
                writer.field("text", chunk.text)
                writer.endObject()
            }
            writer.field("next", next)
            writer.field("missed", missed)
            writer.field("complete", isComplete)
            writer.endObject()
        }
    }

    // MARK: Jobs

    /// A job with what its tasks make of it.
    public static func job(_ job: JobSummary, into buffer: inout ByteBuffer) {
        buffer.appendJSON { write(job, to: &$0) }
    }

    /// A page of jobs; `next` is the cursor of the rest.
    public static func jobs(_ jobs: [JobSummary], next: String?, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            list("jobs", jobs, to: &writer, write)
            writer.field("next_cursor", next)
            writer.endObject()
        }
    }

    private static func write(_ job: JobSummary, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("job_id", job.record.id)
        writer.field("user_id", job.record.owner.text)
        writer.field("status", static: job.state.staticName)
        writer.field("progress", job.progressPercent)
        writer.key("counts")
        writer.beginObject()
        // Nobody ever sees a task that is lost: it waits again, or has failed, in the same step.
        for state in TaskState.allCases where state != .lost {
            let place = Int(state.rawValue)
            writer.field(state.staticName, place < job.counts.count ? job.counts[place] : 0)
        }
        writer.endObject()
        list("tasks", job.tasks, to: &writer) { task, writer in writer.uuid(task.uuid) }
        writer.field("created_at", job.record.createdAt)
        writer.endObject()
    }

    // MARK: Money and trust

    /// What a user has, by currency.
    public static func balances(_ balances: [Balance], of user: UserID, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("user_id", user.text)
            writer.key("balances")
            writer.beginObject()
            for balance in balances {
                writer.key(balance.currency.code)
                writer.beginObject()
                writer.field("total", fixed: balance.totalMicros, decimals: 6)
                writer.field("available", fixed: balance.availableMicros, decimals: 6)
                writer.field("locked", fixed: balance.lockedMicros, decimals: 6)
                writer.endObject()
            }
            writer.endObject()
            writer.endObject()
        }
    }

    /// What is thought of nodes that are or were kept out.
    public static func trust(_ nodes: [NodeTrust], into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            list("trust", nodes, to: &writer) { trust, writer in
                writer.beginObject()
                writer.field("node_id", trust.node)
                writer.field("quarantine", trust.quarantine?.rawValue)
                writer.field("detail", known: trust.detail)
                writer.field("since", trust.since)
                writer.field("verified_results", trust.verifiedResults)
                writer.field("failed_challenges", trust.failedChallenges)
                writer.endObject()
            }
            writer.key("next_cursor")
            writer.null()
            writer.endObject()
        }
    }

    private static func list<Element>(
        _ key: StaticString, _ elements: [Element], to writer: inout JSONWriter,
        _ write: (Element, inout JSONWriter) -> Void
    ) {
        writer.key(key)
        writer.beginArray()
        for element in elements { write(element, &writer) }
        writer.endArray()
    }
}
