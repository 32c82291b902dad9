/// How far a run has come, as its program told.
public struct ProgressReport: Hashable, Sendable {
    /// Rises with each report of one run.
    public var sequence: UInt64
    /// 0 to 100.
    public var percent: Int
    /// At most ``Limits/stageBytes`` bytes.
    public var stage: String?
    /// At most ``Limits/taskMessageBytes`` bytes.
    public var message: String?
    public var etaSeconds: Int64?
    public init(sequence: UInt64, percent: Int) {
        self.sequence = sequence
        self.percent = percent
    }
}

/// A piece of what a run has written.
public struct LogChunk: Hashable, Sendable {
    /// Where it was written to.
    public enum Stream: UInt8, Hashable, Sendable, CaseIterable {
        case stdout, stderr
        public var name: String { self == .stdout ? "stdout" : "stderr" }
    }
    public var stream: Stream
    /// How much of the stream stands before it, in bytes.
    public var offset: UInt64
    /// Valid UTF-8, at most ``Limits/logChunkBytes`` bytes; what was no UTF-8 is replaced.
    public var text: String
    public init(stream: Stream, offset: UInt64, text: String) {
        self.stream = stream
        self.offset = offset
        self.text = text
    }
}

/// How one member's run ended, as its agent tells it.
public struct RunOutcome: Hashable, Sendable {
    /// `nil` for a run that ended well.
    public var fault: TaskFault?
    public var exitStatus: Int?
    public var signal: Int?
    /// How long it ran, by the agent's monotonic clock, in milliseconds.
    public var ranMilliseconds: Int64 = 0
    /// A JSON value, at most ``Limits/taskOutputBytes`` bytes; empty = none.
    public var output = ""
    /// At most ``Limits/taskMessageBytes`` bytes.
    public var message = ""
    public var digest: Digest256?
    public init() {}
}

/// Which run an agent or a coordinator speaks of.
public struct RunID: Hashable, Sendable, Comparable {
    public var task: TaskID
    public var epoch: UInt64
    public var member: Int
    public init(task: TaskID, epoch: UInt64, member: Int) {
        self.task = task
        self.epoch = epoch
        self.member = member
    }
    public static func < (left: RunID, right: RunID) -> Bool {
        if left.task != right.task { return left.task < right.task }
        return left.epoch != right.epoch ? left.epoch < right.epoch : left.member < right.member
    }
}

/// What an agent says about one run.
public struct TaskReport: Hashable, Sendable {
    /// What is said.
    public enum Body: Hashable, Sendable {
        case started
        case progress(ProgressReport)
        case log(LogChunk)
        /// Kept on the agent's disk, and said again until it is settled.
        indirect case ended(RunOutcome)
    }
    public var run: RunID
    public var body: Body
    public init(run: RunID, body: Body) {
        self.run = run
        self.body = body
    }
}

/// A run that an agent has when its session begins: it runs, or its result is not settled yet.
public struct RunHolding: Hashable, Sendable {
    public var run: RunID
    public var hasEnded: Bool
    public init(run: RunID, hasEnded: Bool) {
        self.run = run
        self.hasEnded = hasEnded
    }
}

/// What a coordinator tells an agent about one run.
public enum TaskOrder: Hashable, Sendable {
    /// Run it. The same order twice is one run.
    indirect case assign(RunAssignment)
    /// Its owner does not want it any more: end it and report.
    case cancel(RunID)
    /// It is not this node's any more: end it. Its result counts for nothing.
    case stop(RunID, TaskFault)
    /// The result is dealt with and need not be kept; `counted` is false where the fence refused it.
    case settled(RunID, counted: Bool)
}

/// Everything an agent needs to run one member of a task.
public struct RunAssignment: Hashable, Sendable {
    public var run: RunID
    public var runner: String
    public var arguments: [TaskArgument]
    /// A JSON value; empty = none.
    public var input: String
    /// By their index, a bit each.
    public var gpus: UInt64
    public var milliPerGPU: Int
    /// 0 = as the runner says.
    public var cpuMilli: Int
    public var memoryMebibytes: Int
    public var timeoutSeconds: Int64
    public var gangSize: Int
    /// The agent's own stop deadline: it has ended the run when it has not been heard for so long.
    public var leaseMilliseconds: Int64

    public init(
        run: RunID, runner: String, arguments: [TaskArgument], input: String, gpus: UInt64, milliPerGPU: Int,
        cpuMilli: Int, memoryMebibytes: Int, timeoutSeconds: Int64, gangSize: Int, leaseMilliseconds: Int64
    ) {
        self.run = run
        self.runner = runner
        self.arguments = arguments
        self.input = input
        self.gpus = gpus
        self.milliPerGPU = milliPerGPU
        self.cpuMilli = cpuMilli
        self.memoryMebibytes = memoryMebibytes
        self.timeoutSeconds = timeoutSeconds
        self.gangSize = gangSize
        self.leaseMilliseconds = leaseMilliseconds
    }
}
