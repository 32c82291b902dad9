internal import Grid
internal import Reactor
internal import Service

/// A connection at its end.
struct ConnectionRecord {
    var peer: PeerAddress
    var role: ConnectionRole
    /// `nil` where nobody authenticated.
    var user: UserID?
    var ending: ConnectionEnding
    var cause: CloseCause
    /// Since its upgrade.
    var milliseconds: UInt64
    var messagesIn: UInt64
    var bytes: SocketBytes
}

/// What the coordinator writes down, one method an event: among it the audit of connections.
final class CoordinatorLog: Sendable {
    let log: Log
    private let handshakes = LogThrottle()

    init(log: Log) { self.log = log }

    // MARK: Connections

    func connectionOpened(peer: PeerAddress, role: String) {
        log.info("connection opened", ["peer": LogValue(peer), "role": LogValue(role)])
    }

    /// The one line that a connection leaves behind. Everything in it is a count, a name of ours or a user's name.
    func connectionClosed(_ record: ConnectionRecord) {
        log.info(
            "connection closed",
            [
                "peer": LogValue(record.peer), "role": LogValue(record.role.rawValue),
                "user": LogValue(record.user?.text ?? ""), "reason": LogValue(record.ending.rawValue),
                "cause": LogValue("\(record.cause)"), "duration_ms": LogValue(record.milliseconds),
                "messages_in": LogValue(record.messagesIn), "bytes_in": LogValue(record.bytes.received),
                "bytes_out": LogValue(record.bytes.sent),
            ])
    }

    func connectionRefused(peer: PeerAddress, reason: String) {
        log.warn("connection refused", ["peer": LogValue(peer), "reason": LogValue(reason)])
    }

    /// A connection that did not come to speak TLS. Anybody can cause these, so they are rationed.
    func tlsRefused(peer: PeerAddress, _ error: TLSError, now: UInt64) {
        guard let suppressed = handshakes.admit(now: now) else { return }
        log.warn(
            "TLS refused",
            ["peer": LogValue(peer), "error": LogValue("\(error)"), "more_before": LogValue(suppressed)])
    }

    func connectionPunished(peer: PeerAddress, reason: String) {
        log.warn("connection closed for its behaviour", ["peer": LogValue(peer), "reason": LogValue(reason)])
    }

    // MARK: Identity

    func sessionRevoked(peer: PeerAddress, user: UserID) {
        log.warn("session revoked", ["peer": LogValue(peer), "user": LogValue(user)])
    }

    func authenticated(peer: PeerAddress, user: UserID) {
        log.info("authenticated", ["peer": LogValue(peer), "user": LogValue(user)])
    }

    func authenticationFailed(peer: PeerAddress, _ refusal: Refusal, why: String) {
        log.warn(
            "authentication failed",
            ["peer": LogValue(peer), "code": LogValue(refusal.code.rawValue), "why": LogValue(why)])
    }

    func agentRefused(peer: PeerAddress, _ refusal: Refusal) {
        log.warn(
            "agent refused",
            ["peer": LogValue(peer), "code": LogValue(refusal.code.rawValue), "why": LogValue(refusal.message)])
    }

    /// An entry of the audit log, which the store keeps as well.
    func audit(_ entry: AuditEntry) {
        log.info(
            "audit",
            [
                "kind": LogValue(entry.kind.rawValue), "node": LogValue(entry.node?.description ?? ""),
                "user": LogValue(entry.user?.text ?? ""), "detail": LogValue(entry.detail),
            ])
    }
}
