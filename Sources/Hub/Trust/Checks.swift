internal import Grid

/// The tasks that the Hub gives itself, and what follows from their ends.
extension Hub {
    /// Does what was decided in this `apply`. Each step may decide further ones.
    mutating func carryOutTrust(_ now: Now, _ effects: inout [Effect]) {
        while !trust.steps.isEmpty {
            let steps = trust.steps
            trust.steps.removeAll(keepingCapacity: true)
            for step in steps {
                switch step {
                case .quarantine(let node, let reason, let detail):
                    quarantine(node, reason, detail: detail, now, &effects)
                case .copy(let task): goOn(comparing: task, now, &effects)
                case .finish(let task, let verdict): finishJudged(task, verdict, now, &effects)
                }
            }
        }
    }

    /// Ends a comparison that has come to an end, or has the task run once more elsewhere.
    private mutating func goOn(comparing task: TaskID, _ now: Now, _ effects: inout [Effect]) {
        guard let comparison = trust.comparisons[task], comparison.copy == nil else { return }
        if let outcome = comparison.outcome { return conclude(task, outcome, now, &effects) }
        guard let node = copyNode(comparison) else {
            return conclude(task, comparison.inconclusive, now, &effects)
        }
        var copied = comparison.specification
        copied.attempts = 1
        // It is run for the comparison's sake, and nobody pays for it.
        copied.resources.priceCapMicros = nil
        let check = TaskID(entropy.nextUUID())
        trust.comparisons[task]?.copy = check
        submitCheck(
            TaskSubmission(
                task: check, owner: UserID(""), key: CheckPurpose.copy(of: task, node).key, specification: copied),
            on: node, now, &effects)
    }

    private mutating func conclude(
        _ task: TaskID, _ outcome: Comparison.Outcome, _ now: Now, _ effects: inout [Effect]
    ) {
        trust.comparisons[task] = nil
        for node in outcome.right {
            var record = trust.record(node)
            guard record.quarantine == nil, record.verifiedResults < .max else { continue }
            record.verifiedResults += 1
            keepTrust(record, &effects)
        }
        // The task first: what is done to a node must not touch a task that is about to be judged.
        finishJudged(task, outcome.verdict, now, &effects)
        for node in outcome.wrong {
            quarantine(
                node, .wrongResult, detail: "the task \(task) gave another result on \(outcome.right.count) nodes",
                now, &effects)
        }
    }

    /// Nodes that are looked at for one copy, and those of them that are compared.
    private static let probes = 256
    private static let candidates = 8

    /// A node for a copy: of another owner than all that have run the task, at hand, and able to. Of a few that are
    /// found from a random place on, the one with most confirmed results: cheaters who agree among themselves have few.
    mutating func copyNode(_ comparison: Comparison) -> NodeID? {
        guard nodes.count > 0 else { return nil }
        let start = Int(entropy.next(below: UInt64(nodes.count)))
        var best: NodeID?
        var found = 0
        for step in 0..<min(nodes.count, Self.probes) {
            let index = (start + step) % nodes.count
            guard mayCopy(index, comparison) else { continue }
            let node = nodes.records[index].id
            let isBetter =
                best.map { trust.record($0).verifiedResults < trust.record(node).verifiedResults } ?? true
            if isBetter { best = node }
            found += 1
            if found == Self.candidates { break }
        }
        return best
    }

    private func mayCopy(_ index: Int, _ comparison: Comparison) -> Bool {
        let specification = comparison.specification
        let record = nodes.records[index]
        guard isAtHand(index), !record.isDraining, let facts = record.specifications,
            facts.runners.contains(specification.runner),
            !comparison.votes.contains(where: { $0.node == record.id || $0.owner == record.owner })
        else { return false }
        let wanted = specification.resources
        guard wanted.region.isEmpty || record.location.region == wanted.region else { return false }
        let count =
            switch wanted.gpu {
            case .none: 0
            case .share: 1
            case .whole(let count): count
            }
        let fitting = facts.gpus.lazy.filter { gpu in
            (wanted.models.isEmpty || wanted.models.contains(gpu.name))
                && (gpu.memoryTotalBytes ?? .max) >> 20 >= UInt64(max(0, wanted.vramMebibytes))
        }
        return fitting.count >= count
    }

    /// Whether a check may go to the node now.
    private func isAtHand(_ index: Int) -> Bool {
        nodes.states[index].presence == .present && nodes.states[index].session != nil
            && !trust.isQuarantined(nodes.records[index].id)
    }

    // MARK: Challenges

    /// Has a node challenged some time from now: between a half and one and a half times the usual, so that nobody
    /// knows when.
    mutating func scheduleChallenge(_ index: Int, _ now: Now) {
        let period = configuration.challengeEveryNanoseconds
        guard period > 0 else { return }
        let wait = period / 2 &+ entropy.next(below: period)
        trust.challenges.insert(index, at: now.monotonicNanoseconds &+ wait)
    }

    /// Challenges the nodes whose time has come.
    mutating func challengeDue(_ now: Now, _ effects: inout [Effect]) {
        while let entry = trust.challenges.popDue(now.monotonicNanoseconds) {
            let index = Int(entry.index)
            scheduleChallenge(index, now)
            let node = nodes.records[index].id
            guard !isDraining, isAtHand(index), trust.challenged[node] == nil,
                nodes.records[index].specifications?.runners.contains(Challenge.runner) == true
            else { continue }
            let check = TaskID(entropy.nextUUID())
            trust.challenged[node] = check
            let challenge = Challenge(seed: Int64(entropy.next() >> 11))
            submitCheck(
                TaskSubmission(
                    task: check, owner: UserID(""), key: CheckPurpose.challenge(node).key,
                    specification: challenge.specification),
                on: node, now, &effects)
        }
    }
}
