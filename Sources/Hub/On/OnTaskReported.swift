internal import Grid

extension Hub {
    /// An agent speaks of a run. It counts where the run holds its lease: the task's newest epoch, that member, on the
    /// node for which the session speaks. An end is answered in any case, so that the agent need not keep it.
    mutating func onTaskReported(_ session: SessionID, _ report: TaskReport, _ now: Now, _ effects: inout [Effect]) {
        guard let index = agents.node(of: session) else { return spokeOutOfTurn(session, now, &effects) }
        heard(index, now, &effects)
        let run = report.run
        guard let slot = currentLease(run, on: index) else {
            guard case .ended = report.body else { return }
            let wasCounted = hasCounted(run, on: index)
            if wasCounted { results.repeated += 1 } else { results.refused += 1 }
            if PlantedBug.isActive(.doubleSettle), wasCounted { settleAgain(run.task, now, &effects) }
            _ = noteClosed(run, on: index, now, &effects)
            return order(.settled(run, counted: wasCounted), on: index, &effects)
        }
        switch report.body {
        case .started: noteStarted(slot, run.member, now, &effects)
        case .progress(let progress):
            noteStarted(slot, run.member, now, &effects)
            noteProgress(slot, run.member, progress, now, &effects)
        case .log(let chunk):
            noteStarted(slot, run.member, now, &effects)
            noteLog(slot, run.member, chunk)
        case .ended(let outcome):
            results.counted += 1
            noteEnded(slot, run.member, outcome, now, &effects)
            order(.settled(run, counted: true), on: index, &effects)
        }
    }

    /// Whether the end of that run is in the task's record: it is said again, since the answer got lost.
    func hasCounted(_ run: RunID, on index: Int) -> Bool {
        guard let slot = tasks.slot(of: run.task) else { return false }
        let record = tasks[slot].record
        return record.epoch == run.epoch && record.leases.indices.contains(run.member)
            && record.leases[run.member].phase == .ended && record.leases[run.member].node == nodes.records[index].id
    }
}
