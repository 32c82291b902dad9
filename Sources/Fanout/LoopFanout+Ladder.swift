internal import Grid
internal import Reactor

/// The end of patience: what becomes of laggards when memory or time is up.
extension LoopFanout {
    /// What a stretch of a class's stream holds for a laggard that will not get it from there.
    private struct Loss {
        var from: UInt64
        /// Frames for which nothing may stand in.
        var runs = RunList()
        var byteCount = 0
        var skipped = SkippedFrames()
    }

    /// A subscriber is too slow to stay.
    func end(_ subscriber: SubscriberChannel, _ cause: SlowCause) {
        guard !subscriber.memberships.isEmpty else { return }
        statistics.slowEnds[Int(cause.rawValue)] += 1
        let positions = withdraw(subscriber)
        if !subscriber.isClosed { subscriber.fellBehind(cause, at: positions) }
    }

    // MARK: Memory

    /// Lets go of what a class keeps beyond its cap. Laggards that need it are moved on; what nothing may stand in for
    /// goes to their private queues, and whoever has no room for it has to go.
    func enforceCap(_ state: LoopClass) {
        guard let start = state.startUnderCap else { return }
        // The notes before `start` still tell where those stand who have to go.
        for view in state.views { moveOn(view, to: start) }
        state.drop(before: start)
    }

    private func moveOn(_ view: View, to start: UInt64) {
        // Those who stand at the same place lose the same.
        var shared: Loss?
        var index = 0
        while index < view.laggards.count {
            let laggard = view.laggards[index]
            guard laggard.position < start else {
                index += 1
                continue
            }
            let loss: Loss
            if let shared, laggard.plan == nil, shared.from == laggard.position {
                loss = shared
            } else {
                loss = self.loss(of: laggard, in: view, before: start)
                if laggard.plan == nil { shared = loss }
            }
            if pass(view, index, loss, to: start) {
                index += 1
            } else {
                // Another one has its place in the list, and its room.
                end(laggard.subscriber, .overflow)
            }
        }
    }

    /// What a laggard is still owed before a position.
    private func loss(of laggard: View.Laggard, in view: View, before stop: UInt64) -> Loss {
        let state = view.classState
        var loss = Loss(from: laggard.position)
        var place = state.notes.place(atOrAfter: laggard.position)
        while place < state.notes.count {
            let entry = state.notes[place]
            guard entry.start < stop else { break }
            defer { place += 1 }
            let isPlanned = entry.start < laggard.plan?.through ?? 0
            let runs = isPlanned ? laggard.plan?.runs ?? view.runs : view.runs
            guard let run = runs.run(holding: entry.start) else { continue }
            if entry.note.subject == 0 {
                let end = state.frameEnd(at: place, within: run)
                loss.runs.append(start: entry.start, end: end)
                loss.byteCount += Int(end - entry.start)
            } else {
                let offset = entry.note.offset
                loss.skipped.add(SkippedFrames(count: 1, fromOffset: offset, toOffset: offset))
            }
        }
        return loss
    }

    /// Moves a laggard on to a position.
    ///
    /// - Returns: `false`, and it stays, where what it must not lose does not fit.
    private func pass(_ view: View, _ index: Int, _ loss: Loss, to start: UInt64) -> Bool {
        let subscriber = view.laggards[index].subscriber
        if loss.byteCount > 0 {
            guard subscriber.queuedByteCount + loss.byteCount <= limits.rescuedBytes,
                rescuedBytes + loss.byteCount <= limits.rescuedBytesTotal,
                loss.byteCount + Self.goodbyeRoom <= subscriber.queueRoom
            else { return false }
            copy(loss.runs, of: view.classState, from: loss.from, to: start, for: subscriber)
            view.laggards[index].rescuedBytes += loss.byteCount
            rescuedBytes += loss.byteCount
        }
        if loss.byteCount > 0 || loss.skipped.count > 0 { conflate(view, index) }
        view.laggards[index].skipped.add(loss.skipped)
        view.laggards[index].position = start
        if let plan = view.laggards[index].plan, plan.through <= start { view.laggards[index].plan = nil }
        return true
    }

    // MARK: Time

    private static let reviewNanoseconds: UInt64 = 1_000_000_000

    /// Plans the next look at the laggards. Nothing is planned while there are none.
    func watch(_ loop: EventLoop) {
        guard !isWatching else { return }
        isWatching = true
        loop.schedule(afterNanoseconds: Self.reviewNanoseconds) { [weak self, unowned loop] in
            guard let self else { return }
            isWatching = false
            review(now: loop.now)
            if summary(now: loop.now).laggards > 0 { watch(loop) }
        }
    }

    /// Sees who has taken nothing, or not enough, for too long.
    func review(now: UInt64) {
        var late: [(subscriber: SubscriberChannel, cause: SlowCause)] = []
        forEachLaggard { view, index in
            guard view.laggards[index].isBlocked else { return }
            let subscriber = view.laggards[index].subscriber
            // Its socket asks for more only once much of its buffer is free: what the peer takes out shows sooner.
            let waiting = subscriber.queuedByteCount + subscriber.unsentByteCount
            if waiting < view.laggards[index].waitingBytes { view.laggards[index].progressAt = now }
            view.laggards[index].waitingBytes = waiting
            conflateIfFar(view, index)
            let laggard = view.laggards[index]
            if now >= laggard.progressAt + limits.stalledNanoseconds {
                late.append((subscriber, .stalled))
            } else if laggard.conflatedSince > 0, now >= laggard.conflatedSince + limits.conflatedNanoseconds {
                late.append((subscriber, .overdue))
            }
        }
        for (subscriber, cause) in late { end(subscriber, cause) }
    }

    /// The subscribers that are behind.
    ///
    /// - Parameter now: monotonic nanoseconds.
    public func summary(now: UInt64) -> LaggardSummary {
        var summary = LaggardSummary()
        forEachLaggard { view, index in
            let laggard = view.laggards[index]
            summary.laggards += 1
            summary.bytes = max(summary.bytes, view.classState.end - min(laggard.position, view.classState.end))
            if laggard.conflatedSince > 0 { summary.conflated += 1 }
            summary.oldestNanoseconds = max(summary.oldestNanoseconds, now - min(now, laggard.since))
        }
        return summary
    }

    private func forEachLaggard(_ body: (View, Int) -> Void) {
        for case let state? in classes {
            for view in state.views {
                for index in view.laggards.indices { body(view, index) }
            }
        }
    }
}
