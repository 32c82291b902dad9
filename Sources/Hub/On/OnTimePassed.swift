internal import Grid

extension Hub {
    /// Ends the leases, acknowledgement windows, inventories' waits and tasks' times that are due. Entries of the
    /// heaps may be too early: what they stand for is looked up, and put back where it belongs.
    mutating func onTimePassed(_ now: Now, _ effects: inout [Effect]) {
        while let entry = leases.popDue(now.monotonicNanoseconds) {
            let index = Int(entry.index)
            let end = leaseEnd(index)
            switch nodes.states[index].presence {
            case .present, .awaited:
                if end > now.monotonicNanoseconds {
                    leases.insert(index, at: end)
                    continue
                }
                nodes.states[index].isLeaseQueued = false
                fellSilent(index, now, &effects)
            case .unseen, .silent, .stopped: nodes.states[index].isLeaseQueued = false
            }
        }
        while let entry = windows.popDue(now.monotonicNanoseconds) {
            acknowledge(Int(entry.index), now, &effects)
        }
        while let entry = inventories.popDue(now.monotonicNanoseconds) {
            storeInventory(Int(entry.index), now, &effects)
        }
        endAbsences(now)
        challengeDue(now, &effects)
        endTaskLeases(now, &effects)
        tellDueProgress(now, &effects)
        if let due = router.nextDeadlineNanoseconds, due <= now.monotonicNanoseconds { isPlacementOwed = true }
        tellDueAnalytics(now, &effects)
        // Last: what stands behind a stored change waits for its commit.
        if let due = trimsAt, due <= now.monotonicNanoseconds {
            trimsAt = nil
            rooms.trim(now, &effects)
        }
    }

    /// How long an event may outlive its age.
    private static let trimNanoseconds: ClosedRange<UInt64> = 1_000_000_000...60_000_000_000

    /// Sees to it that logs are looked at while there is anything in them.
    mutating func scheduleTrim(_ now: Now) {
        guard trimsAt == nil, rooms.hasEvents else { return }
        let range = Self.trimNanoseconds
        let share = UInt64(configuration.history.ageMilliseconds).multipliedReportingOverflow(by: 1_000_000 / 8)
        let pause = share.overflow ? range.upperBound : share.partialValue
        trimsAt = now.monotonicNanoseconds + min(max(pause, range.lowerBound), range.upperBound)
    }
}
