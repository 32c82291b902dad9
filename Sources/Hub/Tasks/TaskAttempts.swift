internal import Grid

/// How an attempt begins and goes on.
extension Hub {
    // MARK: Places

    /// What the router is asked for. A task without GPUs that names no processor takes a little of it all the same: so
    /// not everything that costs nothing goes to one node.
    func placementRequest(_ record: TaskRecord) -> PlacementRequest {
        let specification = record.specification
        var resources = specification.resources
        resources.runner = specification.runner
        if resources.gpu == .none, resources.cpuMilli == 0 { resources.cpuMilli = Self.leastCPUMilli }
        let estimate = specification.estimatedDurationSeconds ?? specification.timeoutSeconds
        var request = PlacementRequest(
            task: record.id, user: record.owner, resources: resources,
            predictedSeconds: min(max(estimate, 1), specification.timeoutSeconds),
            limitSeconds: specification.timeoutSeconds)
        request.gangSize = specification.gangSize
        request.priority = specification.priority
        request.excludedNodes = record.excludedNodes
        return request
    }

    private static let leastCPUMilli = 100

    /// Gives waiting tasks what is free by now. At the end of each `apply` in which something changed that matters.
    mutating func placeTasks(_ now: Now, _ effects: inout [Effect]) {
        isPlacementOwed = false
        placePinned(now, &effects)
        var placements: [Placement] = []
        swap(&placements, &self.placements)
        router.place(now: now.monotonicNanoseconds, into: &placements)
        var first = 0
        while first < placements.count {
            var end = first + 1
            while end < placements.count, placements[end].task == placements[first].task { end += 1 }
            assign(placements[first..<end], now, &effects)
            first = end
        }
        placements.removeAll(keepingCapacity: true)
        swap(&placements, &self.placements)
    }

    private mutating func placePinned(_ now: Now, _ effects: inout [Effect]) {
        guard !pinned.isEmpty else { return }
        var waiting: [Int32] = []
        for slot in pinned where tasks[slot].record.state == .pending {
            guard let node = tasks[slot].pinnedTo else { continue }
            let request = placementRequest(tasks[slot].record)
            if let placement = router.place(request, on: node, now: now.monotonicNanoseconds) {
                assign([placement], now, &effects)
            } else {
                waiting.append(slot)
            }
        }
        pinned = waiting
    }

    /// A task got its places: a new epoch begins, and its agents are told.
    private mutating func assign(_ places: ArraySlice<Placement>, _ now: Now, _ effects: inout [Effect]) {
        guard let first = places.first, let slot = tasks.slot(of: first.task) else {
            preconditionFailure("the router places tasks that are there")
        }
        if !PlantedBug.isActive(.epochNotRaised) || tasks[slot].record.epoch == 0 { tasks[slot].record.epoch += 1 }
        tasks[slot].record.attempts += 1
        tasks[slot].record.assignedAt = now.wall
        tasks[slot].record.startedAt = nil
        tasks[slot].record.leases = places.map { lease($0, of: tasks[slot].record) }
        tasks[slot].attempt = Attempt(members: places.count, beganAt: now.monotonicNanoseconds)
        tasks.setProgress(slot, nil)
        move(slot, to: .assigned, now, &effects)
        tellAssigned(slot, now, &effects)
        for lease in tasks[slot].record.leases {
            guard let index = nodes.index(of: lease.node) else { preconditionFailure("a place is on a known node") }
            nodes.states[index].runs.append(HeldRun(slot: slot, member: Int32(lease.member)))
            queueTaskLease(index)
            order(.assign(assignment(slot, lease)), on: index, &effects)
            refreshCapacity(of: index, now, &effects)
        }
        wake(slot, at: backstop(slot, now))
    }

    private func lease(_ place: Placement, of record: TaskRecord) -> TaskLease {
        guard let index = nodes.index(of: place.node) else { preconditionFailure("a place is on a known node") }
        let resources = placementRequest(record).resources
        var billable = Int64(resources.gpu.milli)
        if resources.gpu == .none {
            let whole = Int64(nodes.states[index].offer?.cpuMilli ?? 0)
            billable = whole > 0 ? min(max(Int64(resources.cpuMilli) * 1000 / whole, 1), 1000) : 1
        }
        return TaskLease(
            member: place.member, node: place.node, gpus: machineGPUs(place.gpus, on: index),
            milliPerGPU: place.milliPerGPU, billableMilli: billable,
            pricePerHourMicros: nodes.states[index].offer?.pricePerGPUHourMicros ?? 0, explanation: place.explanation)
    }

    private mutating func tellAssigned(_ slot: Int32, _ now: Now, _ effects: inout [Effect]) {
        let record = tasks[slot].record
        guard let node = record.node else { preconditionFailure("an assigned task has a node") }
        var event = TaskAssigned(
            task: record.id, number: record.number, job: record.job, owner: record.owner, node: node,
            epoch: record.epoch, priority: record.specification.priority, assignedAt: now.wall)
        event.model = record.specification.model
        event.estimatedDurationSeconds = record.specification.estimatedDurationSeconds
        event.jobStanding = tasks.jobs.standing(tasks[slot].job)
        rooms.publish(.taskAssigned(event), facts(record), now, &effects)
    }

    /// What the agent of a lease is told; the same every time it is told.
    func assignment(_ slot: Int32, _ lease: TaskLease) -> RunAssignment {
        let record = tasks[slot].record
        let specification = record.specification
        return RunAssignment(
            run: RunID(task: record.id, epoch: record.epoch, member: lease.member), runner: specification.runner,
            arguments: specification.arguments, input: specification.input, gpus: lease.gpus,
            milliPerGPU: lease.milliPerGPU, cpuMilli: specification.resources.cpuMilli,
            memoryMebibytes: specification.resources.memoryMebibytes, timeoutSeconds: specification.timeoutSeconds,
            gangSize: specification.gangSize,
            leaseMilliseconds: Int64(clamping: configuration.taskLeaseNanoseconds / 1_000_000))
    }

    /// Tells the node's agent, if its session is open; if not, it learns of it when it comes back.
    func order(_ order: TaskOrder, on index: Int, _ effects: inout [Effect]) {
        guard let session = nodes.states[index].session else { return }
        effects.append(.agentTask(session, order))
    }

    // MARK: What its runs say

    /// The task whose lease this run is, if it still is one and that node's.
    func currentLease(_ run: RunID, on index: Int) -> Int32? {
        guard let slot = tasks.slot(of: run.task) else { return nil }
        let record = tasks[slot].record
        guard record.state == .assigned || record.state == .running,
            record.epoch == run.epoch || PlantedBug.isActive(.staleEpochCounts),
            record.leases.indices.contains(run.member), record.leases[run.member].phase != .ended,
            record.leases[run.member].node == nodes.records[index].id || PlantedBug.isActive(.foreignNodeCounts)
        else { return nil }
        return slot
    }

    /// A member runs. Its agent says so at each session anew, as long as it does.
    mutating func noteStarted(_ slot: Int32, _ member: Int, _ now: Now, _ effects: inout [Effect]) {
        guard tasks[slot].record.leases[member].phase == .offered else { return }
        tasks[slot].record.leases[member].phase = .started
        tasks[slot].record.leases[member].startedAt = now.wall
        if tasks[slot].record.state == .running { return keep(slot, kept: .behindTelling, &effects) }
        tasks[slot].record.startedAt = now.wall
        tasks[slot].attempt?.watchedSince = now.monotonicNanoseconds
        move(slot, to: .running, kept: .behindTelling, now, &effects)
        wake(slot, at: backstop(slot, now))
    }

    /// When a task whose agent says nothing of its end is ended from here, in monotonic nanoseconds.
    func backstop(_ slot: Int32, _ now: Now) -> UInt64 {
        let record = tasks[slot].record
        let since = tasks[slot].attempt?.watchedSince ?? now.monotonicNanoseconds
        let timeout = UInt64(record.specification.timeoutSeconds) * 1_000_000_000
        // Whoever could not be heard is given as long as its lease.
        return max(since &+ timeout, wakefulSince) &+ configuration.taskLeaseNanoseconds
    }

    /// What the monotonic clock showed at a past wall-clock time; 0 where that was before it began.
    func monotonic(_ past: Timestamp, _ now: Now) -> UInt64 {
        let (age, overflow) = now.wall.milliseconds.subtractingReportingOverflow(past.milliseconds)
        let (nanoseconds, wraps) = UInt64(overflow ? 0 : max(age, 0)).multipliedReportingOverflow(by: 1_000_000)
        return wraps ? 0 : now.monotonicNanoseconds.distanceBehind(nanoseconds)
    }
}
