public import Grid

/// A question to the Hub. Who may ask is decided by the edge.
public enum Query: Hashable, Sendable {
    /// Registered nodes in the order of their identifiers: at most `limit` (1 to 1000; others are brought into
    /// that range), beginning behind `after`.
    case nodes(limit: Int, after: NodeID?)
    /// One registered node.
    case node(NodeID)
    /// Tasks of the asker, or of all for an administrator, newest first: at most `limit` (1 to 1000), beginning with
    /// numbers below `before`.
    indirect case tasks(TaskFilter, limit: Int, before: UInt64?, Asker)
    case task(TaskReference, Asker)
    /// What a task wrote: of what is kept, the chunks that begin at or behind that place.
    case taskLog(TaskReference, from: UInt64, Asker)
    /// Jobs likewise, in the order of their identifiers, behind `after`.
    case jobs(limit: Int, after: String?, Asker)
    case job(String, Asker)
    /// A user's balances; somebody else's only for an administrator.
    case balances(UserID, Asker)
    /// What is thought of nodes that are or were quarantined; for administrators.
    case trust
    /// API keys, a user's or all of them; for operators.
    case apiKeys(UserID?)
    /// Alerts, newest first: at most `limit` (1 to 1000), behind `before`.
    indirect case alerts(AlertFilter, limit: Int, before: AlertCursor?)
    case alert(AlertID)
    /// The network's devices: the coordinator, then nodes as ``nodes(limit:after:)`` lists them.
    case topology(limit: Int, after: NodeID?)
    /// What the platform does at present.
    case analytics
}

/// Which alerts are asked for: AND across its fields.
public struct AlertFilter: Hashable, Sendable {
    /// Empty = any.
    public var statuses: Set<AlertStatus> = []
    /// Empty = any.
    public var severities: Set<AlertSeverity> = []
    public var node: NodeID?
    public var kind: String?
    public init() {}
}

/// Which tasks are asked for: AND across its fields.
public struct TaskFilter: Hashable, Sendable {
    /// Empty = any.
    public var states: Set<TaskState> = []
    public var job: String?
    public var node: NodeID?
    /// Only for administrators.
    public var owner: UserID?
    public init() {}
}

/// The one answer to a question or to an operator's wish.
public enum Answer: Sendable {
    /// `next` is what to pass as `after` for the rest; `nil` where there is none.
    case nodes([NodeSummary], next: NodeID?)
    /// `nil` where no such node has registered.
    indirect case node(NodeSummary?)
    case enrolled(NodeID)
    /// What was asked to be remembered is stored.
    case recorded
    /// The notification of that identifier stands in the log of `general` there.
    case notified(UUID128, LogPosition)
    /// Ascending by number; each as it is now, also where a repeated request found it.
    case submitted([TaskSummary])
    /// Newest first; `next` is what to pass as `before` for the rest.
    case tasks([TaskSummary], next: UInt64?)
    /// `nil` where there is no such task for the asker.
    indirect case task(TaskSummary?)
    case taskLog(TaskLog?)
    case jobs([JobSummary], next: String?)
    indirect case job(JobSummary?)
    case balances(UserID, [Balance])
    indirect case deposited(LedgerTransfer, Balance)
    case trust([NodeTrust])
    /// In the order in which they were made.
    case apiKeys([APIKeyRecord])
    indirect case apiKey(APIKeyRecord)
    /// A new alert, or the one that the same request raised before.
    indirect case alertRaised(Alert)
    /// As it is now; `nil` where there is no such alert.
    indirect case alert(Alert?)
    /// Newest first; `next` is what to pass as `before` for the rest.
    case alerts([Alert], next: AlertCursor?)
    /// The prediction of that identifier stands in the log of `predictions` there.
    case predicted(UUID128, LogPosition)
    /// `next` is what to pass as `after` for the rest.
    case topology([TopologyDevice], next: NodeID?)
    indirect case analytics(AnalyticsUpdated)
    /// What was to be said in the channel, or to everybody, is said.
    case broadcast(EventChannel?)
    case refused(Refusal)
}

/// A piece of what a task wrote.
public struct TaskLog: Hashable, Sendable {
    /// In the order of their arrival.
    public var chunks: [LogChunk]
    /// Where to ask from next: chunks are counted, over all streams and attempts.
    public var next: UInt64
    /// How many chunks before the first one here are not kept any more, of those asked for.
    public var missed: UInt64
    /// Whether nothing will follow.
    public var isComplete: Bool
    public init(chunks: [LogChunk], next: UInt64, missed: UInt64, isComplete: Bool) {
        self.chunks = chunks
        self.next = next
        self.missed = missed
        self.isComplete = isComplete
    }
}

/// How much of everything the Hub holds.
public struct HubCounts: Hashable, Sendable {
    /// Nodes that were enrolled, registered or not.
    public var enrolledNodes = 0
    /// Registered nodes; the next four add up to them.
    public var registeredNodes = 0
    public var onlineNodes = 0
    public var busyNodes = 0
    public var drainingNodes = 0
    public var offlineNodes = 0
    /// Registered nodes with a score of 60 and more; this and the next two add up to all.
    public var healthyNodes = 0
    /// Registered nodes with a lower score.
    public var degradedNodes = 0
    /// Registered nodes of which nothing is known at present.
    public var unratedNodes = 0
    /// Agents' sessions that are open and not fenced.
    public var agentSessions = 0
    /// Authenticated clients' sessions.
    public var subscribers = 0
    /// Distinct unions of predicates that some session looks through.
    public var views = 0
    /// Over all nodes.
    public var gaps = SampleGaps()
    /// Since the coordinator's start.
    public var results = ResultCounts()
    public init() {}
}

/// What became of the results that agents reported.
public struct ResultCounts: Hashable, Sendable {
    /// Of a run that held its lease: they are in their tasks' records.
    public var counted: UInt64 = 0
    /// Counted before, and said again.
    public var repeated: UInt64 = 0
    /// Of a run that held no lease any more: they changed nothing.
    public var refused: UInt64 = 0
    public init() {}
}
