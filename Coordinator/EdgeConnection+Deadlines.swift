internal import Fanout
internal import Grid
internal import Reactor

/// When a connection has to be looked at again.
extension EdgeConnection {
    static let second: UInt64 = 1_000_000_000

    /// The next moment at which something may be due.
    func nextDeadline() -> UInt64 {
        let now = edge.loop.now
        switch role {
        case .http:
            return deadline
        case .engine:
            return 0
        case .agent(let session):
            return session.isEstablished
                ? now + UInt64(Limits.heartbeatSeconds) * Self.second
                : upgradedAt + UInt64(Limits.agentHandshakeSeconds) * Self.second
        case .client(let session):
            var due = session.ownDeadline(since: upgradedAt)
            if session.resumesAt > now { due = min(due, session.resumesAt) }
            if let expiresAt = session.expiresAt { due = min(due, edge.expiry(of: expiresAt)) }
            return session.keepsHeartbeat ? min(due, now + settings.heartbeatNanoseconds) : due
        case .stream(let session):
            return min(edge.expiry(of: session.expiresAt), session.heartbeatDue)
        }
    }
}

extension Edge {
    private static let longestWaitMilliseconds: Int64 = 86_400_000

    /// When to look whether a token or a key has expired. It may live for thousands of years, which nanoseconds cannot
    /// tell.
    func expiry(of expiresAt: Timestamp) -> UInt64 {
        let left = min(expiresAt.milliseconds - HubDesk.now().wall.milliseconds, Self.longestWaitMilliseconds)
        return loop.now + UInt64(max(left, 0) + 1) * 1_000_000
    }
}
