/// One member's place on a node: the right to run there, as long as it is the task's newest epoch.
public struct TaskLease: Hashable, Sendable {
    /// How far the member has come.
    public enum Phase: UInt8, Hashable, Sendable, CaseIterable {
        /// The agent was told, or will be when it comes back.
        case offered
        /// The agent said that it runs.
        case started
        /// Its result is in; the others of the gang may still run.
        case ended
    }

    /// 0-based.
    public var member: Int
    public var node: NodeID
    /// The GPUs by their index on the node, a bit each.
    public var gpus: UInt64
    /// What is taken of each of them, in thousandths; 0 without a GPU.
    public var milliPerGPU: Int
    /// What an hour costs, in thousandths of ``pricePerHourMicros``: the GPUs' thousandths together, or without a GPU
    /// the share of the node's processors, at least 1.
    public var billableMilli: Int64
    /// The node's price at the placement, in credits.
    public var pricePerHourMicros: Int64
    public var phase = Phase.offered
    public var startedAt: Timestamp?
    /// What counts as its running time, once it has ended, in milliseconds.
    public var ranMilliseconds: Int64?
    /// Why it went there.
    public var explanation: PlacementExplanation

    public init(
        member: Int, node: NodeID, gpus: UInt64, milliPerGPU: Int, billableMilli: Int64, pricePerHourMicros: Int64,
        explanation: PlacementExplanation
    ) {
        self.member = member
        self.node = node
        self.gpus = gpus
        self.milliPerGPU = milliPerGPU
        self.billableMilli = billableMilli
        self.pricePerHourMicros = pricePerHourMicros
        self.explanation = explanation
    }
}

/// How a task ended.
public struct TaskResult: Hashable, Sendable {
    /// Of the first member: a JSON value, at most ``Limits/taskOutputBytes`` bytes; empty = none.
    public var output = ""
    public var fault: TaskFault?
    public var exitStatus: Int?
    public var signal: Int?
    /// A sentence for people, at most ``Limits/taskMessageBytes`` bytes.
    public var message = ""
    /// The longest run of a member, in milliseconds.
    public var ranMilliseconds: Int64 = 0
    /// SHA-256 of what the run gave, by which copies are compared; `nil` where the agent did not say.
    public var digest: Digest256?
    public init() {}
}

/// A task with all that must survive.
public struct TaskRecord: Hashable, Sendable {
    public var id: TaskID
    /// Dense, from 1, in the order of submission.
    public var number: UInt64
    public var job: String
    public var owner: UserID
    public var key: String?
    /// How many tasks its request brought, itself included: the same request brings as many again.
    public var requestTaskCount = 1
    public var specification: TaskSpecification
    public var state = TaskState.pending
    /// Rises with every assignment; whatever comes under an older one counts for nothing. 0 before the first.
    public var epoch: UInt64 = 0
    /// Attempts that began.
    public var attempts = 0
    /// A lease for each member of the present attempt, or of the last one where the task has ended; empty while
    /// pending.
    public var leases: [TaskLease] = []
    /// Nodes where it failed.
    public var excludedNodes: [NodeID] = []
    /// What is set aside for it, in ``TaskSpecification/currency``; 0 once it has ended.
    public var heldMicros: Int64 = 0
    /// What it has cost, once it has completed.
    public var costMicros: Int64?
    /// The fee that an outside party set (TriggerX), in micro-units of ``TaskSpecification/currency``.
    public var feeMicros: Int64?
    /// What an outside party told of its execution (TriggerX); empty unless the task is an external one.
    public var execution = TaskExecution()
    public var result: TaskResult?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var assignedAt: Timestamp?
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    /// Whether the coordinator made it to check a node; it is nobody's, and shown to administrators only.
    public var isCheck = false

    public init(
        id: TaskID, number: UInt64, job: String, owner: UserID, specification: TaskSpecification, createdAt: Timestamp
    ) {
        self.id = id
        self.number = number
        self.job = job
        self.owner = owner
        self.specification = specification
        self.createdAt = createdAt
        updatedAt = createdAt
    }

    /// About how many bytes it takes as a message. Counts and lengths only, so that it costs next to nothing.
    public var approximateByteCount: Int {
        1024 + specification.input.utf8.count + 64 * specification.arguments.count + 512 * leases.count
            + (result.map { $0.output.utf8.count + $0.message.utf8.count } ?? 0) + execution.approximateByteCount
    }

    /// The node of its first member, at present or at its end.
    public var node: NodeID? { leases.first?.node }
}

/// A group of tasks.
public struct JobRecord: Hashable, Sendable {
    /// 1 to ``Limits/jobIDBytes`` bytes; a lone task's job has the task's UUID.
    public var id: String
    public var owner: UserID
    public var createdAt: Timestamp
    public init(id: String, owner: UserID, createdAt: Timestamp) {
        self.id = id
        self.owner = owner
        self.createdAt = createdAt
    }
}

/// A job with what its tasks make of it.
public struct JobSummary: Hashable, Sendable {
    public var record: JobRecord
    /// `completed`, `failed`, `cancelled`, `running` or `pending`: of its tasks together (EVENTS 19).
    public var state: TaskState
    /// The mean over its tasks, in percent.
    public var progressPercent: Int
    /// Tasks by ``TaskState``'s raw value.
    public var counts: [Int]
    /// Its first tasks, ascending by number, at most ``Limits/jobTasksShown``.
    public var tasks: [TaskID]
    public init(record: JobRecord, state: TaskState, progressPercent: Int, counts: [Int], tasks: [TaskID]) {
        self.record = record
        self.state = state
        self.progressPercent = progressPercent
        self.counts = counts
        self.tasks = tasks
    }
}

/// A task as it is shown.
public struct TaskSummary: Hashable, Sendable {
    public var record: TaskRecord
    /// The newest progress of the present attempt.
    public var progress: ProgressReport?
    public init(record: TaskRecord, progress: ProgressReport?) {
        self.record = record
        self.progress = progress
    }
}
