internal import Grid

extension Hub {
    /// A client's connection ended: its views are given back. The edge has dropped the connection itself.
    mutating func onSessionClosed(_ session: SessionID, _ now: Now, _ effects: inout [Effect]) {
        let subscriber = rooms.subscriber(session)
        rooms.close(session)
        guard let subscriber else { return }
        analytics.noteUser(subscriber.user, now)
        tellConnection(of: subscriber, isOpen: false, now, &effects)
    }
}
