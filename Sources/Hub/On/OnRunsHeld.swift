internal import Grid

extension Hub {
    /// An agent that came in tells which runs it has: both sides are brought together, and the node is open to tasks.
    ///
    /// A lease that the agent never learned of is offered again; one that it had and has no more is lost. A run without
    /// a lease is ended, and so is the memory of its result.
    mutating func onRunsHeld(_ session: SessionID, _ runs: [RunHolding], _ now: Now, _ effects: inout [Effect]) {
        guard let index = agents.node(of: session) else { return spokeOutOfTurn(session, now, &effects) }
        heard(index, now, &effects)
        nodes.states[index].hasToldRuns = true
        var held: [RunID: Bool] = [:]
        for run in runs { held[run.run] = run.hasEnded }
        compareLeases(index, held, now, &effects)
        compareClosing(index, held, now, &effects)
        for run in held.keys.sorted() where currentLease(run, on: index) == nil {
            if held[run] == true {
                // The agent will say how it ended; if not, that was dealt with.
                order(.settled(run, counted: hasCounted(run, on: index)), on: index, &effects)
            } else {
                end(run, on: index, now, &effects)
            }
        }
        refreshCapacity(of: index, now, &effects)
    }

    private mutating func compareLeases(
        _ index: Int, _ held: [RunID: Bool], _ now: Now, _ effects: inout [Effect]
    ) {
        for lease in nodes.states[index].runs {
            let record = tasks[lease.slot].record
            let run = RunID(task: record.id, epoch: record.epoch, member: Int(lease.member))
            // Another member's fate may have been this one's meanwhile.
            guard currentLease(run, on: index) == lease.slot else { continue }
            switch (held[run], record.leases[run.member].phase) {
            case (true, _):
                if PlantedBug.isActive(.settledWithoutCounting) {
                    order(.settled(run, counted: true), on: index, &effects)
                }
            case (false, _): noteStarted(lease.slot, run.member, now, &effects)
            case (nil, .offered):
                order(.assign(assignment(lease.slot, record.leases[run.member])), on: index, &effects)
            case (nil, _):
                endLease(lease.slot, run.member)
                lose(lease.slot, .agentStopped, blaming: [nodes.records[index].id], now, &effects)
            }
        }
    }

    private mutating func compareClosing(
        _ index: Int, _ held: [RunID: Bool], _ now: Now, _ effects: inout [Effect]
    ) {
        // Who has ended but not said how may forget it when the answer comes: its word here may be the only one.
        for closing in nodes.states[index].closing where held[closing.run] != false {
            _ = noteClosed(closing.run, on: index, now, &effects)
        }
    }

    /// A run goes on that holds no lease. Where it is not known to be closing, as after a restart, its devices may be
    /// others' already by our books: the node gets nothing new before it has ended.
    private mutating func end(_ run: RunID, on index: Int, _ now: Now, _ effects: inout [Effect]) {
        if let closing = nodes.states[index].closing.first(where: { $0.run == run }) {
            return order(closing.order, on: index, &effects)
        }
        let task = tasks.slot(of: run.task).map { tasks[$0].record }
        let isCancelled = task?.epoch == run.epoch && task?.state == .cancelled
        let stranger = ClosingRun(run: run, stand: nil, fault: isCancelled ? nil : .nodeLost)
        nodes.states[index].closing.append(stranger)
        queueTaskLease(index)
        order(stranger.order, on: index, &effects)
    }
}
