internal import Grid

extension Hub {
    /// The agent's machine is not as its hello described it: the record follows, and so does what health expects.
    ///
    /// At once in memory. On disk at most once in a while, and then the newest: an agent that goes on changing its mind
    /// must not have an fsync for each of its messages. What a crash takes, the agent's next hello brings.
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
        claimGPUs(index)
        refreshCapacity(of: index, now, &effects)
        guard !nodes.states[index].isInventoryOwed else { return }
        let due = nodes.states[index].inventoryDue
        if now.monotonicNanoseconds >= due {
            storeInventory(index, now, &effects)
        } else {
            nodes.states[index].isInventoryOwed = true
            inventories.insert(index, at: due)
        }
    }

    /// Stores a node's record because its inventory changed; the next change has to wait its turn.
    mutating func storeInventory(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        nodes.states[index].isInventoryOwed = false
        nodes.states[index].inventoryDue = now.monotonicNanoseconds &+ configuration.inventoryEveryNanoseconds
        effects.append(.persist(.node(nodes.records[index])))
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
