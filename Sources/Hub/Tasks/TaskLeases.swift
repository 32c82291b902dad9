internal import Grid

/// How long nodes keep their tasks, and what becomes of tasks that nobody speaks of.
extension Hub {
    /// Sees to it that the node's silence is noticed.
    mutating func queueTaskLease(_ index: Int) {
        guard !nodes.states[index].isTaskLeaseQueued else { return }
        nodes.states[index].isTaskLeaseQueued = true
        taskLeases.insert(index, at: taskLeaseEnd(index))
    }

    private func taskLeaseEnd(_ index: Int) -> UInt64 {
        if PlantedBug.isActive(.leaseLapsedAtRestart), nodes.states[index].presence == .awaited { return 0 }
        return heardSince(index) &+ configuration.taskLeaseNanoseconds
    }

    /// Ends the task leases that are due, and looks at the tasks that are.
    mutating func endTaskLeases(_ now: Now, _ effects: inout [Effect]) {
        while let entry = taskLeases.popDue(now.monotonicNanoseconds) {
            let index = Int(entry.index)
            nodes.states[index].isTaskLeaseQueued = false
            if nodes.states[index].runs.isEmpty && nodes.states[index].closing.isEmpty { continue }
            if taskLeaseEnd(index) > now.monotonicNanoseconds {
                queueTaskLease(index)
            } else {
                loseTasks(of: index, .nodeLost, now, &effects)
                askAnew(index, now, &effects)
            }
        }
        while let entry = taskDues.popDue(now.monotonicNanoseconds) {
            // Entries that were overtaken stay behind.
            if tasks[entry.index].due == entry.deadline, !tasks[entry.index].isFree {
                tasks[entry.index].due = nil
                lookAt(entry.index, now, &effects)
            }
        }
    }

    /// Ends the session of a node whose leases have ended while its connection has not: orders that are still under way
    /// on it may begin runs that hold no lease. The node gets nothing new before its agent has come in again and told
    /// which runs it has.
    private mutating func askAnew(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        guard let session = nodes.states[index].session else { return }
        nodes.states[index].hasToldRuns = false
        refreshCapacity(of: index, now, &effects)
        let refusal = Refusal(.unavailable, "The node was silent for longer than its leases; come in again")
        effects.append(.agentRefused(session, refusal))
    }

    /// The node has none of its runs any more: it fell silent for longer than their leases, or its agent has gone.
    mutating func loseTasks(of index: Int, _ fault: TaskFault, _ now: Now, _ effects: inout [Effect]) {
        let node = nodes.records[index].id
        while let held = nodes.states[index].runs.first {
            let record = tasks[held.slot].record
            for lease in record.leases where lease.node == node && lease.phase != .ended {
                endLease(held.slot, lease.member)
                // Should the agent live after all, with clocks that are wrong.
                let run = RunID(task: record.id, epoch: record.epoch, member: lease.member)
                order(.stop(run, fault), on: index, &effects)
            }
            lose(held.slot, fault, blaming: [node], now, &effects)
        }
        forgetClosing(on: index, now)
        refreshCapacity(of: index, now, &effects)
    }

    /// Takes all tasks from a node that may go on living: what it runs is ended, and counts for nothing.
    mutating func takeTasks(from node: NodeID, fault: TaskFault, _ now: Now, _ effects: inout [Effect]) {
        guard let index = nodes.index(of: node) else { return }
        while let held = nodes.states[index].runs.first {
            lose(held.slot, fault, blaming: [node], now, &effects)
        }
        refreshCapacity(of: index, now, &effects)
    }

    /// A task's time has come.
    private mutating func lookAt(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        switch tasks[slot].record.state {
        case .completed, .failed, .cancelled, .lost: break
        case .pending: lookAtWaiting(slot, now, &effects)
        case .assigned, .running:
            if tasks[slot].awaitsVerdict {
                // Whoever was to judge it does not exist any more.
                finishJudged(tasks[slot].record.id, .counts, now, &effects)
            } else {
                lookAtRunning(slot, now, &effects)
            }
        }
    }

    /// Its agents should have ended it long ago, or said that it runs.
    private mutating func lookAtRunning(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        let due = backstop(slot, now)
        guard due <= now.monotonicNanoseconds else { return wake(slot, at: due) }
        let mute = tasks[slot].record.leases.filter { $0.phase == .offered }.map(\.node)
        guard mute.isEmpty else { return lose(slot, .agentStopped, blaming: mute, now, &effects) }
        var result = TaskResult()
        result.fault = .timeout
        fail(slot, result, now, &effects)
    }

    private mutating func lookAtWaiting(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        let next = now.monotonicNanoseconds &+ configuration.taskLeaseNanoseconds
        if tasks[slot].record.isCheck {
            let index = tasks[slot].pinnedTo.flatMap { nodes.index(of: $0) }
            let isPatient = tasks[slot].waitsUntil.map { now.monotonicNanoseconds < $0 } ?? true
            if isPatient, let index, nodes.states[index].presence == .present { return wake(slot, at: next) }
            var result = TaskResult()
            result.fault = .nodeLost
            return fail(slot, result, now, &effects)
        }
        guard !tasks[slot].record.excludedNodes.isEmpty else { return }
        // Better a node where it failed than none at all, as long as no other is there.
        guard !router.couldEverFit(placementRequest(tasks[slot].record)) else { return wake(slot, at: next) }
        tasks[slot].record.excludedNodes = []
        router.reroute(tasks[slot].record.id, avoiding: [])
        isPlacementOwed = true
        keep(slot, &effects)
    }
}
