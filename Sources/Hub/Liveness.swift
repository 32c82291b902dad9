internal import Grid

/// Whether nodes live: every sign of life renews a lease, and a lease that ends takes the node offline.
///
/// Renewing is a field store. The heap holds one entry a node, which may be too early; it is put where it
/// belongs when it comes up.
extension Hub {
    /// A registered node at the coordinator's start: its lease runs anew.
    mutating func awaitAgent(_ index: Int, now: Now) {
        nodes.states[index].presence = .awaited
        nodes.states[index].status = .online
        nodes.states[index].condition = .up
        nodes.states[index].facts.status = NodeStatus.online.name
        nodes.states[index].listing = NodeListing(isAvailable: true, isRented: false)
        nodes.states[index].lastHeard = now.monotonicNanoseconds
        queueLease(index)
    }

    /// A sign of life of the node's present session. One that comes after the lease's end brings the node back.
    mutating func heard(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        let silence = now.monotonicNanoseconds.distanceBehind(heardSince(index))
        nodes.states[index].lastHeard = now.monotonicNanoseconds
        nodes.states[index].lastHeardAt = now.wall
        watchReturn(index, now)
        if nodes.states[index].presence == .present {
            guard silence >= Threshold.heartbeatGapNanoseconds else { return }
            nodes.states[index].signals.noteSilence(second: HealthSignals.second(now.monotonicNanoseconds))
        } else {
            let former = nodes.states[index].presence
            nodes.states[index].presence = .present
            queueLease(index)
            refreshCapacity(of: index, now, &effects)
            switch former {
            case .unseen, .stopped: tellTopology(.deviceAdded, index, now, &effects)
            case .silent: tellTopology(.linkChange, index, now, &effects)
            case .awaited, .present: break
            }
        }
    }

    /// The lease ended.
    mutating func fellSilent(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        nodes.states[index].presence = .silent
        nodes.states[index].signals.noteSilence(second: HealthSignals.second(now.monotonicNanoseconds))
        refreshCapacity(of: index, now, &effects)
        tellTopology(.linkChange, index, now, &effects)
        watchSilence(index, now)
    }

    /// Gives the node this status and tells so, if it is another one than before.
    mutating func setStatus(_ index: Int, _ status: NodeStatus, _ now: Now, _ effects: inout [Effect]) {
        let former = nodes.states[index].status
        guard former != status else { return }
        // A node that was never seen had no status, whatever its state says.
        let previous = nodes.states[index].statusChangedAt == nil && former == .offline ? nil : former
        nodes.states[index].status = status
        nodes.states[index].statusChangedAt = now.wall
        nodes.states[index].facts.status = status.name
        let health = nodes.states[index].health(now: now.monotonicNanoseconds)
        let sample = nodes.states[index].currentSample(now: now.monotonicNanoseconds)
        let received = nodes.states[index].latestReceived
        nodes.states[index].condition = DeviceCondition(status, score: health.score)
        var event = NodeStatusChanged(
            node: nodes.records[index].id, status: status, previous: previous, currentTask: currentTask(index),
            updatedAt: now.wall,
            sample: sample, health: health,
            hops: sample.map { _ in SampleHops(receivedNanoseconds: received, now: now) })
        event.lastSampleAt = nodes.states[index].lastSampleAt(now)
        rooms.publish(.nodeStatus(event), nodes.states[index].facts, now, &effects)
    }

    mutating func queueLease(_ index: Int) {
        guard !nodes.states[index].isLeaseQueued else { return }
        nodes.states[index].isLeaseQueued = true
        leases.insert(index, at: leaseEnd(index))
    }

    func leaseEnd(_ index: Int) -> UInt64 {
        heardSince(index) &+ configuration.leaseNanoseconds
    }

    /// From when on the node's silence counts: nobody could be heard while the coordinator itself stood still.
    func heardSince(_ index: Int) -> UInt64 { max(nodes.states[index].lastHeard, wakefulSince) }

    /// How much later than asked an event may come before the coordinator is taken to have stood still: stopped
    /// by a signal, a suspended machine or a debugger.
    private static let pauseNanoseconds: UInt64 = 2_000_000_000

    /// Where the caller comes much later than ``nextDeadlineNanoseconds`` asked, every lease runs anew from now
    /// on, as after a start: the silence was ours.
    mutating func noticePause(_ now: Now) {
        guard let deadline = nextDeadlineNanoseconds,
            now.monotonicNanoseconds.distanceBehind(deadline) > Self.pauseNanoseconds
        else { return }
        wakefulSince = now.monotonicNanoseconds
    }
}

extension UInt64 {
    /// How far this time is behind an earlier one; 0 if it is not.
    func distanceBehind(_ earlier: UInt64) -> UInt64 { self > earlier ? self - earlier : 0 }
}
