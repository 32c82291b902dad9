public import Grid

/// What a QUBIX client subscribes to, as its `subscriptionId` names it.
public enum QubixSubscription: Hashable, Sendable {
    case marketplace
    case provider(NodeID)
    /// An identifier that no node can have: allowed like that of a node which is not there yet, and never answered.
    case nobody(String)
    case job(String)

    /// Of `subscribe:provider`; whoever puts `provider:` before the identifier means the same.
    init(provider text: String) {
        let text = Self.bare(text, behind: Self.providerPrefix) ?? text
        self = NodeID(text).map { .provider($0) } ?? .nobody(text)
    }

    /// Of `subscribe:job`, likewise.
    init(job text: String) {
        self = .job(Self.bare(text, behind: Self.jobPrefix) ?? text)
    }

    /// The subscription that an acknowledgement named so; `nil` for anything else.
    public init?(id: String) {
        if id == Self.market {
            self = .marketplace
        } else if Self.bare(id, behind: Self.providerPrefix) != nil {
            self.init(provider: id)
        } else if Self.bare(id, behind: Self.jobPrefix) != nil {
            self.init(job: id)
        } else {
            return nil
        }
    }

    /// What stands behind the prefix; `nil` without it.
    ///
    /// By bytes: an accent at the beginning of a name makes one character with the colon before it.
    private static func bare(_ text: String, behind prefix: String) -> String? {
        guard text.utf8.starts(with: prefix.utf8) else { return nil }
        return String(text.unicodeScalars.dropFirst(prefix.unicodeScalars.count))
    }

    private static let market = "marketplace"
    private static let providerPrefix = "provider:"
    private static let jobPrefix = "job:"

    /// The `subscriptionId` of acknowledgements, and of events about the subject.
    public var id: String {
        switch self {
        case .marketplace: Self.market
        case .provider(let node): "\(Self.providerPrefix)\(node)"
        case .nobody(let text): Self.providerPrefix + text
        case .job(let job): Self.jobPrefix + job
        }
    }
}

/// The rooms of the Hub that subscriptions look at.
extension QubixSubscription {
    /// What every client sees that may look at the market, whatever it subscribed to (EVENTS 20).
    public static let arrivals = Room.topics(.arrivals, of: .nodes)

    private static let marketRoom = Room.topics([.arrivals, .statuses, .listings], of: .nodes)
    private static let providerTopics: EventTopics = [.statuses, .readings]

    /// Where its events are; `nil` where there can be none.
    public var room: Room? {
        switch self {
        case .marketplace: Self.marketRoom
        case .provider(let node): .nodeTopics(node, Self.providerTopics)
        case .nobody: nil
        case .job(let job): .job(job)
        }
    }

    /// The subscription whose ``room`` that is; `nil` for a room that is none's.
    public init?(room: Room) {
        switch room {
        case Self.marketRoom: self = .marketplace
        case .nodeTopics(let node, Self.providerTopics): self = .provider(node)
        case .job(let job): self = .job(job)
        case .base, .node, .task, .numberedTask, .tasksOf, .topics, .nodeTopics, .aboutNode: return nil
        }
    }
}
