public import Grid

/// What becomes of tasks besides their placement.
extension Router {
    /// Puts a task in line; ``place(now:into:)`` finds it a node. False, and nothing is changed, if an amount of the
    /// request is out of its range or the task is known already.
    public mutating func enqueue(_ request: PlacementRequest, now: UInt64) -> Bool {
        guard request.isValid, tasks.slot(of: request.task) == nil else { return false }
        observe(request.resources, members: request.gangSize)
        let user = shares.number(of: request.user)
        let slot = tasks.insert(request, user: user, now: now)
        trimExclusions(slot)
        standInLine(slot, now: now)
        return true
    }

    /// Takes a task out, wherever it is; what it held is free. False if it is not known.
    @discardableResult
    public mutating func cancel(_ task: TaskID, now: UInt64) -> Bool {
        guard let slot = tasks.slot(of: task) else { return false }
        leave(slot, now: now)
        tasks.remove(slot)
        return true
    }

    /// A placed task has ended: what it held is free. False if no such task is placed.
    @discardableResult
    public mutating func release(_ task: TaskID, now: UInt64) -> Bool {
        guard let slot = tasks.slot(of: task), tasks[slot].state == .placed else { return false }
        leave(slot, now: now)
        tasks.remove(slot)
        return true
    }

    /// A placed task failed: what it held is free, and it waits again with its old age, never for the node where it
    /// failed, and not before a time drawn evenly from 0 to a bound that doubles with each attempt.
    ///
    /// - Parameters:
    ///   - failedOn: the node at fault; `nil` where none is.
    ///   - seed: decides the draw.
    public mutating func retry(_ task: TaskID, failedOn: NodeID?, seed: UInt64, now: UInt64) -> RetryVerdict {
        guard let slot = tasks.slot(of: task), tasks[slot].state == .placed else { return .unknown }
        leave(slot, now: now)
        guard tasks[slot].attempts < configuration.attempts else {
            tasks.remove(slot)
            return .exhausted
        }
        if let failedOn, !tasks[slot].request.excludedNodes.contains(failedOn) {
            tasks[slot].request.excludedNodes.append(failedOn)
            trimExclusions(slot)
        }
        let doublings = min(tasks[slot].attempts - 1, 62)
        let (doubled, overflow) = configuration.retryBaseNanoseconds.multipliedReportingOverflow(by: 1 << doublings)
        let bound = min(overflow ? .max : doubled, configuration.retryCapNanoseconds)
        var entropy = Entropy(seed: seed)
        // The high word of a product with a uniform word is uniform below the bound.
        let wait = entropy.next().multipliedFullWidth(by: bound &+ (bound == .max ? 0 : 1)).high
        tasks[slot].attempts += 1
        tasks[slot].state = .delayed
        tasks[slot].notBefore = now &+ wait
        tasks.delayedCount += 1
        delayed.insert(Int(slot), at: tasks[slot].notBefore)
        return .waits(until: tasks[slot].notBefore)
    }

    /// Takes over a task that already runs, as at a start from the store: one placement for each member. False, and
    /// nothing is changed, if a node is not known, the request is out of range, or the task is known already.
    public mutating func adopt(_ request: PlacementRequest, on placements: [Placement], since: UInt64) -> Bool {
        let indices = placements.map { nodes.index(of: $0.node) }
        guard request.isValid, tasks.slot(of: request.task) == nil, placements.count == request.gangSize,
            placements.allSatisfy({ (0...1000).contains($0.milliPerGPU) }), !indices.contains(nil)
        else { return false }
        let user = shares.number(of: request.user)
        let slot = tasks.insert(request, user: user, now: since)
        trimExclusions(slot)
        begin(slot, now: since)
        for (placement, index) in zip(placements, indices) {
            let seat = Seat(
                cpuMilli: Int32(request.resources.cpuMilli),
                memoryMebibytes: Int32(request.resources.memoryMebibytes), gpus: placement.gpus,
                milliPerGPU: Int16(placement.milliPerGPU))
            occupy(slot, seat, on: index!)
        }
        return true
    }

    private mutating func trimExclusions(_ slot: Int32) {
        let excess = tasks[slot].request.excludedNodes.count - Limits.excludedNodes
        if excess > 0 { tasks[slot].request.excludedNodes.removeFirst(excess) }
    }

    // MARK: Steps that all of them share

    mutating func standInLine(_ slot: Int32, now: UInt64) {
        tasks[slot].state = .waiting
        let starvesAt = tasks[slot].since &+ configuration.starvationNanoseconds
        if starvesAt <= now {
            tasks[slot].rank = WaitingLine.starving
        } else {
            tasks[slot].rank = tasks[slot].request.priority
            starvation.insert(Int(slot), at: starvesAt)
        }
        line.insert(
            slot, number: tasks[slot].number, rank: tasks[slot].rank, user: tasks[slot].user, shares)
        // Most tasks are placed long before they starve; what they leave here is swept out in bulk.
        if starvation.count > 2 * line.count + 1024 {
            starvation = DeadlineHeap()
            tasks.forEachWaiting { slot, task in
                guard task.rank != WaitingLine.starving else { return }
                starvation.insert(Int(slot), at: task.since &+ configuration.starvationNanoseconds)
            }
        }
    }

    mutating func leaveLine(_ slot: Int32) {
        line.remove(slot, number: tasks[slot].number, rank: tasks[slot].rank, user: tasks[slot].user, shares)
    }

    /// The task gives up whatever it has: its place in line, its delay, its resources, its reservation.
    private mutating func leave(_ slot: Int32, now: UInt64) {
        if reservation?.task == slot { reservation = nil }
        switch tasks[slot].state {
        case .free: preconditionFailure("a task leaves twice")
        case .waiting: leaveLine(slot)
        case .delayed: tasks.delayedCount -= 1
        case .placed: vacate(slot, now: now)
        }
    }

    /// A task that takes its places from now on is charged for as long as it is predicted to run.
    mutating func begin(_ slot: Int32, now: UInt64) {
        let resources = tasks[slot].request.resources
        let members = Int64(tasks[slot].request.gangSize)
        let share = nodes.totals.dominantShare(
            gpuMilli: Int64(resources.gpu.milli) * members, cpuMilli: Int64(resources.cpuMilli) * members,
            memoryMebibytes: Int64(resources.memoryMebibytes) * members)
        tasks[slot].state = .placed
        tasks[slot].placedAt = now
        tasks[slot].dominantShare = share
        shares.charge(tasks[slot].user, share: share, seconds: tasks[slot].request.predictedSeconds, now: now)
        line.userCharged(tasks[slot].user, shares)
    }

    mutating func occupy(_ slot: Int32, _ seat: Seat, on index: Int) {
        nodes.take(seat, on: index)
        nodes.value(index, by: model.table)
        let limit = UInt64(tasks[slot].request.limitSeconds) * 1_000_000_000
        tasks[slot].firstAllocation = allocations.insert(
            seat, node: index, task: slot, endsBy: tasks[slot].placedAt &+ limit,
            nextOfTask: tasks[slot].firstAllocation)
        tasks.heldGPUMilli += Int64(seat.gpus.nonzeroBitCount) * Int64(seat.milliPerGPU)
    }

    private mutating func vacate(_ slot: Int32, now: UInt64) {
        var next = tasks[slot].firstAllocation
        tasks[slot].firstAllocation = Allocations.none
        while next != Allocations.none {
            let allocation = allocations.remove(next)
            next = allocation.nextOfTask
            nodes.giveBack(allocation.seat, on: Int(allocation.node))
            nodes.value(Int(allocation.node), by: model.table)
            tasks.heldGPUMilli -= Int64(allocation.seat.gpus.nonzeroBitCount) * Int64(allocation.seat.milliPerGPU)
        }
        // What was predicted was charged; what it really took is what counts.
        let ran = Int64(clamping: now.distanceBehind(tasks[slot].placedAt) / 1_000_000_000)
        let correction = min(ran, Limits.taskSeconds) - tasks[slot].request.predictedSeconds
        shares.charge(tasks[slot].user, share: tasks[slot].dominantShare, seconds: correction, now: now)
        line.userCharged(tasks[slot].user, shares)
    }
}
