internal import Grid

/// Who may look at which room, and what may be asked there (EVENTS 6 and 7).
///
/// The order of the checks is the order of the answers: permission, then the room's existence, then the
/// filter's form, then whose events it asks for. So somebody without a permission learns nothing of what exists.
enum RoomRules {
    /// Whose events a session sees in a room.
    enum Scope: Sendable {
        /// Everybody's.
        case all
        /// The session's own user's, unless it is an administrator's.
        case ownUnlessAdmin
        /// The session's own user's, and another's only where an administrator names that user.
        case own
    }

    /// The filter keys that mean something in a room; any other one is refused.
    struct Keys: OptionSet, Sendable {
        var rawValue: UInt8
        static let regions = Keys(rawValue: 1 << 0)
        static let nodes = Keys(rawValue: 1 << 1)
        static let user = Keys(rawValue: 1 << 2)
        static let statuses = Keys(rawValue: 1 << 3)
    }

    /// The statuses a task can have, as spelled on the wire.
    static let taskStatuses: Set<String> = Set(TaskState.allCases.map(\.name))

    static func permission(_ room: BaseRoom) -> Permissions {
        switch room {
        case .nodes, .alerts, .topology, .predictions: .nodeRead
        case .tasks: .taskSubmit
        case .logs, .analytics, .channels: .admin
        case .general, .userUpdates: []
        }
    }

    /// The same for a view of one: what was done is for those who may do something, and each channel has its own.
    static func permission(_ room: Room) -> Permissions {
        if isOfActions(room) { return .taskSubmit }
        guard case .topics(let topics, of: .channels) = room else { return permission(room.base) }
        return EventChannel.allCases.filter { topics.contains(.messages(of: $0)) }
            .reduce(into: []) { $0.formUnion($1.permission) }
    }

    private static func scope(_ room: Room) -> Scope { isOfActions(room) ? .ownUnlessAdmin : scope(room.base) }

    private static func isOfActions(_ room: Room) -> Bool { room == .topics(.actions, of: .logs) }

    static func scope(_ room: BaseRoom) -> Scope {
        switch room {
        case .nodes, .alerts, .topology, .predictions, .logs, .analytics, .general, .channels: .all
        case .tasks: .ownUnlessAdmin
        case .userUpdates: .own
        }
    }

    static func keys(_ room: BaseRoom) -> Keys {
        switch room {
        case .nodes, .tasks: [.regions, .nodes, .user, .statuses]
        case .alerts, .predictions: [.regions, .nodes, .user]
        case .topology: [.regions, .nodes]
        case .logs: [.nodes, .user]
        case .userUpdates: [.user]
        case .analytics, .general, .channels: []
        }
    }

    /// The join's question in normal form, or why it is refused. `isThere` tells whether a node has registered,
    /// and whether a task or a job exists for that subscriber: somebody else's looks like none. `task` finds a task
    /// that is there by its number.
    static func predicate(
        _ room: Room, _ filter: RoomFilter, for subscriber: Subscriber, task: (UInt64) -> TaskID? = { _ in nil },
        isThere: (Room) -> Bool
    ) throws(Refusal) -> Predicate? {
        guard subscriber.permissions.allows(permission(room)) else {
            throw Refusal(.forbidden, "The room \(room.name) needs a permission that the token does not give")
        }
        var predicate = Predicate()
        switch room {
        case .base: break
        case .node(let node): predicate.nodes = [node]
        case .task(let task): predicate.task = task
        case .job(let job): predicate.job = job
        case .numberedTask(let number): predicate.task = task(number)
        // Whose they are is restricted below; who may look at others' names one.
        case .tasksOf(let user): predicate.owner = user
        case .topics(let topics, _): predicate.topics = topics
        case .aboutNode(let node, in: _): predicate.nodes = [node]
        case .nodeTopics(let node, let topics):
            predicate.topics = topics
            predicate.nodes = [node]
        }
        guard isThere(room) else { throw unknown(room) }
        try check(filter, room)
        try restrict(&predicate, to: filter.userID ?? predicate.owner, room: room, for: subscriber)
        predicate.regions = filter.regions.sorted()
        predicate.statuses = filter.statuses.sorted()
        if !filter.nodeIDs.isEmpty {
            let asked = filter.nodeIDs.sorted()
            predicate.nodes = predicate.nodes.isEmpty ? asked : predicate.nodes.filter(asked.contains)
            if predicate.nodes.isEmpty { return nil }
        }
        return predicate
    }

    private static func unknown(_ room: Room) -> Refusal {
        Refusal(.unknownRoom, "There is no room \(room.name) for you")
    }

    /// Sets whose events are seen: by the room's rule, and narrower where the filter names a user.
    private static func restrict(
        _ predicate: inout Predicate, to asked: UserID?, room: Room, for subscriber: Subscriber
    ) throws(Refusal) {
        let isAdmin = subscriber.permissions.contains(.admin)
        if let asked, asked != subscriber.user, !isAdmin {
            throw Refusal(.forbidden, "The filter user_id may name only your own user")
        }
        switch scope(room) {
        case .all: predicate.owner = asked
        case .ownUnlessAdmin: predicate.owner = asked ?? (isAdmin ? nil : subscriber.user)
        case .own: predicate.owner = asked ?? subscriber.user
        }
    }

    private static func check(_ filter: RoomFilter, _ room: Room) throws(Refusal) {
        let allowed = keys(room.base)
        for (isUsed, key, name) in [
            (!filter.regions.isEmpty, Keys.regions, "regions"), (!filter.nodeIDs.isEmpty, .nodes, "node_ids"),
            (filter.userID != nil, .user, "user_id"), (!filter.statuses.isEmpty, .statuses, "status"),
        ] where isUsed && !allowed.contains(key) {
            throw Refusal(.invalidFilter, "The room \(room.name) has no filter \(name)")
        }
        guard filter.regions.count <= Limits.filterValues, filter.nodeIDs.count <= Limits.filterValues,
            filter.statuses.count <= Limits.filterValues
        else {
            throw Refusal(.invalidFilter, "A filter has at most \(Limits.filterValues) values")
        }
        guard filter.regions.allSatisfy({ !$0.isEmpty && $0.utf8.count <= Limits.regionBytes }) else {
            throw Refusal(.invalidFilter, "A region has 1 to \(Limits.regionBytes) bytes")
        }
        if let user = filter.userID, user.text.isEmpty || user.text.utf8.count > Limits.userIDBytes {
            throw Refusal(.invalidFilter, "A user_id has 1 to \(Limits.userIDBytes) bytes")
        }
        let isKnown: (String) -> Bool =
            room.base == .tasks ? taskStatuses.contains : { NodeStatus(name: $0) != nil }
        guard filter.statuses.allSatisfy(isKnown) else {
            throw Refusal(.invalidFilter, "The filter status names no status of the room \(room.name)")
        }
    }
}
