internal import Glibc
public import Grid
internal import Reactor

/// One loop's end of the fan-out: hands each class's bytes to the subscribers of this loop, once a turn.
///
/// A flush is one system call a subscriber and class, over bytes that all of them share. Nothing is copied or
/// queued for one subscriber, but for the rest of a frame that its socket took only half of: that goes to its
/// private queue, so that private frames always follow whole frames.
public final class LoopFanout {
    public internal(set) var statistics = Statistics()
    let limits: FanoutLimits
    private(set) var classes: [LoopClass?] = Array(repeating: nil, count: StreamKey.endIndex)
    private var dirtyClasses: [LoopClass] = []
    var vectors: [iovec] = []
    var failed: [(subscriber: SubscriberChannel, error: SystemError)] = []
    /// What ``View/Laggard/rescuedBytes`` come to.
    var rescuedBytes = 0
    /// Whether the next look at the laggards is planned.
    var isWatching = false
    /// When what this turn's flush tells of came in.
    var received: [UInt64] = []

    /// Vectors of one write; beyond them a subscriber becomes a laggard and goes on in its next write.
    private static let vectorLimit = 64
    /// Private bytes that a copy of owed frames leaves free, so that the goodbye after them still fits.
    static let goodbyeRoom = 2048

    public init(limits: FanoutLimits = FanoutLimits()) {
        self.limits = limits
        vectors.reserveCapacity(Self.vectorLimit)
    }

    /// Segments that this loop keeps alive, of all classes.
    var keptSegmentCount: Int { classes.reduce(0) { $0 + ($1?.segments.count ?? 0) } }

    private func loopClass(_ index: Int) -> LoopClass {
        if let existing = classes[index] { return existing }
        let made = LoopClass(index: index, byteCap: limits.classBytes)
        classes[index] = made
        return made
    }

    /// Takes note of an event for this turn's flush.
    public func receive(_ delivery: Delivery) {
        guard let state = classes[delivery.classIndex] else { return }
        guard !state.handsOver else { return handOver(delivery, of: state) }
        let wasDirty = !state.dirtyViews.isEmpty
        state.append(delivery)
        if state.dirtyViews.isEmpty {
            // No flush will come by.
            enforceCap(state)
            return
        }
        if delivery.receivedNanoseconds != 0 { received.append(delivery.receivedNanoseconds) }
        if !wasDirty { dirtyClasses.append(state) }
    }

    /// From now on the subscriber looks at the class through that view (`nil`: not at all), from `position` on.
    ///
    /// What it was owed through its former view and has not had goes to its private queue.
    ///
    /// - Parameter from: where the room's log stands.
    public func setView(
        of subscriber: SubscriberChannel, classIndex: Int, view: ViewID?, position: UInt64, from: LogPosition
    ) {
        if let place = subscriber.memberships.firstIndex(where: { $0.view.classState.index == classIndex }) {
            guard settle(subscriber, membership: place) else {
                // Going on would hide that frames are missing.
                end(subscriber, .overflow)
                return
            }
            leave(subscriber, membership: place)
        }
        guard let view, !subscriber.isClosing else { return }
        subscriber.fanout = self
        let state = loopClass(classIndex)
        state.epoch = from.epoch
        let target = state.view(view, position: position)
        let index: Int
        if target.isDirty {
            // The frames that wait for this turn's flush are older than the join.
            target.laggards.append(View.Laggard(subscriber, position: position, isBlocked: false))
            index = target.laggards.count - 1
        } else {
            target.synced.append(Unmanaged.passUnretained(subscriber))
            index = target.synced.count - 1
        }
        subscriber.memberships.append(
            Membership(view: target, joinedOffset: from.offset, index: index, isLagging: target.isDirty))
    }

    /// Takes a subscriber out of one view.
    private func leave(_ subscriber: SubscriberChannel, membership place: Int) {
        let membership = subscriber.memberships.remove(at: place)
        let view = membership.view
        detach(membership)
        if view.isEmpty { view.classState.remove(view) }
    }

    /// Fills the gap that a membership leaves in its view's list with the list's last entry.
    private func detach(_ membership: Membership) {
        let view = membership.view
        if membership.isLagging {
            rescuedBytes -= view.laggards[membership.index].rescuedBytes
            view.laggards.swapAt(membership.index, view.laggards.count - 1)
            view.laggards.removeLast()
            guard membership.index < view.laggards.count else { return }
            renumber(view.laggards[membership.index].subscriber, in: view, index: membership.index)
        } else {
            view.synced.swapAt(membership.index, view.synced.count - 1)
            view.synced.removeLast()
            guard membership.index < view.synced.count else { return }
            renumber(view.synced[membership.index].takeUnretainedValue(), in: view, index: membership.index)
        }
    }

    private func renumber(_ subscriber: SubscriberChannel, in view: View, index: Int) {
        for place in subscriber.memberships.indices where subscriber.memberships[place].view === view {
            subscriber.memberships[place].index = index
        }
    }

    /// Takes a subscriber out of all its views; what it was owed at this moment goes to its private queue, as far as
    /// it is still there and fits: the connection ends, so nobody takes what came for complete.
    public func dismiss(_ subscriber: SubscriberChannel) {
        for place in subscriber.memberships.indices where place < subscriber.memberships.count {
            _ = settle(subscriber, membership: place)
        }
        remove(subscriber)
    }

    /// Forgets a subscriber that is gone.
    func remove(_ subscriber: SubscriberChannel) {
        while !subscriber.memberships.isEmpty {
            leave(subscriber, membership: subscriber.memberships.count - 1)
        }
    }

    // MARK: Flushing

    /// Hands over all that came since the last flush; called once at the end of a turn.
    public func flush() {
        guard !dirtyClasses.isEmpty || !received.isEmpty else { return }
        for state in dirtyClasses {
            for view in state.dirtyViews { flush(view) }
            state.dirtyViews.removeAll(keepingCapacity: true)
            state.trim()
            enforceCap(state)
        }
        dirtyClasses.removeAll(keepingCapacity: true)
        closeFailed()
        measure()
    }

    /// One look at the clock for all that this flush told of.
    private func measure() {
        guard !received.isEmpty else { return }
        let now = Clock.monotonicNanoseconds()
        for time in received { statistics.latencies.observe(now > time ? now - time : 0) }
        received.removeAll(keepingCapacity: true)
    }

    private func flush(_ view: View) {
        let to = view.classState.end
        while true {
            // As many runs as fit one write; normally all of them.
            let (total, position) = gather(view.runs, of: view.classState, from: view.flushedThrough, to: to)
            guard total > 0 else { break }
            write(view, total: total, upTo: position)
        }
        view.markFlushed(through: to)
        resumeUnblocked(view)
    }

    /// Fills the vectors with what lies in the runs between two positions, as much as one write takes.
    ///
    /// - Returns: how many bytes that is, and up to where it reaches.
    func gather(
        _ runs: RunList, of state: LoopClass, from: UInt64, to: UInt64
    ) -> (total: Int, position: UInt64) {
        vectors.removeAll(keepingCapacity: true)
        var total = 0
        var position = from
        var place = runs.first(after: from)
        while place < runs.count, vectors.count < Self.vectorLimit {
            let run = runs[place]
            let start = max(run.start, from)
            let stop = min(run.end, to)
            guard start < stop else { break }
            position = state.gather(from: start, to: stop, limit: Self.vectorLimit, into: &vectors)
            total += Int(position - start)
            guard position == stop else { break }
            place += 1
        }
        return (total, position)
    }

    /// Writes the gathered vectors to every synced subscriber, who then stands at `position`.
    private func write(_ view: View, total: Int, upTo position: UInt64) {
        let single = vectors.count == 1
        let whole = UnsafeRawBufferPointer(start: vectors[0].iov_base, count: vectors[0].iov_len)
        let from = view.flushedThrough
        if let first = view.synced.first { view.flushedAt = first._withUnsafeGuaranteedRef { $0.loop.now } }
        // Nearly always one write has all that waits.
        let frames =
            view.pendingFrames > 0 && position == view.runs.last?.end
            ? view.pendingFrames : view.frameCount(from: from, to: position)
        var index = 0
        vectors.withUnsafeBufferPointer { list in
            while index < view.synced.count {
                let subscriber = view.synced[index]._withUnsafeGuaranteedRef { $0 }
                let outcome = single ? subscriber.writeNow(whole) : subscriber.writeNow(vectors: list)
                if case .wrote(total) = outcome {
                    index += 1
                } else if !hasLeft(view, subscriber, at: index, outcome, from: from) {
                    index += 1
                }
            }
        }
        statistics.writes += UInt64(index)
        statistics.deliveries += UInt64(index) * UInt64(frames)
        statistics.deliveredBytes += UInt64(index) * UInt64(total)
        view.markFlushed(through: position)
        view.isDirty = true
    }

    /// A synced subscriber did not take everything.
    ///
    /// - Returns: whether its place in the list is another's now. Out of line: the loop over all subscribers is hot.
    @inline(never)
    private func hasLeft(
        _ view: View, _ subscriber: SubscriberChannel, at index: Int, _ outcome: WriteOutcome, from: UInt64
    ) -> Bool {
        switch outcome {
        case .wrote(let count):
            let boundary = keepRest(of: subscriber, in: view.classState, view.runs, from: from, written: count)
            statistics.deliveries += UInt64(view.frameCount(from: from, to: boundary))
            // A rest that found no room ended the connection, and with it its place in the list.
            if !subscriber.isClosed { demote(view, at: index, position: boundary) }
            return true
        case .blocked:
            demote(view, at: index, position: from)
            return true
        case .failed(let error):
            failed.append((subscriber, error))
            // What waited for it in its queue may have ended it already.
            return subscriber.isClosed
        }
    }

    /// The socket took `written` bytes of the runs behind `from`: the rest of the frame that it took in part goes to
    /// the private queue.
    ///
    /// - Returns: the position of the first whole frame that is still owed.
    func keepRest(
        of subscriber: SubscriberChannel, in state: LoopClass, _ runs: RunList, from: UInt64, written: Int
    ) -> UInt64 {
        var left = UInt64(written)
        var place = runs.first(after: from)
        var position = max(runs[place].start, from)
        while left >= runs[place].end - position {
            left -= runs[place].end - position
            place += 1
            guard place < runs.count else { return runs[place - 1].end }
            position = runs[place].start
        }
        guard left > 0 else { return position }
        let stop = position + left
        let boundary = state.frameEnd(atOrAfter: stop, within: runs[place])
        if boundary > stop {
            _ = subscriber.send(state.bytes(from: stop, to: boundary))
        }
        return boundary
    }

    private func demote(_ view: View, at index: Int, position: UInt64) {
        let subscriber = view.synced[index].takeUnretainedValue()
        guard let place = subscriber.memberships.firstIndex(where: { $0.view === view }) else {
            preconditionFailure("a synced subscriber without a membership")
        }
        detach(subscriber.memberships[place])
        view.laggards.append(View.Laggard(subscriber, position: position, isBlocked: true))
        subscriber.memberships[place].isLagging = true
        subscriber.memberships[place].index = view.laggards.count - 1
        statistics.blocked += 1
        watch(subscriber.loop)
    }

    func promote(_ subscriber: SubscriberChannel, membership place: Int) {
        let view = subscriber.memberships[place].view
        detach(subscriber.memberships[place])
        view.synced.append(Unmanaged.passUnretained(subscriber))
        subscriber.memberships[place].isLagging = false
        subscriber.memberships[place].index = view.synced.count - 1
    }

    func closeFailed() {
        guard !failed.isEmpty else { return }
        let broken = failed
        failed.removeAll(keepingCapacity: true)
        for (subscriber, error) in broken { subscriber.close(.failed(error)) }
    }
}
