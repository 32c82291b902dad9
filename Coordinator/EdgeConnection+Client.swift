internal import Grid
internal import Reactor
internal import Wire

extension EdgeConnection {
    /// Who its client is, for those who look at connections.
    func clientFacts(_ dialect: Dialect) -> ClientFacts {
        ClientFacts(connection: sessionName, dialect: "\(dialect.name)", address: peer.addressText)
    }
}
