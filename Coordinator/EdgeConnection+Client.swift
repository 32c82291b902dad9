internal import Grid
internal import Reactor
internal import Wire

extension EdgeConnection {
    /// Who its client is, for those who look at connections.
    ///
    /// - Parameter name: what the client was told that it is called; `nil`: the session's name.
    func clientFacts(_ dialect: Dialect, named name: UUID128? = nil) -> ClientFacts {
        ClientFacts(connection: name ?? sessionName, dialect: "\(dialect.name)", address: peer.addressText)
    }
}
