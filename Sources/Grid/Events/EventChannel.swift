/// What a NeuroGraph client subscribes to: a stretch of the grid's events, with the messages that are broadcast to it.
public enum EventChannel: UInt8, Sendable, Hashable, CaseIterable {
    case metrics, signals, actions, logs, status, connections

    /// The name on the wire.
    public var name: String { "\(staticName)" }

    /// The same for writers, which shall not allocate.
    public var staticName: StaticString {
        switch self {
        case .metrics: "metrics"
        case .signals: "signals"
        case .actions: "actions"
        case .logs: "logs"
        case .status: "status"
        case .connections: "connections"
        }
    }

    /// The channel of that name, or `nil`.
    public init?(name: some StringProtocol) {
        guard let channel = Self.allCases.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return nil }
        self = channel
    }

    /// What a client needs to subscribe to it (EVENTS 6).
    public var permission: Permissions {
        switch self {
        case .metrics, .signals, .status: .nodeRead
        case .actions: .taskSubmit
        case .logs, .connections: .admin
        }
    }
}
