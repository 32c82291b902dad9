internal import Grid

/// The one way from state to state: whatever changes a task is stored, told and counted here.
extension TaskState {
    /// Whether a task may go from this state to that one.
    func mayBecome(_ next: TaskState) -> Bool {
        switch (self, next) {
        case (.pending, .assigned), (.assigned, .running), (.running, .completed): true
        case (.pending, .failed), (.assigned, .failed), (.running, .failed), (.lost, .failed): true
        case (.pending, .cancelled), (.assigned, .cancelled), (.running, .cancelled): true
        case (.assigned, .lost), (.running, .lost), (.lost, .pending): true
        default: false
        }
    }
}

extension Hub {
    /// Gives the task another state: stored and told in this `apply`. An end is final.
    mutating func move(
        _ slot: Int32, to state: TaskState, kept keeping: Keeping = .beforeTelling, _ now: Now,
        _ effects: inout [Effect]
    ) {
        let previous = tasks[slot].record.state
        let isSkipped = previous == .pending && state == .running && tasks[slot].record.specification.isExternal
        precondition(
            previous.mayBecome(state) || isSkipped, "a task is \(previous) and cannot become \(state)")
        tasks.setState(slot, state)
        if state.isTerminal {
            tasks[slot].record.endedAt = now.wall
            tasks[slot].attempt = nil
            tasks[slot].due = nil
            tasks[slot].awaitsVerdict = false
        }
        tell(slot, .status, previous: previous, kept: keeping, now, &effects)
        guard state.isTerminal else { return }
        noteEnd(of: tasks[slot].record, now, &effects)
        while let forgotten = tasks.forgetOldest(beyond: configuration.maximumEndedTasks) {
            effects.append(.persist(.taskForgotten(forgotten)))
        }
    }

    /// Stores the task and tells what happened to it.
    ///
    /// - Parameter changed: what an outside party told that is new.
    mutating func tell(
        _ slot: Int32, _ kind: TaskUpdated.Kind, previous: TaskState?, changed: TaskExecution = TaskExecution(),
        kept keeping: Keeping = .beforeTelling, _ now: Now, _ effects: inout [Effect]
    ) {
        tasks[slot].record.updatedAt = now.wall
        let record = tasks[slot].record
        effects.append(keeping.effect(.task(record)))
        if PlantedBug.isActive(.stepUntold), record.state == .lost { return }
        var event = TaskUpdated(
            kind: kind, task: record.id, number: record.number, job: record.job, owner: record.owner,
            state: record.state, previous: previous, node: record.node, epoch: record.epoch, updatedAt: now.wall,
            currency: record.specification.currency)
        event.result = kind == .result || record.state.isTerminal ? record.result : nil
        event.costMicros = record.costMicros
        event.feeMicros = record.feeMicros
        event.execution = changed
        event.taskDefinitionID = record.specification.taskDefinitionID
        event.isIMUA = record.specification.isIMUA
        event.jobStanding = tasks.jobs.standing(tasks[slot].job)
        if kind == .status, record.state.isTerminal {
            let job = tasks.jobs[tasks[slot].job]
            event.jobEnd = job.hasEnded ? job.state : nil
        }
        rooms.publish(.taskUpdated(event), facts(record), kept: keeping, now, &effects)
    }

    /// What filters and permissions ask of the task's events. A check is nobody's: administrators alone see it.
    func facts(_ record: TaskRecord) -> EventFacts {
        var facts = EventFacts()
        facts.owner = record.isCheck ? nil : record.owner
        facts.task = record.id
        facts.job = record.job
        facts.status = record.state.name
        facts.node = record.node
        if let node = record.node, let index = nodes.index(of: node) { facts.region = nodes.states[index].facts.region }
        return facts
    }

    /// Stores what no event tells of: one member of several got further.
    func keep(_ slot: Int32, kept keeping: Keeping = .beforeTelling, _ effects: inout [Effect]) {
        effects.append(keeping.effect(.task(tasks[slot].record)))
    }

    // MARK: When a task is looked at again

    /// Has the task looked at then, instead of whenever it was to be.
    mutating func wake(_ slot: Int32, at due: UInt64) {
        tasks[slot].due = due
        taskDues.insert(Int(slot), at: due)
        // Most tasks end long before they are due; what they leave here is swept out in bulk.
        guard taskDues.count > 2 * tasks.liveCount + 1024 else { return }
        taskDues = DeadlineHeap()
        for slot in tasks.all.slots {
            if let due = tasks[slot].due { taskDues.insert(Int(slot), at: due) }
        }
    }
}
