internal import Grid

extension Hub {
    /// A task is not wanted any more: it has ended at once, and its runs are told to. Cancelling twice is cancelling
    /// once.
    mutating func onTaskCancelRequested(
        _ request: RequestID, _ reference: TaskReference, _ asker: Asker, _ now: Now, _ effects: inout [Effect]
    ) {
        guard let slot = task(reference, for: asker) else {
            return effects.append(.answer(request, .refused(Refusal(.notFound, "There is no such task for you"))))
        }
        switch tasks[slot].record.state {
        case .completed, .failed:
            return effects.append(.answer(request, .refused(Refusal(.notCancellable, "The task has ended already"))))
        // Stored once more, so that this answer too waits until that is so.
        case .cancelled: keep(slot, &effects)
        case .pending, .assigned, .running, .lost: cancel(slot, now, &effects)
        }
        effects.append(.answer(request, .task(summary(slot))))
    }
}
