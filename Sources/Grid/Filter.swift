/// A base room: one log of events. Entity rooms (`node:{id}`, …) are views of these.
public enum BaseRoom: UInt8, Sendable, CaseIterable, Hashable {
    case nodes, tasks, alerts, topology, predictions, logs, analytics, general
    case userUpdates
    /// What is said in the NeuroGraph dialect's channels and nowhere else; no room of the native wire.
    case channels

    /// The name on the native wire.
    public var name: String { "\(staticName)" }

    /// The same for writers, which shall not allocate.
    public var staticName: StaticString {
        switch self {
        case .nodes: "nodes"
        case .tasks: "tasks"
        case .alerts: "alerts"
        case .topology: "topology"
        case .predictions: "predictions"
        case .logs: "logs"
        case .analytics: "analytics"
        case .general: "general"
        case .userUpdates: "user_updates"
        case .channels: "channels"
        }
    }

    /// Whether its log survives a restart: its events are stored, as a rule before anybody is told of them.
    public var isDurable: Bool {
        switch self {
        case .general, .tasks, .alerts, .predictions, .userUpdates: true
        case .nodes, .topology, .logs, .analytics, .channels: false
        }
    }

    /// Whether some of its events are told before they are stored, since they come again by themselves if a crash takes
    /// them. After a crash its log goes on under another epoch, so that no position is given out twice.
    public var isToldEarly: Bool { self == .tasks }

    /// The room of that name on the native wire, or `nil`.
    public init?(name: some StringProtocol) {
        guard let room = Self.allCases.first(where: { $0.name == name }), room != .channels else { return nil }
        self = room
    }
}

/// A room as a client names it: a base room, or one entity's view of it.
public enum Room: Hashable, Sendable {
    case base(BaseRoom)
    case node(NodeID)
    case task(TaskID)
    case job(String)
    /// A task by its number; no room of the native wire.
    case numberedTask(UInt64)
    /// All tasks of a user; no room of the native wire.
    case tasksOf(UserID)
    /// Some topics of a base room; no room of the native wire.
    case topics(EventTopics, of: BaseRoom)
    /// Some topics of one node's events, whether it is known or not; no room of the native wire.
    case nodeTopics(NodeID, EventTopics)
    /// What another log than `nodes` has of one node, whether it is known or not; no room of the native wire.
    case aboutNode(NodeID, in: BaseRoom)

    /// Parses `nodes`, `node:{uuid}`, `task:{uuid}`, `job:{id}`; `nil` for anything else.
    public init?(_ text: String) {
        guard text.utf8.count <= Limits.roomNameBytes else { return nil }
        if let room = BaseRoom(name: text) {
            self = .base(room)
        } else if text.hasPrefix("node:"), let id = NodeID(String(text.dropFirst(5))) {
            self = .node(id)
        } else if text.hasPrefix("task:"), let id = TaskID(String(text.dropFirst(5))) {
            self = .task(id)
        } else if text.utf8.starts(with: "job:".utf8), text.utf8.count > 4, text.utf8.count <= 132 {
            // Bytes, as an accent at the name's beginning would be one character with the colon.
            self = .job(String(Substring(text.utf8.dropFirst(4))))
        } else {
            return nil
        }
    }

    /// The log that this room looks at.
    public var base: BaseRoom {
        switch self {
        case .base(let room): room
        case .topics(_, let room), .aboutNode(_, in: let room): room
        case .node, .nodeTopics: .nodes
        case .task, .job, .numberedTask, .tasksOf: .tasks
        }
    }

    /// The name on the native wire, or of the room there that has the same events and more.
    public var name: String {
        switch self {
        case .base(let room), .topics(_, let room), .aboutNode(_, in: let room): room.name
        case .node(let id), .nodeTopics(let id, _): "node:\(id)"
        case .task(let id): "task:\(id)"
        case .job(let id): "job:\(id)"
        case .numberedTask(let number): "task:\(number)"
        case .tasksOf: BaseRoom.tasks.name
        }
    }
}

/// A subscriber's question: AND across keys, OR within arrays, an empty set asks for nothing in particular.
public struct RoomFilter: Hashable, Sendable {
    public var regions: Set<String> = []
    public var nodeIDs: Set<NodeID> = []
    public var userID: UserID?
    /// Statuses as spelled on the wire, of a task in `tasks`, of a node in `nodes`.
    public var statuses: Set<String> = []
    public init() {}
    public var isEmpty: Bool { regions.isEmpty && nodeIDs.isEmpty && userID == nil && statuses.isEmpty }
}

/// A place in a base room's log: `offset` counts its events within `epoch` from 1.
public struct LogPosition: Hashable, Sendable {
    /// Drawn anew whenever the log could have lost something, one that is told early after each crash.
    public var epoch: UInt64
    /// The last event at or before this place; 0 before the first.
    public var offset: UInt64
    public init(epoch: UInt64, offset: UInt64) {
        self.epoch = epoch
        self.offset = offset
    }
}

/// A place in the log of a named room.
public struct RoomPosition: Hashable, Sendable {
    public var room: BaseRoom
    public var position: LogPosition
    public init(room: BaseRoom, position: LogPosition) {
        self.room = room
        self.position = position
    }
}
