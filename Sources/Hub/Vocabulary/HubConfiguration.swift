internal import Grid

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
    /// Nodes that may be enrolled.
    public var maximumNodes = Limits.nodes
    /// Tokens and users that may be taken back.
    public var maximumRevocations = Limits.revocations
    /// How soon after a stored inventory the next one of a node is stored, in nanoseconds.
    public var inventoryEveryNanoseconds: UInt64 = 10_000_000_000

    public init() {}
}
