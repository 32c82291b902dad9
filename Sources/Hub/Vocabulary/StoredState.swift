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

    /// Lets logs that are told early go on under new epochs, as at each start: the last coordinator may have given out
    /// positions whose events did not reach the disk.
    ///
    /// - Parameter draw: answers any number, each time another.
    /// - Returns: what is to be stored before the first event.
    public mutating func beginEpochs(draw: () -> UInt64) -> [StoreChange] {
        logs.indices.filter { logs[$0].room.isToldEarly }.map { place in
            let epoch = Entropy.epoch(draw())
            logs[place].begin(epoch: epoch)
            return .epochBegan(logs[place].room, epoch: epoch)
        }
    }
}
