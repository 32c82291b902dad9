internal import Grid

extension Hub {
    /// What has not ended of a job's tasks is not wanted any more.
    mutating func onJobCancelRequested(
        _ request: RequestID, _ name: String, _ asker: Asker, _ now: Now, _ effects: inout [Effect]
    ) {
        guard let job = job(name, for: asker) else {
            return effects.append(.answer(request, .refused(Refusal(.notFound, "There is no such job for you"))))
        }
        for slot in tasks.jobs[job].tasks.slots where !tasks[slot].record.state.isTerminal {
            cancel(slot, now, &effects)
        }
        // Where nothing was left to cancel, the answer still waits for what it repeats.
        effects.append(.persist(.job(tasks.jobs[job].record)))
        effects.append(.answer(request, .job(summary(job: job))))
    }
}
