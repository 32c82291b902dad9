public import Grid

/// What a QUBIX client says (docs/protocol-qubix.md).
public enum QubixMessage: Hashable, Sendable {
    case subscribe(QubixSubscription)
    /// The `subscriptionId` as the client spelled it.
    case unsubscribe(id: String)
    case ping
}

/// What the coordinator answers a QUBIX client; events are ``LoggedEvent``s.
public enum QubixReply: Hashable, Sendable {
    case pong
    case subscribed(QubixSubscription)
    case unsubscribed(QubixSubscription)
    /// A message or a wish was refused; the connection stays unless a close frame follows.
    case error(Refusal)

    var type: StaticString {
        switch self {
        case .pong: "pong"
        case .subscribed: "subscribed"
        case .unsubscribed: "unsubscribed"
        case .error: "error"
        }
    }
}
