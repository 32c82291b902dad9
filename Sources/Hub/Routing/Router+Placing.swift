public import Grid

/// One pass over the line.
extension Router {
    /// Places every task that may go now, in the order of the line, and appends its places to the caller's buffer.
    ///
    /// The first task that does not fit gets a reservation: the nodes that will have room for it soonest. It keeps
    /// it, and its turn, until it is placed or a task of a higher rank needs one. Tasks behind it go on, except that
    /// one which may still run at the reserved time gets none of the reserved nodes: so the reservation is kept
    /// whatever is placed behind it, as long as tasks end at their limits.
    public mutating func place(now: UInt64, into placements: inout [Placement]) {
        shares.advance(to: now)
        admitDue(now)
        line.beginPass()
        var holderWasTried = reservation == nil
        var misses = 0
        while misses < Limits.backfillDepth {
            let next = line.next()
            if !holderWasTried, let holder = reservation, (next?.rank ?? -1) <= holder.rank {
                holderWasTried = true
                tryHolder(holder, now: now, into: &placements)
                continue
            }
            guard let (slot, rank) = next else { return }
            if slot == reservation?.task {
                // A holder of the pass's own making, or one that was tried before its turn.
                line.passOver()
                continue
            }
            let mayRunLong = reservation.map { rank <= $0.rank && end(of: slot, from: now) > $0.at } ?? false
            let index = readyIndex(slot)
            let isBehind = reservation.map { rank <= $0.rank } ?? false
            if attempt(slot, index, sparing: mayRunLong, isBackfill: isBehind, now: now, into: &placements) {
                continue
            }
            line.passOver()
            misses += 1
            if reservation.map({ rank > $0.rank }) ?? true, let made = reserve(slot, index: index, now: now) {
                reservation = made
                holderWasTried = true
            }
        }
    }

    private func end(of slot: Int32, from now: UInt64) -> UInt64 {
        now &+ UInt64(tasks[slot].request.limitSeconds) * 1_000_000_000
    }

    /// The task whose turn was kept. If it does not fit yet, its reservation is made anew where it no longer holds.
    private mutating func tryHolder(_ holder: Reservation, now: UInt64, into placements: inout [Placement]) {
        let index = readyIndex(holder.task)
        if attempt(holder.task, index, sparing: false, isBackfill: false, now: now, into: &placements) {
            reservation = nil
            return
        }
        var held = holder
        if holds(&held, index: index, now: now) {
            reservation = held
        } else {
            reservation = reserve(holder.task, index: index, now: now)
        }
    }

    /// Moves tasks whose delay is over into the line, and those that starve to its front.
    private mutating func admitDue(_ now: UInt64) {
        while let due = delayed.popDue(now) {
            guard tasks[due.index].state == .delayed, tasks[due.index].notBefore == due.deadline else { continue }
            tasks.delayedCount -= 1
            standInLine(due.index, now: now)
        }
        while let due = starvation.popDue(now) {
            let starvesAt = tasks[due.index].since &+ configuration.starvationNanoseconds
            guard tasks[due.index].state == .waiting, starvesAt == due.deadline,
                tasks[due.index].rank != WaitingLine.starving
            else { continue }
            leaveLine(due.index)
            standInLine(due.index, now: now)
            if reservation?.task == due.index { reservation?.rank = WaitingLine.starving }
        }
    }

    private mutating func readyIndex(_ slot: Int32) -> Int {
        indexes.ready(for: slot, &tasks, nodes, model)
    }

    /// Places all members of a task or none. `sparing` leaves out the reserved nodes.
    private mutating func attempt(
        _ slot: Int32, _ index: Int, sparing: Bool, isBackfill: Bool, now: UInt64, into placements: inout [Placement]
    ) -> Bool {
        guard indexes[index].cheapest(nodes) != nil else { return false }
        masked.removeAll(keepingCapacity: true)
        for node in tasks[slot].request.excludedNodes {
            if let excluded = nodes.index(of: node) { masked.append(Int32(excluded)) }
        }
        if sparing, let reservation { masked.append(contentsOf: reservation.nodes) }
        if !masked.isEmpty { indexes[index].mask(masked, nodes) }
        defer { if !masked.isEmpty { indexes[index].unmask(masked, nodes, model) } }
        guard masked.isEmpty || indexes[index].cheapest(nodes) != nil, hasRoom(slot, index) else { return false }
        leaveLine(slot)
        begin(slot, now: now)
        for member in 0..<tasks[slot].request.gangSize {
            if member > 0 {
                indexes.catchUp(index, nodes, model)
                if !masked.isEmpty { indexes[index].mask(masked, nodes) }
            }
            placements.append(take(slot, index, member: member, isBackfill: isBackfill))
        }
        return true
    }

    /// Whether a gang's members all find a seat; one that does leaves no doubt about a single task.
    private func hasRoom(_ slot: Int32, _ index: Int) -> Bool {
        let wanted = tasks[slot].request.gangSize
        guard wanted > 1 else { return true }
        let resources = tasks[slot].request.resources
        var seats = 0
        for node in 0..<nodes.count where indexes[index].fits(node) {
            guard let milli = indexes[index].milliPerGPU(on: node, nodes) else { continue }
            seats += nodes.seats(node, resources, milliPerGPU: milli)
            if seats >= wanted { return true }
        }
        return false
    }

    /// Gives one member the cheapest seat.
    private mutating func take(_ slot: Int32, _ index: Int, member: Int, isBackfill: Bool) -> Placement {
        guard let winner = indexes[index].cheapest(nodes) else {
            preconditionFailure("a gang that has room finds a seat for each member")
        }
        let winnerTerms = indexes[index].terms(winner, nodes, model)
        let runnerUp = indexes[index].cheapest(besides: winner, nodes)
        let runnerUpTerms = runnerUp.map { indexes[index].terms($0, nodes, model) }
        let seat = indexes[index].seat(on: winner, nodes, model)
        occupy(slot, seat, on: winner)
        return Placement(
            task: tasks[slot].request.task, member: member, node: nodes.ids[winner], gpus: seat.gpus,
            milliPerGPU: Int(seat.milliPerGPU),
            explanation: PlacementExplanation(
                winner: winnerTerms, runnerUp: runnerUp.map { nodes.ids[$0] }, runnerUpTerms: runnerUpTerms,
                isBackfill: isBackfill))
    }
}
