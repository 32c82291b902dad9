/// Why a connection ended. The raw value is the word for it in metrics, in the log and on the wire.
public enum ConnectionEnding: String, Hashable, Sendable, CaseIterable {
    /// The peer said goodbye.
    case peer
    /// The peer went without a goodbye.
    case lost
    case normal
    case drain
    case protocolError = "protocol_error"
    case invalidData = "invalid_data"
    /// Its behaviour, its token's end, or its token's being taken back.
    case policy
    case tooLarge = "too_large"
    case unavailable
    case slow
    case noHeartbeat = "no_heartbeat"
    case fenced
    case refused
    case overflow = "queue_overflow"
    case other
    case noPing = "no_ping"
}
