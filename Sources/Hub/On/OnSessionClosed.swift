internal import Grid

extension Hub {
    /// A client's connection ended: its views are given back. The edge has dropped the connection itself.
    mutating func onSessionClosed(
        _ session: SessionID, _ ending: ConnectionEnding, _ now: Now, _ effects: inout [Effect]
    ) {
        let subscriber = rooms.subscriber(session)
        rooms.close(session)
        absences.remove(session)
        if let subscriber { noteGone(subscriber, ending, now, &effects) }
        // Its client is back already, though nothing was to be kept for it.
        if let wish = absences.wishes.removeValue(forKey: session) { onReturnRequested(wish, from: session, &effects) }
    }

    /// A subscriber's connection is no longer there.
    mutating func noteGone(
        _ subscriber: Subscriber, _ ending: ConnectionEnding, _ now: Now, _ effects: inout [Effect]
    ) {
        analytics.noteUser(subscriber.user, now)
        tellConnection(of: subscriber, ending: ending, now, &effects)
    }
}
