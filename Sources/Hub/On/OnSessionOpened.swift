internal import Grid

extension Hub {
    /// A client has authenticated: it may join rooms from now on.
    mutating func onSessionOpened(
        _ session: SessionID, _ subscriber: Subscriber, _ now: Now, _ effects: inout [Effect]
    ) {
        analytics.noteUser(subscriber.user, now)
        let isNew = rooms.subscriber(session) == nil
        rooms.open(session, subscriber)
        if isNew { tellConnection(of: subscriber, ending: nil, now, &effects) }
    }

    /// Tells those who look at connections, if anybody does.
    ///
    /// - Parameter ending: why it is gone; `nil` for one that is new.
    mutating func tellConnection(
        of subscriber: Subscriber, ending: ConnectionEnding?, _ now: Now, _ effects: inout [Effect]
    ) {
        guard let client = subscriber.client else { return }
        var facts = EventFacts()
        facts.owner = subscriber.user
        let views = rooms.viewing(.logs, .connections, facts)
        guard !views.isEmpty else { return }
        let change = ConnectionChanged(
            isOpen: ending == nil, connection: client.connection, dialect: client.dialect, user: subscriber.user,
            address: client.address, reason: ending, at: now.wall)
        rooms.publish(.connectionChanged(change), facts, to: views, now, &effects)
    }
}
