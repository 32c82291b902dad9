internal import Grid

extension Hub {
    /// The agent's machine is not as its hello described it: the record follows, and so does what health expects.
    mutating func onAgentInventory(
        _ session: SessionID, _ specifications: NodeSpecifications, _ now: Now, _ effects: inout [Effect]
    ) {
        guard let index = agents.node(of: session) else {
            return spokeOutOfTurn(session, now, &effects)
        }
        heard(index, now, &effects)
        var record = nodes.records[index]
        guard record.specifications != specifications else { return }
        record.specifications = specifications
        nodes.update(index, record)
        effects.append(.persist(.node(record)))
    }

    /// A session spoke that speaks for no node. A fenced one is told and logged once: somebody goes on with a
    /// copy of the key.
    mutating func spokeOutOfTurn(_ session: SessionID, _ now: Now, _ effects: inout [Effect]) {
        if agents.isFenced(session) {
            guard let index = agents.spokeThoughFenced(session) else { return }
            effects.append(.agentRefused(session, Refusal(.fenced, "A newer session of the node has taken over")))
            effects.append(
                .audit(
                    AuditEntry(
                        at: now.wall, kind: .agentFenced, node: nodes.records[index].id,
                        detail: "the fenced session spoke again")))
        } else {
            effects.append(.agentRefused(session, Refusal(.outOfOrder, "The session is not welcome yet")))
        }
    }
}
