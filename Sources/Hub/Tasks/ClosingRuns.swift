internal import Grid

/// Runs that lost their lease and have to end: nobody else gets their devices before they have.
extension Hub {
    /// How long a closing run is reckoned to need; only reservations depend on it.
    private static let closingSeconds: Int64 = 60

    /// Ends whatever still runs under a record's leases, and keeps the devices of each run until it has.
    ///
    /// - Parameter fault: what the agents are told; `nil` where the owner cancelled.
    mutating func closeLeases(
        of record: TaskRecord, _ slot: Int32, _ fault: TaskFault?, _ now: Now, _ effects: inout [Effect]
    ) {
        for lease in record.leases where lease.phase != .ended {
            guard let index = nodes.index(of: lease.node) else { continue }
            nodes.states[index].runs.removeAll { $0.slot == slot && Int($0.member) == lease.member }
            close(lease, of: record, on: index, fault, now, &effects)
        }
    }

    /// Has one run end.
    mutating func close(
        _ lease: TaskLease, of record: TaskRecord, on index: Int, _ fault: TaskFault?, _ now: Now,
        _ effects: inout [Effect]
    ) {
        // An agent that said goodbye has ended its runs.
        guard nodes.states[index].presence != .stopped else { return }
        let run = RunID(task: record.id, epoch: record.epoch, member: lease.member)
        if PlantedBug.isActive(.devicesFreedEarly) {
            return order(fault.map { .stop(run, $0) } ?? .cancel(run), on: index, &effects)
        }
        let stand = TaskID(UUID128(randomHigh: entropy.next(), randomLow: entropy.next()))
        var request = placementRequest(record)
        request.task = stand
        request.gangSize = 1
        request.predictedSeconds = 1
        request.limitSeconds = Self.closingSeconds
        let place = Placement(
            task: stand, member: 0, node: lease.node, gpus: routedGPUs(lease.gpus, on: index),
            milliPerGPU: lease.milliPerGPU, explanation: lease.explanation)
        precondition(
            router.adopt(request, on: [place], since: now.monotonicNanoseconds), "a lease is on a node of the router")
        let closing = ClosingRun(run: run, stand: stand, fault: fault)
        nodes.states[index].closing.append(closing)
        queueTaskLease(index)
        order(closing.order, on: index, &effects)
    }

    /// A closing run has ended. False if there is no such run.
    mutating func noteClosed(_ run: RunID, on index: Int, _ now: Now, _ effects: inout [Effect]) -> Bool {
        guard let place = nodes.states[index].closing.firstIndex(where: { $0.run == run }) else { return false }
        let closed = nodes.states[index].closing.remove(at: place)
        router.release(closed.stand, now: now.monotonicNanoseconds)
        isPlacementOwed = true
        refreshCapacity(of: index, now, &effects)
        return true
    }

    /// None of the node's closing runs can still go on.
    mutating func forgetClosing(on index: Int, _ now: Now) {
        for closing in nodes.states[index].closing { router.release(closing.stand, now: now.monotonicNanoseconds) }
        nodes.states[index].closing = []
        isPlacementOwed = true
    }
}
