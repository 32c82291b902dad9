internal import Grid

/// Whether results are right: some are run again elsewhere, and nodes are challenged.
extension Hub {
    /// What a task's result is worth, once all its runs have ended well and before it is settled. Nothing but trust's
    /// own state changes here; what follows for other tasks and for nodes is done at the end of the `apply`.
    mutating func judge(
        _ task: TaskRecord, outcomes: [RunOutcome], _ now: Now, _ effects: inout [Effect]
    ) -> ResultVerdict {
        guard let outcome = outcomes.first, let node = task.node, let index = nodes.index(of: node) else {
            return .counts
        }
        if task.isCheck {
            judgeCheck(task, ResultMark(outcome), now, &effects)
            return .counts
        }
        let specification = task.specification
        guard specification.gangSize == 1, configuration.comparedRunners.contains(specification.runner),
            trust.comparisons.count < Limits.comparisons
        else { return .counts }
        let policy = ReplicationPolicy(leastBasisPoints: configuration.replicationBasisPoints)
        let chance = policy.chance(
            verifiedResults: trust.record(node).verifiedResults,
            stakePercent: trust.usualCost.percent(of: task.costMicroCredits))
        guard chance > 0, Int64(entropy.next(below: 10_000)) < chance else { return .counts }
        let vote = Comparison.Vote(node: node, owner: nodes.records[index].owner, mark: ResultMark(outcome))
        let comparison = Comparison(of: specification, vote)
        guard copyNode(comparison) != nil else { return .counts }
        trust.comparisons[task.id] = comparison
        trust.steps.append(.copy(task.id))
        return .awaitsCopy
    }

    /// A task has ended, however: what was compared with it is forgotten, and a check that ended otherwise than well is
    /// taken for what it says. To be called for every task at its end.
    mutating func noteEnd(of task: TaskRecord, _ now: Now, _ effects: inout [Effect]) {
        guard task.isCheck else {
            analytics.noteEnd(of: task, now)
            trust.comparisons[task.id] = nil
            return
        }
        guard task.state != .completed else { return }
        switch CheckPurpose(key: task.key) {
        case .challenge(let node)?:
            guard trust.challenged[node] == task.id else { return }
            trust.challenged[node] = nil
            switch task.result?.fault {
            case .nodeLost, .agentStopped, .leaseExpired, .deviceFailed, .cancelled, .nodeQuarantined, nil: break
            case let fault?: noteChallenge(node, failed: "it ended as \(fault.rawValue)", &effects)
            }
        case .copy(let original, let node)?:
            noteCopy(task, of: original, on: node, task.result.flatMap(ResultMark.init), &effects)
        case nil: break
        }
    }

    private mutating func judgeCheck(_ task: TaskRecord, _ mark: ResultMark, _ now: Now, _ effects: inout [Effect]) {
        switch CheckPurpose(key: task.key) {
        case .copy(let original, let node)?: noteCopy(task, of: original, on: node, mark, &effects)
        case .challenge(let node)?:
            guard trust.challenged[node] == task.id else { return }
            trust.challenged[node] = nil
            guard let challenge = Challenge(task.specification), challenge.isAnswered(by: mark.output) else {
                return noteChallenge(node, failed: "the answer was wrong", &effects)
            }
            let milliseconds = now.wall.milliseconds - (task.assignedAt ?? now.wall).milliseconds
            let isInTime = trust.answerTimes[node, default: AnswerTimes()].note(milliseconds)
            noteChallenge(node, failed: isInTime ? nil : "the answer took \(milliseconds) ms", &effects)
        case nil: break
        }
    }

    /// A challenge ended. A right answer makes up for wrong ones, and makes nobody trustworthy: it is cheap to give.
    private mutating func noteChallenge(_ node: NodeID, failed: String?, _ effects: inout [Effect]) {
        var record = trust.record(node)
        let failures = failed == nil ? 0 : record.failedChallenges + 1
        guard failures != record.failedChallenges else { return }
        record.failedChallenges = failures
        keepTrust(record, &effects)
        guard let failed, failures >= Challenge.failuresAtMost else { return }
        trust.steps.append(
            .quarantine(node, .challengeFailed, detail: "\(failures) challenges in a row failed; of the last \(failed)")
        )
    }

    /// A copy ended; without a mark it told nothing.
    private mutating func noteCopy(
        _ copy: TaskRecord, of original: TaskID, on node: NodeID, _ mark: ResultMark?, _ effects: inout [Effect]
    ) {
        guard trust.comparisons[original]?.copy == copy.id else { return }
        if let mark, let index = nodes.index(of: node) {
            let vote = Comparison.Vote(node: node, owner: nodes.records[index].owner, mark: mark)
            trust.comparisons[original]?.add(vote)
        } else {
            trust.comparisons[original]?.noteVain()
        }
        trust.steps.append(.copy(original))
    }
}
