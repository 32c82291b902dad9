public import Grid

/// What an operator may set about the Hub's decisions; the defaults are those of ``Grid/Limits``.
public struct HubConfiguration: Hashable, Sendable {
    /// The silence after which a node is offline, in nanoseconds.
    public var leaseNanoseconds = UInt64(Limits.leaseSeconds) * 1_000_000_000
    /// The least time between two acknowledgements to one agent, in nanoseconds.
    public var acknowledgeEveryNanoseconds: UInt64 = 1_000_000_000
    /// The sampling interval told to agents in `welcome` and `advice`, in milliseconds.
    public var sampleIntervalMilliseconds: UInt32 = 1000
    /// Current samples a second beyond which an agent is advised to slow down; 0 = never.
    public var maximumSamplesPerSecond: UInt64 = 20
    /// A sample that took longer than this from its reading to its arrival is late, in milliseconds.
    public var lateAfterMilliseconds = Int64(Limits.leaseSeconds) * 1000
    /// How much is kept of each base room's log.
    public var history = HistoryBounds()
    /// Events that are kept for a client that dropped; 0 = no limit.
    public var bufferedEvents = Limits.bufferedEvents
    /// Nodes that may be enrolled.
    public var maximumNodes = Limits.nodes
    /// Tokens and users that may be taken back.
    public var maximumRevocations = Limits.revocations
    /// API keys that are kept.
    public var maximumAPIKeys = Limits.apiKeys
    /// A node's silence after which its tasks are given to others, in nanoseconds; at least ``leaseNanoseconds``.
    public var taskLeaseNanoseconds = UInt64(Limits.taskLeaseSeconds) * 1_000_000_000
    /// Of what is paid for a task, the platform's share in hundredths of a percent.
    public var platformFeeBasisPoints: Int64 = 500
    /// What one credit (USD) is worth in each currency, in micro-units; USD is always 1,000,000.
    public var microsPerCredit: [Currency: Int64] = [.usd: 1_000_000, .neuro: 10_000_000]
    /// A node's readings are told at most so often, in nanoseconds; 0 = as they come. Administrators get all of them.
    public var nodesEveryNanoseconds: UInt64 = 1_000_000_000
    /// A task's progress is told at most so often, in nanoseconds; 0 = as it comes.
    public var progressEveryNanoseconds: UInt64 = 500_000_000
    /// The share of tasks that are run on a second node to compare, in hundredths of a percent; 0 = none.
    public var replicationBasisPoints: Int64 = 0
    /// The runners whose tasks may be run twice, and then give the same on every machine: only those are compared.
    public var comparedRunners: Set<String> = ["selftest"]
    /// How often a node is challenged, in nanoseconds; 0 = never.
    public var challengeEveryNanoseconds: UInt64 = 0
    /// Tasks that have not ended, in all and of one user, and ended ones that are kept.
    public var maximumLiveTasks = Limits.liveTasks
    public var maximumLiveTasksPerUser = Limits.liveTasksPerUser
    public var maximumEndedTasks = Limits.endedTasks
    /// How soon after a stored inventory the next one of a node is stored, in nanoseconds.
    public var inventoryEveryNanoseconds: UInt64 = 10_000_000_000
    /// How tasks find their places.
    public var routing = RoutingConfiguration()
    /// When the coordinator raises alerts.
    public var alerts = AlertConfiguration()
    /// The time between two ``Grid/AnalyticsUpdated``, in nanoseconds; 0 = as short as is useful, a second.
    public var analyticsEveryNanoseconds: UInt64 = 5_000_000_000

    public init() {}
}
