internal import Grid

extension Hub {
    /// An outside party says what a task costs there. It is recorded and told; nothing is paid by it.
    mutating func onTaskFeeSet(
        _ request: RequestID, _ reference: TaskReference, feeMicros: Int64, _ asker: Asker, _ now: Now,
        _ effects: inout [Effect]
    ) {
        guard let slot = task(reference, for: asker) else {
            return effects.append(.answer(request, .refused(Refusal(.notFound, "There is no such task for you"))))
        }
        guard (0...Limits.balanceMicros).contains(feeMicros) else {
            return effects.append(.answer(request, .refused(Refusal(.badRequest, "A fee is not negative"))))
        }
        if tasks[slot].record.feeMicros == feeMicros {
            // Nothing changed. Stored once more, so that this answer too waits until that is so.
            keep(slot, &effects)
        } else {
            tasks[slot].record.feeMicros = feeMicros
            tell(slot, .fee, previous: tasks[slot].record.state, now, &effects)
        }
        effects.append(.answer(request, .task(summary(slot))))
    }
}
