public import Grid

/// What the Store remembered: the Hub is rebuilt from it before the coordinator listens. Order does not matter.
public struct StoredState: Sendable {
    public var nodes: [NodeRecord]
    public var enrolments: [EnrolmentRecord]
    /// Users that are stored already, so that their records are not written anew.
    public var users: [UserRecord]
    /// The logs of durable rooms; a room without one begins a log.
    public var logs: [StoredLog]
    /// What was taken back already; the edges hold the same and act on it.
    public var revocations: [Revocation]
    /// All jobs and tasks that are kept, ended ones among them.
    public var jobs: [JobRecord] = []
    public var tasks: [TaskRecord] = []
    /// The number of the last task that ever was.
    public var lastTaskNumber: UInt64 = 0
    public var ledger = StoredLedger()
    public var trust: [NodeTrust] = []
    /// Those that were taken back among them.
    public var apiKeys: [APIKeyRecord] = []
    /// All that are kept, resolved ones among them.
    public var alerts: [Alert] = []
    /// Names this coordinator to agents: part of what their proofs sign.
    public var coordinatorID: UUID128

    public init(
        nodes: [NodeRecord] = [], enrolments: [EnrolmentRecord] = [], users: [UserRecord] = [],
        logs: [StoredLog] = [], revocations: [Revocation] = [], coordinatorID: UUID128
    ) {
        self.nodes = nodes
        self.enrolments = enrolments
        self.users = users
        self.logs = logs
        self.revocations = revocations
        self.coordinatorID = coordinatorID
    }

    /// Prepares logs that are told early for it, at each start. Where the one before has not ended in order, it may
    /// have given out positions whose events did not reach the disk, and the log goes on under another epoch.
    ///
    /// - Parameter draw: answers any number, each time another.
    /// - Returns: what is to be stored before anything is told early.
    public mutating func beginTellingEarly(draw: () -> UInt64) -> [StoreChange] {
        var changes: [StoreChange] = []
        for place in logs.indices where logs[place].room.isToldEarly {
            if logs[place].isToldEarly {
                let epoch = Entropy.epoch(draw())
                logs[place].begin(epoch: epoch)
                changes.append(.epochBegan(logs[place].room, epoch: epoch))
            }
            logs[place].isToldEarly = true
            changes.append(.toldEarly(logs[place].room, true))
        }
        return changes
    }
}
