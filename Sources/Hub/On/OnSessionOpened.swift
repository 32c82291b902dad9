internal import Grid

extension Hub {
    /// A client has authenticated: it may join rooms from now on.
    mutating func onSessionOpened(_ session: SessionID, _ subscriber: Subscriber) {
        rooms.open(session, subscriber)
    }
}
