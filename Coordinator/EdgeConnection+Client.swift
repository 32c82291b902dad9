internal import Grid
internal import Reactor
internal import Wire

extension EdgeConnection {
    /// Who its client is, for those who look at connections.
    func clientFacts(_ dialect: Dialect) -> ClientFacts {
        ClientFacts(connection: sessionName, dialect: "\(dialect.name)", address: peer.addressText)
    }
}

extension PeerAddress {
    /// The network address without its port; empty where there is none.
    var addressText: String {
        switch family {
        case .unknown, .unix: return ""
        case .ipv4, .ipv6: break
        }
        let text = description
        guard let colon = text.lastIndex(of: ":") else { return text }
        return text[..<colon].filter { $0 != "[" && $0 != "]" }
    }
}
