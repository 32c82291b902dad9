/// What a TriggerX client says (docs/protocol-triggerx.md).
public enum TriggerXMessage: Hashable, Sendable {
    /// The room's name as the client spelled it.
    case subscribe(room: String)
    /// Likewise.
    case unsubscribe(room: String)
}

/// What the coordinator answers a TriggerX client; events are `LoggedEvent`s.
public enum TriggerXReply: Hashable, Sendable {
    case subscribed(TriggerXRoom)
    case unsubscribed(TriggerXRoom)
    /// A message or a wish was refused; the connection stays unless a close frame follows.
    case error(TriggerXError)
}
