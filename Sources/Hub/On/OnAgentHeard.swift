internal import Grid

extension Hub {
    /// A heartbeat renews the lease; one of a session that speaks for no node means nothing.
    mutating func onAgentHeard(_ session: SessionID, _ now: Now, _ effects: inout [Effect]) {
        guard let index = agents.node(of: session) else { return }
        heard(index, now, &effects)
    }
}
