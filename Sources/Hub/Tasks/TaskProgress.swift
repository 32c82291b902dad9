internal import Grid

/// How far tasks have come: never backwards within an attempt, and told no more often than is useful.
extension Hub {
    mutating func noteProgress(
        _ slot: Int32, _ member: Int, _ report: ProgressReport, _ now: Now, _ effects: inout [Effect]
    ) {
        guard var attempt = tasks[slot].attempt,
            attempt.members[member].sequence.map({ $0 < report.sequence }) ?? true
        else { return }
        let isDueQueued = attempt.isProgressOwed
        attempt.members[member].sequence = report.sequence
        attempt.members[member].percent = max(attempt.members[member].percent, min(max(report.percent, 0), 100))
        attempt.reports += 1
        var progress = report
        progress.sequence = attempt.reports
        progress.percent = max(attempt.percent, tasks[slot].progress?.percent ?? 0)
        if PlantedBug.isActive(.progressFalls) { progress.percent = min(max(report.percent, 0), 100) }
        attempt.isProgressOwed = true
        tasks[slot].attempt = attempt
        tasks.setProgress(slot, progress)
        let every = configuration.progressEveryNanoseconds
        if let told = attempt.toldAt, now.monotonicNanoseconds < told &+ every {
            if !isDueQueued { progressDues.insert(Int(slot), at: told &+ every) }
        } else {
            tellProgress(slot, now, &effects)
        }
    }

    /// Tells what is withheld of the task's progress, if anything is.
    mutating func tellProgress(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        guard tasks[slot].attempt?.isProgressOwed == true, let progress = tasks[slot].progress,
            let node = tasks[slot].record.node
        else { return }
        tasks[slot].attempt?.isProgressOwed = false
        tasks[slot].attempt?.toldAt = now.monotonicNanoseconds
        let record = tasks[slot].record
        var event = TaskProgressed(
            task: record.id, number: record.number, job: record.job, node: node, epoch: record.epoch,
            progress: progress, at: now.wall)
        event.jobStanding = tasks.jobs.standing(tasks[slot].job)
        // A gang's progress is made of several agents' reports: until all have told it anew it could seem to fall.
        let keeping = record.leases.count == 1 ? Keeping.behindTelling : .beforeTelling
        rooms.publish(.taskProgressed(event), facts(record), kept: keeping, now, &effects)
    }

    /// Tells the progress whose time has come.
    mutating func tellDueProgress(_ now: Now, _ effects: inout [Effect]) {
        while let entry = progressDues.popDue(now.monotonicNanoseconds) {
            let slot = entry.index
            guard let told = tasks[slot].attempt?.toldAt, tasks[slot].attempt?.isProgressOwed == true,
                told &+ configuration.progressEveryNanoseconds <= now.monotonicNanoseconds
            else { continue }
            tellProgress(slot, now, &effects)
        }
    }

    /// Keeps what a run wrote. Pieces of a stream come in order; one that comes again, after a reconnect, is known.
    mutating func noteLog(_ slot: Int32, _ member: Int, _ chunk: LogChunk) {
        let stream = Int(chunk.stream.rawValue)
        guard let attempt = tasks[slot].attempt, !chunk.text.isEmpty, chunk.text.utf8.count <= Limits.logChunkBytes,
            attempt.members[member].logOffsets[stream].map({ $0 < chunk.offset }) ?? true
        else { return }
        tasks[slot].attempt?.members[member].logOffsets[stream] = chunk.offset
        tasks.logs.append(chunk, of: slot)
    }
}
