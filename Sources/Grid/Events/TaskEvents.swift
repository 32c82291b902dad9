/// What has become of a job so far: of its tasks together (EVENTS 19).
public struct JobStanding: Hashable, Sendable {
    /// The mean over its tasks, rounded down.
    public var percent: Int
    public var state: TaskState
    public init(percent: Int, state: TaskState) {
        self.percent = percent
        self.state = state
    }
}

/// A task's state changed, or what is known of it: it came to be, ended, or was given a fee.
public struct TaskUpdated: Hashable, Sendable {
    /// What happened: dialects name each kind differently.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case created
        /// ``state`` differs from ``previous``.
        case status
        /// The result is there; ``TaskUpdated/state`` is still the one before the end.
        case result
        case fee
        /// An outside party told of an external task's execution; ``TaskUpdated/execution`` has what changed.
        case execution
    }
    public var kind: Kind
    public var task: TaskID
    public var number: UInt64
    public var job: String
    public var owner: UserID
    public var state: TaskState
    /// `nil` where it came to be.
    public var previous: TaskState?
    public var node: NodeID?
    public var epoch: UInt64
    public var updatedAt: Timestamp
    public var result: TaskResult?
    public var costMicros: Int64?
    public var feeMicros: Int64?
    /// What changed of an external task's execution.
    public var execution = TaskExecution()
    public var currency: Currency
    /// What has become of its job, where this was the last of the job's tasks to end.
    public var jobEnd: TaskState?
    /// Its job, this event included; `nil` where an earlier release stored the event.
    public var jobStanding: JobStanding?
    // For TASK_CREATED.
    public var taskDefinitionID: Int64?
    public var isIMUA: Bool?

    public init(
        kind: Kind, task: TaskID, number: UInt64, job: String, owner: UserID, state: TaskState, previous: TaskState?,
        node: NodeID?, epoch: UInt64, updatedAt: Timestamp, currency: Currency
    ) {
        self.kind = kind
        self.task = task
        self.number = number
        self.job = job
        self.owner = owner
        self.state = state
        self.previous = previous
        self.node = node
        self.epoch = epoch
        self.updatedAt = updatedAt
        self.currency = currency
    }
}

/// A task got a place.
public struct TaskAssigned: Hashable, Sendable {
    public var task: TaskID
    public var number: UInt64
    public var job: String
    public var owner: UserID
    /// Of the first member.
    public var node: NodeID
    public var epoch: UInt64
    public var model: String?
    public var priority: Int
    public var estimatedDurationSeconds: Int64?
    public var assignedAt: Timestamp
    /// Its job; `nil` where an earlier release stored the event.
    public var jobStanding: JobStanding?
    public init(
        task: TaskID, number: UInt64, job: String, owner: UserID, node: NodeID, epoch: UInt64, priority: Int,
        assignedAt: Timestamp
    ) {
        self.task = task
        self.number = number
        self.job = job
        self.owner = owner
        self.node = node
        self.epoch = epoch
        self.priority = priority
        self.assignedAt = assignedAt
    }
}

/// A run came further.
public struct TaskProgressed: Hashable, Sendable {
    public var task: TaskID
    public var number: UInt64
    public var job: String
    public var node: NodeID
    public var epoch: UInt64
    /// Of all members together; never less than before within an epoch.
    public var progress: ProgressReport
    public var at: Timestamp
    /// Its job, this progress included; `nil` where an earlier release stored the event.
    public var jobStanding: JobStanding?
    public init(
        task: TaskID, number: UInt64, job: String, node: NodeID, epoch: UInt64, progress: ProgressReport, at: Timestamp
    ) {
        self.task = task
        self.number = number
        self.job = job
        self.node = node
        self.epoch = epoch
        self.progress = progress
        self.at = at
    }
}

/// A user's balances changed.
public struct BalanceUpdated: Hashable, Sendable {
    public var user: UserID
    /// Ascending by currency, every currency in which the user ever had anything.
    public var balances: [Balance]
    public var updatedAt: Timestamp
    public init(user: UserID, balances: [Balance], updatedAt: Timestamp) {
        self.user = user
        self.balances = balances
        self.updatedAt = updatedAt
    }
}

/// A payment is done.
public struct PaymentConfirmed: Hashable, Sendable {
    /// The raw value is the name on the wire.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// What a task cost its owner.
        case taskPayment = "task_payment"
        /// What a task earned its node's owner.
        case taskEarning = "task_earning"
        case deposit
    }
    public var transaction: UUID128
    public var user: UserID
    /// Not negative.
    public var amountMicros: Int64
    public var currency: Currency
    public var kind: Kind
    public var task: TaskID?
    public var confirmedAt: Timestamp
    public init(
        transaction: UUID128, user: UserID, amountMicros: Int64, currency: Currency, kind: Kind, task: TaskID?,
        confirmedAt: Timestamp
    ) {
        self.transaction = transaction
        self.user = user
        self.amountMicros = amountMicros
        self.currency = currency
        self.kind = kind
        self.task = task
        self.confirmedAt = confirmedAt
    }
}
