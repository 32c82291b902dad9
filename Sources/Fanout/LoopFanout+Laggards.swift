internal import Glibc
public import Grid
internal import Reactor

/// Subscribers that are out of step: what they are owed, and how they come back.
extension LoopFanout {
    /// Those who joined in this turn, or were cut off by the vector limit, need no event of their socket to go on.
    func resumeUnblocked(_ view: View) {
        var index = 0
        while index < view.laggards.count {
            guard !view.laggards[index].isBlocked else {
                index += 1
                continue
            }
            // Held here: what it is sent may end it.
            let subscriber = view.laggards[index].subscriber
            catchUp(subscriber)
            // A promoted laggard's place was taken by another one; one that is blocked now stays.
            if index < view.laggards.count, view.laggards[index].subscriber === subscriber { index += 1 }
        }
    }

    /// The subscriber's socket takes bytes again: hand over what it is owed, view by view.
    func resume(_ subscriber: SubscriberChannel) {
        catchUp(subscriber)
        closeFailed()
    }

    private func catchUp(_ subscriber: SubscriberChannel) {
        var place = 0
        // A refusal may end the connection and its memberships with it.
        while place < subscriber.memberships.count {
            if subscriber.memberships[place].isLagging, !catchUp(subscriber, membership: place) { return }
            place += 1
        }
    }

    /// - Returns: whether the subscriber has caught up with the view's synced ones.
    private func catchUp(_ subscriber: SubscriberChannel, membership place: Int) -> Bool {
        let view = subscriber.memberships[place].view
        let index = subscriber.memberships[place].index
        view.laggards[index].isBlocked = false
        if subscriber.queuedByteCount == 0 { forgetRescued(view, index) }
        while true {
            guard planAhead(view, index) else { return false }
            let laggard = view.laggards[index]
            let runs = laggard.plan?.runs ?? view.runs
            let through = laggard.plan?.through ?? view.flushedThrough
            let (total, reach) = gather(runs, of: view.classState, from: laggard.position, to: through)
            if total > 0 {
                guard advance(view, index, runs, total: total, reach: reach) else { return false }
            } else if laggard.plan != nil {
                view.laggards[index].position = through
                view.laggards[index].plan = nil
            } else {
                // One that joined after frames which still wait for this turn's flush is ahead of the synced ones.
                if laggard.position <= through || !view.isDirty { promote(subscriber, membership: place) }
                return true
            }
        }
    }

    /// One write to a laggard of what was gathered. - Returns: whether it took everything.
    private func advance(_ view: View, _ index: Int, _ runs: RunList, total: Int, reach: UInt64) -> Bool {
        let subscriber = view.laggards[index].subscriber
        let outcome = vectors.withUnsafeBufferPointer { subscriber.writeNow(vectors: $0) }
        switch outcome {
        case .wrote(let count):
            statistics.writes += 1
            statistics.deliveredBytes += UInt64(count)
            if count > 0 { view.laggards[index].progressAt = max(view.laggards[index].progressAt, subscriber.loop.now) }
            if count == total {
                noteDeliveries(view, index, runs, to: reach)
                view.laggards[index].position = reach
                return true
            }
            let boundary = keepRest(
                of: subscriber, in: view.classState, runs, from: view.laggards[index].position, written: count)
            // The rest may have found no room; then the laggard is no longer there.
            if subscriber.isClosed { return false }
            noteDeliveries(view, index, runs, to: boundary)
            view.laggards[index].position = boundary
        case .blocked:
            break
        case .failed(let error):
            failed.append((subscriber, error))
            return false
        }
        view.laggards[index].isBlocked = true
        watch(subscriber.loop)
        return false
    }

    private func noteDeliveries(_ view: View, _ index: Int, _ runs: RunList, to position: UInt64) {
        let from = view.laggards[index].position
        statistics.deliveries += UInt64(view.classState.notes.count(in: runs, from: from, to: position))
    }

    // MARK: Less than everything

    /// Decides what a laggard gets next. One that is too far behind gets the newest frames only until it has caught
    /// up, and is told first what it does not get.
    ///
    /// - Returns: `false` where telling it ended the connection.
    private func planAhead(_ view: View, _ index: Int) -> Bool {
        let position = view.laggards[index].position
        if view.laggards[index].plan == nil, position < view.flushedThrough {
            conflateIfFar(view, index)
            if view.laggards[index].conflatedSince > 0 {
                let plan = view.plan(from: position, toleranceBytes: limits.conflateBytes)
                view.laggards[index].plan = plan
                view.laggards[index].skipped.add(plan.skipped(from: position, of: view))
            }
        }
        return announce(view, index)
    }

    /// Notes that a laggard is too far behind for getting everything, if it is.
    func conflateIfFar(_ view: View, _ index: Int) {
        guard view.laggards[index].conflatedSince == 0 else { return }
        let behind = view.runs.byteCount(from: view.laggards[index].position, to: view.flushedThrough)
        if behind > limits.conflateBytes { conflate(view, index) }
    }

    func conflate(_ view: View, _ index: Int) {
        guard view.laggards[index].conflatedSince == 0 else { return }
        view.laggards[index].conflatedSince = view.laggards[index].subscriber.loop.now
        statistics.conflations += 1
    }

    /// Tells a laggard of the frames that it does not get. - Returns: whether it is still there.
    func announce(_ view: View, _ index: Int) -> Bool {
        let skipped = view.laggards[index].skipped
        guard skipped.count > 0 else { return true }
        let subscriber = view.laggards[index].subscriber
        view.laggards[index].skipped = SkippedFrames()
        statistics.skippedFrames += skipped.count
        subscriber.conflated(skipped, in: view.classState.room)
        return !subscriber.isClosed
    }

    private func forgetRescued(_ view: View, _ index: Int) {
        rescuedBytes -= view.laggards[index].rescuedBytes
        view.laggards[index].rescuedBytes = 0
    }

    // MARK: Leaving

    /// Copies what a subscriber is owed by a view to its private queue.
    ///
    /// - Returns: `false`, and nothing is copied, where the private queue has no room for all of it and a goodbye.
    func settle(_ subscriber: SubscriberChannel, membership place: Int) -> Bool {
        let membership = subscriber.memberships[place]
        let view = membership.view
        let state = view.classState
        var position = view.flushedThrough
        var plan: ConflationPlan?
        if membership.isLagging {
            guard planAhead(view, membership.index) else { return false }
            position = view.laggards[membership.index].position
            plan = view.laggards[membership.index].plan
        }
        let middle = max(position, plan?.through ?? position)
        let owed =
            (plan?.runs.byteCount(from: position, to: middle) ?? 0)
            + view.runs.byteCount(from: middle, to: state.end)
        guard owed == 0 || owed + Self.goodbyeRoom <= subscriber.queueRoom else { return false }
        if let plan { copy(plan.runs, of: state, from: position, to: middle, for: subscriber) }
        copy(view.runs, of: state, from: middle, to: state.end, for: subscriber)
        return true
    }

    /// Copies what lies in the runs between two positions to a private queue that has room for it.
    func copy(_ runs: RunList, of state: LoopClass, from: UInt64, to: UInt64, for subscriber: SubscriberChannel) {
        var position = from
        while true {
            let (total, reach) = gather(runs, of: state, from: position, to: to)
            guard total > 0 else { return }
            for vector in vectors {
                _ = subscriber.send(UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len))
            }
            statistics.deliveries += UInt64(state.notes.count(in: runs, from: position, to: reach))
            statistics.deliveredBytes += UInt64(total)
            position = reach
        }
    }

    /// Takes a subscriber out of all its views without what they still owe it.
    ///
    /// - Returns: up to where it was given whole frames, or was told which it does not get, a room each.
    public func withdraw(_ subscriber: SubscriberChannel) -> [RoomPosition] {
        for membership in subscriber.memberships where membership.isLagging {
            guard announce(membership.view, membership.index) else { return [] }
        }
        let positions = subscriber.memberships.compactMap { membership -> RoomPosition? in
            let view = membership.view
            let state = view.classState
            // The ids of its events tell where it is.
            guard let room = state.room else { return nil }
            let synced = view.isDirty ? view.flushedThrough : state.end
            let position = membership.isLagging ? view.laggards[membership.index].position : synced
            let offset = max(membership.joinedOffset, state.notes.offset(before: position))
            return RoomPosition(room: room, position: LogPosition(epoch: state.epoch, offset: offset))
        }
        remove(subscriber)
        return positions
    }
}
