public import Grid

/// What a subscription to a channel comes to in the Hub.
extension EventChannel {
    /// What every client is told, whatever it subscribed to.
    public static let everybody = Room.topics(.announcements, of: .channels)

    /// The rooms whose events are told in it.
    public var rooms: [Room] {
        let messages = Room.topics(.messages(of: self), of: .channels)
        switch self {
        case .metrics: return [messages]
        case .connections: return [messages, .topics(.connections, of: .logs)]
        case .signals: return [messages, .base(.alerts), .base(.predictions)]
        case .actions: return [messages, .base(.tasks), .topics(.actions, of: .logs)]
        case .logs: return [messages, .topics(.others, of: .logs)]
        case .status:
            return [messages, .topics([.arrivals, .statuses], of: .nodes), .base(.topology), .base(.general)]
        }
    }

    /// What people are told of it.
    public var summary: StaticString {
        switch self {
        case .metrics: "How the coordinator does: CPU, memory, events a second"
        case .signals: "Alerts and predictions"
        case .actions: "What tasks do, and what operators do"
        case .logs: "Log lines"
        case .status: "Nodes that come and go, the network's shape, notices to everybody"
        case .connections: "Clients that come and go"
        }
    }
}
