public import Grid

/// A question to the Hub. Who may ask is decided by the edge.
public enum Query: Hashable, Sendable {
    /// Registered nodes in the order of their identifiers: at most `limit` (1 to 1000; others are brought into
    /// that range), beginning behind `after`.
    case nodes(limit: Int, after: NodeID?)
    /// One registered node.
    case node(NodeID)
    case counts
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
    case counts(HubCounts)
    /// The notification of that identifier stands in the log of `general` there.
    case notified(UUID128, LogPosition)
    case refused(Refusal)
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
    public init() {}
}
