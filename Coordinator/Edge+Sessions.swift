internal import Fanout
internal import Grid
internal import Reactor
internal import Wire

/// Whom the Hub means.
extension Edge {
    /// Whether a connection for requests may stay for another one: not beyond so many, nor in a drain.
    var letsConnectionsRest: Bool {
        !isDraining && counters.open[.http] <= UInt64(Limits.restingHTTPConnections)
    }

    /// The connection of a session, unless it is gone meanwhile.
    func connection(_ session: SessionID) -> EdgeConnection? {
        let address = SessionAddress(session)
        guard let channel = loop.channel(slot: address.slot, generation: address.generation) else { return nil }
        return unsafeDowncast(channel, to: EdgeConnection.self)
    }

    /// The same of a session that outlives its connections.
    func eyenetSession(_ session: SessionID) -> EyeNetSession? {
        let address = SessionAddress(session)
        guard let channel = loop.channel(slot: address.slot, generation: address.generation) else { return nil }
        return unsafeDowncast(channel, to: EyeNetSession.self)
    }

    /// Who looks at classes for a session, unless it is gone or says goodbye.
    func subscriber(_ session: SessionID) -> SubscriberChannel? {
        if SessionAddress(session).dialect == .eyenet { return eyenetSession(session) }
        guard let connection = connection(session), !connection.isSayingGoodbye else { return nil }
        return connection
    }
}
