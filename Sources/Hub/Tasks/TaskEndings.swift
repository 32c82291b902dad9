internal import Grid

/// How runs and tasks end.
extension Hub {
    // MARK: One run

    /// A member's run ended. The lease is current: this is the one time that it counts.
    mutating func noteEnded(
        _ slot: Int32, _ member: Int, _ outcome: RunOutcome, _ now: Now, _ effects: inout [Effect]
    ) {
        var outcome = outcome
        // An agent that ends a run of its own accord for a reason that is ours has not done what it was given.
        if outcome.fault?.isCoordinatorsWord == true { outcome.fault = .rejected }
        if PlantedBug.isActive(.faultTakenForSuccess), outcome.fault == .exitStatus { outcome.fault = nil }
        if outcome.fault == nil { noteStarted(slot, member, now, &effects) }
        tasks[slot].attempt?.members[member].outcome = outcome
        let timeout = tasks[slot].record.specification.timeoutSeconds * 1000
        let elapsed = now.monotonicNanoseconds.distanceBehind(tasks[slot].attempt?.beganAt ?? 0) / 1_000_000
        // What an agent claims to have run is paid for: never more than was possible, or allowed.
        let ran = min(max(outcome.ranMilliseconds, 0), timeout, Int64(clamping: elapsed))
        endLease(slot, member)
        tasks[slot].record.leases[member].ranMilliseconds = ran
        if let fault = outcome.fault {
            let result = TaskResult(outcome, ranMilliseconds: ran)
            if fault.isNodesFault {
                lose(slot, fault, blaming: [tasks[slot].record.leases[member].node], result: result, now, &effects)
            } else {
                fail(slot, result, now, &effects)
            }
            return
        }
        if member == 0 {
            tasks[slot].record.result = TaskResult(outcome, ranMilliseconds: ran)
        }
        if tasks[slot].record.leases.allSatisfy({ $0.phase == .ended }) || PlantedBug.isActive(.gangDoneByOne) {
            conclude(slot, now, &effects)
        } else {
            keep(slot, &effects)
        }
    }

    /// The member no longer has a run on its node.
    mutating func endLease(_ slot: Int32, _ member: Int) {
        tasks[slot].record.leases[member].phase = .ended
        guard let index = nodes.index(of: tasks[slot].record.leases[member].node) else { return }
        nodes.states[index].runs.removeAll { $0.slot == slot && Int($0.member) == member }
    }

    // MARK: A task ends well

    /// All members have ended well. Whether that counts may depend on a copy.
    private mutating func conclude(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        let record = tasks[slot].record
        tasks[slot].record.result?.ranMilliseconds = record.leases.compactMap(\.ranMilliseconds).max() ?? 0
        let outcomes = record.leases.indices.map { outcome(slot, $0) }
        switch judge(tasks[slot].record, outcomes: outcomes, now, &effects) {
        case .counts: complete(slot, now, &effects)
        case .disagrees: disagree(slot, now, &effects)
        case .awaitsCopy:
            // Its devices are free; its money is not.
            tasks[slot].awaitsVerdict = true
            releaseDevices(tasks[slot].record, now, &effects)
            keep(slot, &effects)
            wake(slot, at: now.monotonicNanoseconds &+ verdictNanoseconds(slot))
        }
    }

    /// How long a verdict may take: a few copies may run one after the other, each as long as it may and a lease.
    func verdictNanoseconds(_ slot: Int32) -> UInt64 {
        let timeout = UInt64(tasks[slot].record.specification.timeoutSeconds) * 1_000_000_000
        return UInt64(Comparison.vainAtMost + 2) * (timeout &+ configuration.taskLeaseNanoseconds)
    }

    /// What a member's agent said at its end.
    private func outcome(_ slot: Int32, _ member: Int) -> RunOutcome {
        tasks[slot].attempt?.members[member].outcome
            ?? RunOutcome(tasks[slot].record, tasks[slot].record.leases[member])
    }

    /// What a task that waited for it turns out to be worth. One that has ended meanwhile stays as it is.
    mutating func finishJudged(_ task: TaskID, _ verdict: ResultVerdict, _ now: Now, _ effects: inout [Effect]) {
        guard let slot = tasks.slot(of: task), tasks[slot].awaitsVerdict else { return }
        switch verdict {
        case .counts: complete(slot, now, &effects)
        case .disagrees: disagree(slot, now, &effects)
        case .awaitsCopy: break
        }
    }

    private mutating func disagree(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        var result = tasks[slot].record.result ?? TaskResult()
        result.fault = .resultsDisagree
        result.output = ""
        fail(slot, result, now, &effects)
    }

    /// The task is paid for and has ended: two events, its result and its state.
    private mutating func complete(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        tellProgress(slot, now, &effects)
        var record = tasks[slot].record
        if !record.isCheck { settleFunds(&record, shares: shares(record), now, &effects) }
        tasks[slot].record = record
        tell(slot, .result, previous: record.state, now, &effects)
        move(slot, to: .completed, now, &effects)
        releaseDevices(record, now, &effects)
    }

    /// ``PlantedBug/doubleSettle``: a result that is said again is paid again, where its owner can.
    mutating func settleAgain(_ task: TaskID, _ now: Now, _ effects: inout [Effect]) {
        guard let slot = tasks.slot(of: task), let micros = tasks[slot].record.costMicros, micros > 0,
            !tasks[slot].record.isCheck
        else { return }
        var record = tasks[slot].record
        guard holdFunds(&record, micros: micros, now, &effects) else { return }
        settleFunds(&record, shares: shares(record), now, &effects)
    }

    /// What each member's node has earned, within what was set aside.
    private func shares(_ record: TaskRecord) -> [FundsShare] {
        var rest = record.heldMicros
        return record.leases.compactMap { lease in
            guard let index = nodes.index(of: lease.node) else { return nil }
            let cost = Ledger.costMicros(
                of: lease, in: record.specification.currency, configuration: configuration)
            let isUnpaid = PlantedBug.isActive(.memberUnpaid) && lease.member > 0
            let micros = isUnpaid ? 0 : min(cost, rest)
            rest -= micros
            return FundsShare(owner: nodes.records[index].owner, micros: micros)
        }
    }

    // MARK: A task ends otherwise

    /// The task has failed for good. Whatever still runs of it is ended.
    mutating func fail(_ slot: Int32, _ result: TaskResult, _ now: Now, _ effects: inout [Effect]) {
        finish(slot, as: .failed, result, stopping: result.fault, now, &effects)
    }

    /// Its owner does not want it any more.
    mutating func cancel(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        var result = TaskResult()
        result.fault = .cancelled
        finish(slot, as: .cancelled, result, stopping: nil, now, &effects)
    }

    private mutating func finish(
        _ slot: Int32, as state: TaskState, _ result: TaskResult, stopping fault: TaskFault?, _ now: Now,
        _ effects: inout [Effect]
    ) {
        tellProgress(slot, now, &effects)
        var record = tasks[slot].record
        if !PlantedBug.isActive(.holdKeptOnCancel) || state != .cancelled { releaseFunds(&record, now, &effects) }
        record.result = result
        tasks[slot].record = record
        move(slot, to: state, now, &effects)
        router.cancel(record.id, now: now.monotonicNanoseconds)
        isPlacementOwed = true
        closeLeases(of: record, slot, fault, now, &effects)
        refreshNodes(of: record, now, &effects)
    }

    // MARK: An attempt is lost

    /// The attempt came to nothing, and not by the task's fault: it waits for another one elsewhere, or has had as many
    /// as it may.
    ///
    /// - Parameters:
    ///   - blamed: nodes that shall not have it again.
    ///   - result: what is known of the end, if anything is.
    mutating func lose(
        _ slot: Int32, _ fault: TaskFault, blaming blamed: [NodeID], result: TaskResult? = nil, _ now: Now,
        _ effects: inout [Effect]
    ) {
        tellProgress(slot, now, &effects)
        tasks[slot].record.result = nil
        move(slot, to: .lost, now, &effects)
        let record = tasks[slot].record
        guard record.attempts < record.specification.attempts || PlantedBug.isActive(.attemptsUncounted),
            tasks[slot].pinnedTo == nil, !record.isCheck
        else {
            var last = result ?? TaskResult()
            last.fault = fault
            return fail(slot, last, now, &effects)
        }
        let until = tryAgain(record, now)
        avoid(slot, blamed)
        tasks[slot].record.leases = []
        tasks[slot].attempt = nil
        tasks.setProgress(slot, nil)
        closeLeases(of: record, slot, fault, now, &effects)
        move(slot, to: .pending, now, &effects)
        tasks[slot].due = nil
        wake(slot, at: until &+ configuration.taskLeaseNanoseconds)
        isPlacementOwed = true
        refreshNodes(of: record, now, &effects)
    }

    /// Puts the task in line again, behind a wait that the seed decides; when that ends, in monotonic nanoseconds.
    private mutating func tryAgain(_ record: TaskRecord, _ now: Now) -> UInt64 {
        let seed = entropy.next()
        if case .waits(let until) = router.retry(record.id, failedOn: nil, seed: seed, now: now.monotonicNanoseconds) {
            return until
        }
        precondition(router.enqueue(placementRequest(record), now: now.monotonicNanoseconds), "a lost task is routed")
        return now.monotonicNanoseconds
    }

    /// The task is not to go to these nodes again, unless no other registered one could ever hold it.
    private mutating func avoid(_ slot: Int32, _ blamed: [NodeID]) {
        if PlantedBug.isActive(.retryAtSameNode) { return }
        var record = tasks[slot].record
        for node in blamed where !record.excludedNodes.contains(node) { record.excludedNodes.append(node) }
        record.excludedNodes = Array(record.excludedNodes.suffix(Limits.excludedNodes))
        if !couldEverHold(placementRequest(record)) { record.excludedNodes = [] }
        tasks[slot].record.excludedNodes = record.excludedNodes
        router.reroute(record.id, avoiding: record.excludedNodes)
    }

    // MARK: Devices

    /// Gives back what the task's ended runs held.
    private mutating func releaseDevices(_ record: TaskRecord, _ now: Now, _ effects: inout [Effect]) {
        if router.release(record.id, now: now.monotonicNanoseconds) { isPlacementOwed = true }
        refreshNodes(of: record, now, &effects)
    }

    mutating func refreshNodes(of record: TaskRecord, _ now: Now, _ effects: inout [Effect]) {
        for lease in record.leases {
            if let index = nodes.index(of: lease.node) { refreshCapacity(of: index, now, &effects) }
        }
    }
}

extension TaskResult {
    init(_ outcome: RunOutcome, ranMilliseconds: Int64) {
        self.init()
        output = outcome.output
        fault = outcome.fault
        exitStatus = outcome.exitStatus
        signal = outcome.signal
        message = outcome.message
        digest = outcome.digest
        self.ranMilliseconds = ranMilliseconds
    }
}
