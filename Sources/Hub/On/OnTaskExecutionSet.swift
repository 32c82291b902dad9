internal import Grid

extension Hub {
    /// An outside party tells of an external task: what is new is stored and told, then the state that it is in by
    /// that. What an agent runs is told by its agent alone. Telling the same twice is telling it once.
    mutating func onTaskExecutionSet(
        _ request: RequestID, _ reference: TaskReference, _ execution: TaskExecution, state: TaskState?,
        _ asker: Asker, _ now: Now, _ effects: inout [Effect]
    ) {
        guard let slot = task(reference, for: asker) else {
            return effects.append(.answer(request, .refused(Refusal(.notFound, "There is no such task for you"))))
        }
        if let refusal = refusal(of: execution, state, for: tasks[slot].record) {
            return effects.append(.answer(request, .refused(refusal)))
        }
        let changed = tasks[slot].record.execution.merge(execution)
        if changed.isEmpty {
            // Stored once more, so that this answer too waits until that is so.
            keep(slot, &effects)
        } else {
            tell(slot, .execution, previous: tasks[slot].record.state, changed: changed, now, &effects)
        }
        if let state { moveExternal(slot, to: state, now, &effects) }
        effects.append(.answer(request, .task(summary(slot))))
    }

    private func refusal(of execution: TaskExecution, _ state: TaskState?, for record: TaskRecord) -> Refusal? {
        guard record.specification.isExternal else {
            return Refusal(.forbidden, "The task is run here: nobody else tells of its execution")
        }
        if let fault = execution.fault { return Refusal(.badRequest, "\(fault.rawValue): out of its range") }
        guard let state, state != record.state else { return nil }
        guard TaskRules.externalSteps(from: record.state, to: state) != nil else {
            return Refusal(.badRequest, "status: a task that is \(record.state.name) cannot become \(state.name)")
        }
        return nil
    }

    /// Gives an external task another state by the steps that others take, told one by one.
    private mutating func moveExternal(_ slot: Int32, to state: TaskState, _ now: Now, _ effects: inout [Effect]) {
        for step in TaskRules.externalSteps(from: tasks[slot].record.state, to: state) ?? [] {
            if step == .running { tasks[slot].record.startedAt = now.wall }
            move(slot, to: step, now, &effects)
        }
    }
}
