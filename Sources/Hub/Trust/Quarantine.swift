internal import Grid

/// Who is kept out, and let in again.
extension Hub {
    /// Whether tasks may go to the node, as far as trust is concerned.
    func mayGetTasks(_ node: NodeID) -> Bool {
        !trust.isQuarantined(node) || PlantedBug.isActive(.quarantineIgnored)
    }

    /// Keeps a node out: its tasks go elsewhere, and it gets no others until an operator trusts it again. Of several
    /// reasons the first stands, but for an operator's, which is the last word.
    mutating func quarantine(
        _ node: NodeID, _ reason: NodeTrust.Quarantine, detail: String, by user: UserID? = nil, _ now: Now,
        _ effects: inout [Effect]
    ) {
        guard let index = nodes.index(of: node) else { return }
        var record = trust.record(node)
        if let standing = record.quarantine, reason != .byOperator || (standing == reason && record.detail == detail) {
            return
        }
        record.since = record.quarantine == nil ? now.wall : record.since
        record.quarantine = reason
        record.detail = detail
        record.verifiedResults = 0
        keepTrust(record, &effects)
        account(
            AuditEntry(
                at: now.wall, kind: .nodeQuarantined, node: node, user: user,
                detail: detail.isEmpty ? reason.rawValue : "\(reason.rawValue): \(detail)"), now,
            &effects)
        takeTasks(from: node, fault: .nodeQuarantined, now, &effects)
        refreshCapacity(of: index, now, &effects)
    }

    /// Trusts a node again, from the beginning. Its GPUs are its own, whoever had them before: an operator knows where
    /// they stand.
    mutating func release(
        _ node: NodeID, detail: String, by user: UserID, _ now: Now, _ effects: inout [Effect]
    ) {
        guard let index = nodes.index(of: node), let reason = trust.record(node).quarantine else { return }
        var record = NodeTrust(node: node)
        record.since = now.wall
        record.detail = "released by \(user), was \(reason.rawValue)" + (detail.isEmpty ? "" : ": \(detail)")
        keepTrust(record, &effects)
        nodes.states[index].plausibility.clear()
        trust.answerTimes[node] = nil
        _ = trust.claims.claim(nodes.records[index].specifications?.gpus ?? [], for: node, isForced: true)
        account(
            AuditEntry(at: now.wall, kind: .nodeReleased, node: node, user: user, detail: record.detail), now, &effects)
        refreshCapacity(of: index, now, &effects)
    }

    mutating func keepTrust(_ record: NodeTrust, _ effects: inout [Effect]) {
        trust.keep(record)
        effects.append(.persist(.trust(record)))
    }

    /// A node told which GPUs it has: none of them may be another's.
    mutating func claimGPUs(_ index: Int) {
        let record = nodes.records[index]
        guard let conflict = trust.claims.claim(record.specifications?.gpus ?? [], for: record.id) else { return }
        let detail =
            switch conflict {
            case .heldBy(let holder, let uuid): "\(uuid) is in the node \(holder)"
            case .twice(let uuid): "\(uuid) is told twice"
            }
        trust.steps.append(.quarantine(record.id, .duplicateGPU, detail: detail))
    }

    /// A node's readings were looked at: once they cannot be true, it is kept out.
    mutating func noteImplausible(_ index: Int) {
        guard let finding = nodes.states[index].plausibility.takeFinding() else { return }
        let node = nodes.records[index].id
        trust.steps.append(.quarantine(node, .implausibleMetrics, detail: finding.description))
    }
}
