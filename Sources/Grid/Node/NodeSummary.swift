/// All that the registry can tell about one node at one moment: the answer to a REST read.
public struct NodeSummary: Hashable, Sendable, Identifiable {
    /// What the operator enrolled and the last hello told.
    public var record: NodeRecord
    public var status: NodeStatus
    /// Since when ``status`` holds; `nil` for a node that was never seen.
    public var statusChangedAt: Timestamp?
    public var currentTask: TaskID?
    public var health: Health
    /// The latest sample, kept after the node went offline; `nil` until the first.
    public var latestSample: NodeSample?
    /// The latest detail, which only some samples carry; `nil` until the first.
    public var latestDetail: HostDetail?
    /// When the agent was last heard, by sample or heartbeat; `nil` until the first.
    public var lastHeardAt: Timestamp?
    /// Whether an agent's session is open and not fenced.
    public var isConnected: Bool
    public var gaps: SampleGaps

    public var id: NodeID { record.id }

    public init(record: NodeRecord, status: NodeStatus, health: Health) {
        self.record = record
        self.status = status
        self.health = health
        isConnected = false
        gaps = SampleGaps()
    }
}

/// What is missing from a node's sample streams since the coordinator started.
public struct SampleGaps: Hashable, Sendable {
    /// Samples received and not doubled.
    public var receivedSamples: UInt64 = 0
    /// Holes in the numbering.
    public var gapCount: UInt64 = 0
    /// Sequence numbers that never came.
    public var missingSamples: UInt64 = 0
    /// Samples that came again and were ignored.
    public var duplicateSamples: UInt64 = 0
    /// Samples taken long before they came, after an outage of the link.
    public var lateSamples: UInt64 = 0
    /// When the latest hole was noticed.
    public var lastGapAt: Timestamp?
    public init() {}
}
