internal import Grid

extension Hub {
    /// A client's connection ended: its views are given back. The edge has dropped the connection itself.
    mutating func onSessionClosed(_ session: SessionID) {
        rooms.close(session)
    }
}
