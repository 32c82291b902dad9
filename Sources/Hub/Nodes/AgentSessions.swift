internal import Grid

/// Which node each agent's session speaks for, and which sessions no longer may.
struct AgentSessions: Sendable {
    private var nodes: [SessionID: Int] = [:]
    /// Sessions that a newer one replaced, until their connections end; true once they were told again.
    private var fenced: [SessionID: Fence] = [:]

    struct Fence: Hashable, Sendable {
        var node: Int
        var hasSpoken: Bool
    }

    var count: Int { nodes.count }

    func node(of session: SessionID) -> Int? { nodes[session] }

    func isFenced(_ session: SessionID) -> Bool { fenced[session] != nil }

    mutating func bind(_ session: SessionID, to node: Int) { nodes[session] = node }

    mutating func fence(_ session: SessionID) {
        if PlantedBug.isActive(.fencedSessionCounts) { return }
        guard let node = nodes.removeValue(forKey: session) else { return }
        fenced[session] = Fence(node: node, hasSpoken: false)
    }

    /// A fenced session spoke: its node the first time, `nil` if it was never fenced or has spoken before.
    mutating func spokeThoughFenced(_ session: SessionID) -> Int? {
        guard let fence = fenced[session], !fence.hasSpoken else { return nil }
        fenced[session] = Fence(node: fence.node, hasSpoken: true)
        return fence.node
    }

    /// Forgets a session whose connection ended; the node it spoke for, unless it was fenced.
    mutating func remove(_ session: SessionID) -> Int? {
        fenced.removeValue(forKey: session)
        return nodes.removeValue(forKey: session)
    }
}
