internal import Grid

/// One join's question in its normal form: what an event must be for the session to see it through this join.
///
/// AND across keys, OR within lists; an empty list or `nil` asks for nothing. The ownership that a room
/// demands is part of it, so a permission is never checked apart from a filter.
struct Predicate: Hashable, Sendable {
    var owner: UserID?
    var task: TaskID?
    /// Behind an identifier, whose last byte leaves room for it.
    var topics = EventTopics.logged
    var job: String?
    // Sorted, without doubles.
    var nodes: [NodeID] = []
    var regions: [String] = []
    var statuses: [String] = []

    /// Whether it lets every event of its room's log through.
    var isUnrestricted: Bool { topics == .logged && asksNoFact }

    private var asksNoFact: Bool {
        owner == nil && task == nil && job == nil && nodes.isEmpty && regions.isEmpty && statuses.isEmpty
    }

    /// Whether a logged event passes.
    func matches(_ event: LoggedEvent) -> Bool { matches(event.event.topic, event.facts) }

    /// Whether an event of that topic with these facts passes. A fact that the event does not have passes no question
    /// about it.
    func matches(_ topic: EventTopics, _ facts: EventFacts) -> Bool {
        guard topics.contains(topic) else { return false }
        if let owner, facts.owner != owner { return false }
        if let task, facts.task != task { return false }
        if let job, facts.job != job { return false }
        if !nodes.isEmpty {
            guard let node = facts.node, nodes.contains(node) else { return false }
        }
        if !regions.isEmpty {
            guard let region = facts.region, regions.contains(region) else { return false }
        }
        if !statuses.isEmpty {
            guard let status = facts.status, statuses.contains(status) else { return false }
        }
        return true
    }

    /// Whether everything that `other` lets through passes here too.
    func covers(_ other: Predicate) -> Bool {
        topics.isSuperset(of: other.topics) && (owner == nil || owner == other.owner)
            && (task == nil || task == other.task) && (job == nil || job == other.job)
            && Self.covers(nodes, other.nodes)
            && Self.covers(regions, other.regions) && Self.covers(statuses, other.statuses)
    }

    private static func covers<Value: Equatable>(_ wide: [Value], _ narrow: [Value]) -> Bool {
        wide.isEmpty || (!narrow.isEmpty && narrow.allSatisfy(wide.contains))
    }
}

extension Predicate: Comparable {
    /// Any total order: it makes unions comparable whatever the order of their joins.
    static func < (left: Predicate, right: Predicate) -> Bool {
        if left.owner != right.owner { return precedes(left.owner, right.owner) }
        if left.task != right.task { return precedes(left.task, right.task) }
        if left.job != right.job { return precedes(left.job, right.job) }
        if left.nodes != right.nodes { return left.nodes.lexicographicallyPrecedes(right.nodes) }
        if left.regions != right.regions { return left.regions.lexicographicallyPrecedes(right.regions) }
        if left.statuses != right.statuses { return left.statuses.lexicographicallyPrecedes(right.statuses) }
        return left.topics.rawValue < right.topics.rawValue
    }

    private static func precedes<Value: Comparable>(_ left: Value?, _ right: Value?) -> Bool {
        guard let right else { return false }
        guard let left else { return true }
        return left < right
    }
}

/// A fact that some predicate pins down: events find the predicates that could match by hash lookup.
enum MatchKey: Hashable, Sendable {
    case task(TaskID)
    case job(String)
    case node(NodeID)
    case owner(UserID)
    case region(String)
    case status(String)
    case topic(EventTopics)
}

extension Predicate {
    /// The keys under which it is found, all of the kind that lets fewest events through; empty for an
    /// unrestricted one.
    var keys: [MatchKey] {
        if let task { return [.task(task)] }
        if let job { return [.job(job)] }
        if !nodes.isEmpty { return nodes.map { .node($0) } }
        if let owner { return [.owner(owner)] }
        if !regions.isEmpty { return regions.map { .region($0) } }
        if !statuses.isEmpty { return statuses.map { .status($0) } }
        return topics == .logged ? [] : topics.each.map { .topic($0) }
    }
}

/// What a session sees of a base room: the union of its joins' predicates, in normal form, so that sessions
/// that ask for the same share one view.
struct PredicateUnion: Hashable, Sendable {
    var room: BaseRoom
    /// Whose question it is (``ViewID/audience``).
    var audience: UInt8
    /// Whether it gets what others get only so often (EVENTS 8): a class of its own.
    var isUnlimited: Bool
    /// Ascending; none is covered by another. Empty lets nothing through.
    let predicates: [Predicate]

    init(room: BaseRoom, audience: UInt8 = 0, isUnlimited: Bool = false, _ joined: [Predicate]) {
        self.room = room
        self.audience = audience
        self.isUnlimited = isUnlimited
        var kept: [Predicate] = []
        for predicate in Self.mergingNodes(joined.sorted()) where !kept.contains(where: { $0.covers(predicate) }) {
            kept.removeAll { predicate.covers($0) }
            kept.append(predicate)
        }
        predicates = kept.sorted()
    }

    var isUnrestricted: Bool { predicates.count == 1 && predicates[0].isUnrestricted }

    func matches(_ event: LoggedEvent) -> Bool { matches(event.event.topic, event.facts) }

    func matches(_ topic: EventTopics, _ facts: EventFacts) -> Bool {
        predicates.contains { $0.matches(topic, facts) }
    }

    /// Joins of several nodes that ask the same otherwise are one question about all of them.
    private static func mergingNodes(_ predicates: [Predicate]) -> [Predicate] {
        var merged: [Predicate] = []
        for predicate in predicates {
            var others = predicate
            others.nodes = []
            let place = merged.firstIndex { candidate in
                var rest = candidate
                rest.nodes = []
                return !candidate.nodes.isEmpty && rest == others
            }
            if let place, !predicate.nodes.isEmpty {
                merged[place].nodes = Set(merged[place].nodes).union(predicate.nodes).sorted()
            } else {
                merged.append(predicate)
            }
        }
        return merged
    }
}
