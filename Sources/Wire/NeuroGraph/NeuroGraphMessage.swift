public import Grid

/// What a NeuroGraph client says (docs/protocol-neurograph.md).
public enum NeuroGraphMessage: Hashable, Sendable {
    /// Each channel once, in the client's order.
    case subscribe([EventChannel])
    /// The same.
    case unsubscribe([EventChannel])
    case getSubscriptions
    case ping
}

/// What the coordinator answers a NeuroGraph client; events are ``LoggedEvent``s.
public enum NeuroGraphReply: Hashable, Sendable {
    /// The client's name, by which it may come back; `user` is `nil` for an anonymous one.
    case connected(client: UUID128, user: UserID?)
    /// The channels of the request that it answers.
    case subscribed([EventChannel])
    /// The same.
    case unsubscribed([EventChannel])
    /// All channels of the client.
    case subscriptions([EventChannel])
    case pong
    /// Of what a client missed that came back, so many events are lost; the others follow.
    case bufferOverflow(dropped: UInt64)
    /// A message or a wish was refused; the connection stays unless a close frame follows.
    case error(Refusal)

    var type: StaticString {
        switch self {
        case .connected: "connected"
        case .subscribed: "subscribed"
        case .unsubscribed: "unsubscribed"
        case .subscriptions: "subscriptions"
        case .pong: "pong"
        case .bufferOverflow: "buffer_overflow"
        case .error: "error"
        }
    }
}
