/// What an agent read in one tick. Absent readings are `nil`; failed ones are also named in ``failures``.
public struct NodeSample: Hashable, Sendable {
    /// Rises by one with each sample of a stream, from 1.
    public var sequence: UInt64
    public var takenAt: Timestamp
    /// The time the amounts cover: since the previous sample of the stream.
    public var intervalMilliseconds: UInt32
    public var host = HostSample()
    public var gpus: [GPUSample] = []
    public var failures: [ReadingFailure] = []
    /// The agent's own cost.
    public var cost: AgentCost?
    /// Slower-changing lists; present about every tenth sample.
    public var detail: HostDetail?

    public init(sequence: UInt64, takenAt: Timestamp, intervalMilliseconds: UInt32) {
        self.sequence = sequence
        self.takenAt = takenAt
        self.intervalMilliseconds = intervalMilliseconds
    }
}

/// A collector that could not read something it expected to be there.
public struct ReadingFailure: Hashable, Sendable {
    /// The collector's name, as `host_disk` or `gpu`.
    public var collector: String
    public var reason: String
    public init(collector: String, reason: String) {
        self.collector = collector
        self.reason = reason
    }
}

/// What the agent itself costs, its children included.
public struct AgentCost: Hashable, Sendable {
    /// Of one core, over the sample's interval.
    public var cpuPercent: Double
    public var residentBytes: UInt64
    /// Time spent in all collectors for this sample.
    public var collectMicroseconds: UInt32
    public init(cpuPercent: Double, residentBytes: UInt64, collectMicroseconds: UInt32) {
        self.cpuPercent = cpuPercent
        self.residentBytes = residentBytes
        self.collectMicroseconds = collectMicroseconds
    }
}
