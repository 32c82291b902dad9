internal import Grid
internal import Reactor
internal import Service

/// What the coordinator writes down, one method an event: among it the audit of connections.
final class CoordinatorLog: Sendable {
    let log: Log
    private let handshakes = LogThrottle()

    init(log: Log) { self.log = log }

    // MARK: Connections

    func connectionOpened(peer: PeerAddress, role: String) {
        log.info("connection opened", ["peer": LogValue(peer), "role": LogValue(role)])
    }

    func connectionClosed(peer: PeerAddress, role: String, cause: String) {
        log.info("connection closed", ["peer": LogValue(peer), "role": LogValue(role), "cause": LogValue(cause)])
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
