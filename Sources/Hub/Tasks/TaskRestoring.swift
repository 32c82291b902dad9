internal import Grid

/// Tasks at the coordinator's start: everything goes on where it was, and nobody is told anything.
extension Hub {
    /// Tells the router of every registered node, and gives it back the tasks that wait or run.
    mutating func restoreTasks(_ now: Now) {
        for index in nodes.states.indices { offerCapacity(of: index) }
        for slot in tasks.all.slots where !tasks[slot].record.state.isTerminal { restore(slot, now) }
        restoreProgress()
        for index in nodes.states.indices {
            nodes.states[index].runs = nodes.states[index].runs.sorted { precedes($0, $1) }
            guard nodes.states[index].presence == .awaited else { continue }
            nodes.states[index].status = standing(index)
            nodes.states[index].facts.status = nodes.states[index].status.name
        }
    }

    private mutating func restore(_ slot: Int32, _ now: Now) {
        let record = tasks[slot].record
        let request = placementRequest(record)
        if PlantedBug.isActive(.waitingForgotten), record.state == .pending { return }
        // Nobody here runs it.
        if record.specification.isExternal, !record.isCheck { return }
        switch record.state {
        case .completed, .failed, .cancelled: break
        case .lost: preconditionFailure("no task stays lost")
        case .pending:
            if record.isCheck {
                pin(slot, to: CheckPurpose(key: record.key)?.node, now)
            } else {
                precondition(router.enqueue(request, now: monotonic(record.createdAt, now)), "a stored task is routed")
                if !record.excludedNodes.isEmpty {
                    wake(slot, at: now.monotonicNanoseconds &+ configuration.taskLeaseNanoseconds)
                }
            }
        case .assigned, .running:
            let began = monotonic(record.assignedAt ?? record.updatedAt, now)
            tasks[slot].attempt = Attempt(members: record.leases.count, beganAt: began)
            tasks[slot].attempt?.watchedSince = now.monotonicNanoseconds
            restoreLeases(slot, request, since: began, now)
        }
    }

    private mutating func restoreLeases(_ slot: Int32, _ request: PlacementRequest, since: UInt64, _ now: Now) {
        let record = tasks[slot].record
        guard record.leases.contains(where: { $0.phase != .ended }) else {
            tasks[slot].awaitsVerdict = true
            return wake(slot, at: now.monotonicNanoseconds &+ verdictNanoseconds(slot))
        }
        var places: [Placement] = []
        for lease in record.leases {
            guard let index = nodes.index(of: lease.node) else {
                preconditionFailure("a stored lease is on a known node")
            }
            places.append(
                Placement(
                    task: record.id, member: lease.member, node: lease.node,
                    gpus: routedGPUs(lease.gpus, on: index), milliPerGPU: lease.milliPerGPU,
                    explanation: lease.explanation))
            if lease.phase == .ended {
                tasks[slot].attempt?.members[lease.member].outcome = RunOutcome(record, lease)
            } else {
                nodes.states[index].runs.append(HeldRun(slot: slot, member: Int32(lease.member)))
                queueTaskLease(index)
            }
        }
        router.observe(request.resources, members: request.gangSize)
        precondition(router.adopt(request, on: places, since: since), "a stored task is adopted")
        wake(slot, at: max(backstop(slot, now), now.monotonicNanoseconds &+ configuration.taskLeaseNanoseconds))
    }

    /// What was told of tasks' progress is not to be taken back: the log of tasks still has it.
    private mutating func restoreProgress() {
        let log = rooms.log(.tasks)
        var offset = log.trimmedThrough
        while let event = log[offset + 1] {
            offset += 1
            guard case .taskProgressed(let told) = event.event, let slot = tasks.slot(of: told.task),
                tasks[slot].attempt != nil, tasks[slot].record.epoch == told.epoch
            else { continue }
            tasks.setProgress(slot, told.progress)
            tasks[slot].attempt?.reports = told.progress.sequence
        }
    }

    /// Of two runs of a node: which one it has had for longer.
    private func precedes(_ left: HeldRun, _ right: HeldRun) -> Bool {
        let (first, second) = (tasks[left.slot].record, tasks[right.slot].record)
        if first.id == second.id { return left.member < right.member }
        let (began, later) = (first.assignedAt ?? first.updatedAt, second.assignedAt ?? second.updatedAt)
        return began != later ? began < later : first.number < second.number
    }
}

extension RunOutcome {
    /// What a record still knows of a member that ended well while others ran on.
    init(_ record: TaskRecord, _ lease: TaskLease) {
        self.init()
        ranMilliseconds = lease.ranMilliseconds ?? 0
        guard lease.member == 0, let result = record.result else { return }
        exitStatus = result.exitStatus
        output = result.output
        message = result.message
        digest = result.digest
    }
}
