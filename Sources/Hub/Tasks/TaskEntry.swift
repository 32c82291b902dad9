internal import Grid

/// What the Hub knows of a task: its record, which survives, and what a restart may forget.
struct TaskEntry: Sendable {
    var record: TaskRecord
    /// Of its job, in ``Tasks``.
    var job: Int32
    /// The newest of the present attempt; set by ``Tasks/setProgress(_:_:)``.
    private(set) var progress: ProgressReport?
    /// While it is assigned or running.
    var attempt: Attempt?
    /// When it is looked at again, in monotonic nanoseconds; `nil` while nothing waits.
    var due: UInt64?
    /// The only node that may run it; it stands in no line.
    var pinnedTo: NodeID?
    /// Until when it waits for that node, in monotonic nanoseconds; `nil` for as long as the node is there.
    var waitsUntil: UInt64?
    /// Its runs have ended well, and whether that counts depends on another one's.
    var awaitsVerdict = false
    /// Whether its slot waits for another task.
    var isFree = false

    init(record: TaskRecord, job: Int32) {
        self.record = record
        self.job = job
    }

    /// What it adds to its job's progress, in percent.
    var percent: Int { record.state.isTerminal ? 100 : progress?.percent ?? 0 }

    mutating func show(_ progress: ProgressReport?) { self.progress = progress }
}

/// One attempt at a task, from its assignment to its end.
struct Attempt: Sendable {
    /// What one member has told.
    struct Member: Sendable {
        /// Of its newest progress.
        var sequence: UInt64?
        var percent = 0
        /// Where the newest piece of each stream begins, by the stream's raw value.
        var logOffsets: [UInt64?] = [nil, nil]
        var outcome: RunOutcome?
    }

    var members: [Member]
    /// Monotonic nanoseconds of its assignment.
    var beganAt: UInt64
    /// From when on its agents' silence about its end is counted, in monotonic nanoseconds: its assignment, its start,
    /// or the coordinator's. Never taken from the wall clock, which may step.
    var watchedSince: UInt64
    /// Reports of progress so far, of all members.
    var reports: UInt64 = 0
    /// When progress was last told, in monotonic nanoseconds; `nil` before the first.
    var toldAt: UInt64?
    /// Whether the newest progress was not told yet.
    var isProgressOwed = false

    init(members: Int, beganAt: UInt64) {
        self.members = Array(repeating: Member(), count: members)
        self.beganAt = beganAt
        watchedSince = beganAt
    }

    /// Of all members together, rounded down; the ended ones have come all the way.
    var percent: Int {
        members.reduce(0) { $0 + ($1.outcome == nil ? $1.percent : 100) } / members.count
    }
}
