internal import Grid

extension Hub {
    /// An operator wants nothing new to go to a node, or lets it in again. What runs there goes on.
    mutating func onNodeDrainRequested(
        _ request: RequestID, _ node: NodeID, drains: Bool, by user: UserID, _ now: Now, _ effects: inout [Effect]
    ) {
        guard let index = nodes.registered(node) else {
            return effects.append(.answer(request, .refused(Refusal(.notFound, "There is no such node"))))
        }
        if nodes.records[index].isDraining != drains {
            var record = nodes.records[index]
            record.isDraining = drains
            nodes.update(index, record)
            effects.append(.persist(.node(record)))
            let detail = drains ? "nothing new goes to it" : "tasks may come again"
            account(AuditEntry(at: now.wall, kind: .nodeDrained, node: node, user: user, detail: detail), now, &effects)
            refreshCapacity(of: index, now, &effects)
        }
        effects.append(.answer(request, .node(summary(index, now))))
    }
}
