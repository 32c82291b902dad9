internal import Grid

extension Hub {
    /// A client's connection ended: its views are given back. The edge has dropped the connection itself.
    mutating func onSessionClosed(_ session: SessionID, _ effects: inout [Effect]) {
        rooms.close(session)
        absences.remove(session)
        // Its client is back already, though nothing was to be kept for it.
        if let wish = absences.wishes.removeValue(forKey: session) { onReturnRequested(wish, from: session, &effects) }
    }
}
