/// Everything that subscribers can be told: the closed list. Dialects decide which they carry.
public enum RoomEvent: Hashable, Sendable {
    case nodeRegistered(NodeRegistered)
    case nodeStatus(NodeStatusChanged)
    case nodeMetrics(NodeMetrics)

    /// The log that keeps it.
    public var room: BaseRoom {
        switch self {
        case .nodeRegistered, .nodeStatus, .nodeMetrics: .nodes
        }
    }

    /// When the sample that the event tells of came in, in monotonic nanoseconds; 0 where it tells of none.
    public var receivedNanoseconds: UInt64 {
        switch self {
        case .nodeMetrics(let event): event.hops?.receivedNanoseconds ?? 0
        case .nodeRegistered, .nodeStatus: 0
        }
    }

    /// Whether a newer event of the same subject may stand in for it (DESIGN §4.6).
    public var isConflatable: Bool {
        switch self {
        case .nodeMetrics: true
        case .nodeRegistered, .nodeStatus: false
        }
    }
}

/// What filters and permissions ask about an event.
public struct EventFacts: Hashable, Sendable {
    public var owner: UserID?
    public var node: NodeID?
    public var task: TaskID?
    public var job: String?
    public var region: String?
    /// As spelled on the wire: the node's status in `nodes`, the task's in `tasks`.
    public var status: String?
    public init() {}
}

/// An event in its base room's log.
public struct LoggedEvent: Sendable {
    public var position: LogPosition
    public var facts: EventFacts
    public var event: RoomEvent
    public init(position: LogPosition, facts: EventFacts, event: RoomEvent) {
        self.position = position
        self.facts = facts
        self.event = event
    }
}
