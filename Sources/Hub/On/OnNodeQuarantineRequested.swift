internal import Grid

extension Hub {
    /// An operator keeps a node out, or trusts it again: stored, then answered with the node as it is now.
    mutating func onNodeQuarantineRequested(
        _ request: RequestID, _ node: NodeID, isQuarantined: Bool, detail: String, by user: UserID, _ now: Now,
        _ effects: inout [Effect]
    ) {
        // What is kept of a release has more words around it.
        let limit = Limits.taskMessageBytes / 2
        guard detail.utf8.count <= limit else {
            let refusal = Refusal(.badRequest, "A reason has at most \(limit) bytes")
            return effects.append(.answer(request, .refused(refusal)))
        }
        guard let index = nodes.registered(node) else { return effects.append(.answer(request, .node(nil))) }
        if isQuarantined {
            quarantine(node, .byOperator, detail: detail, by: user, now, &effects)
        } else {
            release(node, detail: detail, by: user, now, &effects)
        }
        let summary = nodes.states[index].summary(nodes.records[index], now: now.monotonicNanoseconds)
        effects.append(.answer(request, .node(summary)))
    }
}
