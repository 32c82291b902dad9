internal import Glibc
public import Grid
internal import Reactor

/// One loop's end of the fan-out: hands each class's bytes to the subscribers of this loop, once a turn.
///
/// A flush is one system call a subscriber and class, over bytes that all of them share. Nothing is copied or
/// queued for one subscriber, but for the rest of a frame that its socket took only half of: that goes to its
/// private queue, so that private frames always follow whole frames.
public final class LoopFanout {
    /// What the flushes of this loop did so far.
    public private(set) var statistics = Statistics()
    private(set) var classes: [LoopClass?] = Array(repeating: nil, count: ClassKey.count)
    private var dirtyClasses: [LoopClass] = []
    private var vectors: [iovec] = []
    private var failed: [(subscriber: SubscriberChannel, error: SystemError)] = []
    private var behind: [SubscriberChannel] = []
    /// When what this turn's flush tells of came in.
    private var received: [UInt64] = []
    private let byteCap: Int

    /// Vectors of one write; beyond them a subscriber becomes a laggard and goes on in its next write.
    private static let vectorLimit = 64
    /// Private bytes that a copy of owed frames leaves free, so that the goodbye after them still fits.
    private static let closeFrameRoom: UInt64 = 256

    /// - Parameter byteCap: encoded bytes kept for the slow readers of one class.
    public init(byteCap: Int = Limits.classBytes) {
        self.byteCap = byteCap
        vectors.reserveCapacity(Self.vectorLimit)
    }

    /// Segments that this loop keeps alive, of all classes.
    var keptSegmentCount: Int { classes.reduce(0) { $0 + ($1?.segments.count ?? 0) } }

    private func loopClass(_ index: Int) -> LoopClass {
        if let existing = classes[index] { return existing }
        let made = LoopClass(index: index, byteCap: byteCap)
        classes[index] = made
        return made
    }

    /// Takes note of an event for this turn's flush.
    public func receive(_ delivery: Delivery) {
        guard let state = classes[delivery.classIndex] else { return }
        let wasDirty = !state.dirtyViews.isEmpty
        state.append(delivery)
        if delivery.receivedNanoseconds != 0, !state.dirtyViews.isEmpty {
            received.append(delivery.receivedNanoseconds)
        }
        if !wasDirty, !state.dirtyViews.isEmpty { dirtyClasses.append(state) }
    }

    /// From now on the subscriber looks at the class through that view (`nil`: not at all), from `position` on.
    ///
    /// What it was owed through its former view and has not had goes to its private queue.
    public func setView(of subscriber: SubscriberChannel, classIndex: Int, view: ViewID?, position: UInt64) {
        if let place = subscriber.memberships.firstIndex(where: { $0.view.classState.index == classIndex }) {
            let isSettled = settle(subscriber, membership: place)
            leave(subscriber, membership: place)
            guard isSettled else {
                // Going on would hide that frames are missing.
                statistics.fellBehind += 1
                subscriber.fellBehind()
                return
            }
        }
        guard let view, !subscriber.isClosing else { return }
        subscriber.fanout = self
        let target = loopClass(classIndex).view(view, position: position)
        if target.isDirty {
            // The frames that wait for this turn's flush are older than the join.
            target.laggards.append(
                .init(subscriber: subscriber, position: position, isBlocked: false, since: subscriber.loop.now))
            subscriber.memberships.append(
                Membership(view: target, index: target.laggards.count - 1, isLagging: true))
        } else {
            target.synced.append(Unmanaged.passUnretained(subscriber))
            subscriber.memberships.append(
                Membership(view: target, index: target.synced.count - 1, isLagging: false))
        }
    }

    /// Copies what a subscriber has not had of a view to its private queue.
    ///
    /// - Returns: `false`, and nothing is copied, where the byte cap took a part of it away, or the private queue has
    ///   no room for all of it and a close frame.
    private func settle(_ subscriber: SubscriberChannel, membership place: Int) -> Bool {
        let membership = subscriber.memberships[place]
        let view = membership.view
        let position = membership.isLagging ? view.laggards[membership.index].position : view.flushedThrough
        let owed = view.ranges[view.firstRange(after: position)...]
        guard let first = owed.first else { return true }
        guard max(first.start, position) >= view.classState.start else { return false }
        let count = owed.reduce(UInt64(0)) { $0 + $1.end - max($1.start, position) }
        guard count + Self.closeFrameRoom <= UInt64(subscriber.queueRoom) else { return false }
        for run in owed {
            vectors.removeAll(keepingCapacity: true)
            _ = view.classState.gather(
                from: max(run.start, position), to: run.end, limit: .max, into: &vectors)
            for vector in vectors {
                _ = subscriber.send(UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len))
            }
        }
        statistics.deliveries += UInt64(view.frameCount(from: position, to: view.classState.end))
        statistics.deliveredBytes += count
        return true
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
        for place in subscriber.memberships.indices { _ = settle(subscriber, membership: place) }
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
        guard !dirtyClasses.isEmpty else { return }
        for state in dirtyClasses {
            for view in state.dirtyViews { flush(view) }
            state.dirtyViews.removeAll(keepingCapacity: true)
            state.trim()
            collectBehind(state)
        }
        dirtyClasses.removeAll(keepingCapacity: true)
        closeCollected()
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
        let from = view.flushedThrough
        let to = view.classState.end
        var next = view.firstRange(after: from)
        var position = from
        while next < view.ranges.count {
            vectors.removeAll(keepingCapacity: true)
            // As many runs as fit one write; normally all of them.
            while next < view.ranges.count, vectors.count < Self.vectorLimit {
                let run = view.ranges[next]
                let start = max(run.start, position)
                position = view.classState.gather(
                    from: start, to: run.end, limit: Self.vectorLimit, into: &vectors)
                if position < run.end { break }
                next += 1
            }
            write(view, upTo: position)
        }
        view.markFlushed(through: to)
        resumeUnblocked(view)
    }

    /// Writes the gathered vectors to every synced subscriber, who then stands at `position`.
    private func write(_ view: View, upTo position: UInt64) {
        let total = vectors.reduce(0) { $0 + $1.iov_len }
        let single = vectors.count == 1
        let whole = UnsafeRawBufferPointer(start: vectors[0].iov_base, count: vectors[0].iov_len)
        let from = view.flushedThrough
        // Nearly always one write has all that waits.
        let frames =
            view.pendingFrames > 0 && position == view.ranges.last?.end
            ? view.pendingFrames : view.frameCount(from: from, to: position)
        var index = 0
        vectors.withUnsafeBufferPointer { list in
            while index < view.synced.count {
                let subscriber = view.synced[index]._withUnsafeGuaranteedRef { $0 }
                let outcome = single ? subscriber.writeNow(whole) : subscriber.writeNow(vectors: list)
                switch outcome {
                case .wrote(total):
                    index += 1
                case .wrote(let count):
                    let boundary = keepRest(of: subscriber, in: view, from: from, written: count)
                    // A rest that found no room ended the connection, and with it its place in the list.
                    if !subscriber.isClosed { demote(view, at: index, position: boundary) }
                    statistics.deliveries += UInt64(view.frameCount(from: from, to: boundary))
                case .blocked:
                    demote(view, at: index, position: from)
                case .failed(let error):
                    failed.append((subscriber, error))
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

    /// The socket took `written` bytes of the view's runs behind `from`: the rest of the frame that it took in part
    /// goes to the private queue.
    ///
    /// - Returns: the position of the first whole frame that is still owed.
    private func keepRest(of subscriber: SubscriberChannel, in view: View, from: UInt64, written: Int) -> UInt64 {
        var left = UInt64(written)
        var range = view.firstRange(after: from)
        var position = max(view.ranges[range].start, from)
        while left >= view.ranges[range].end - position {
            left -= view.ranges[range].end - position
            range += 1
            guard range < view.ranges.count else { return view.ranges[range - 1].end }
            position = view.ranges[range].start
        }
        guard left > 0 else { return position }
        let stop = position + left
        let boundary = FrameBoundary.next(in: view.classState, from: position, atOrAfter: stop)
        if boundary > stop {
            _ = subscriber.send(view.classState.bytes(from: stop, to: boundary))
        }
        return boundary
    }

    private func demote(_ view: View, at index: Int, position: UInt64) {
        let subscriber = view.synced[index].takeUnretainedValue()
        guard let place = subscriber.memberships.firstIndex(where: { $0.view === view }) else {
            preconditionFailure("a synced subscriber without a membership")
        }
        detach(subscriber.memberships[place])
        view.laggards.append(
            .init(subscriber: subscriber, position: position, isBlocked: true, since: subscriber.loop.now))
        subscriber.memberships[place].isLagging = true
        subscriber.memberships[place].index = view.laggards.count - 1
        statistics.blocked += 1
    }

    private func promote(_ subscriber: SubscriberChannel, membership place: Int) {
        let view = subscriber.memberships[place].view
        detach(subscriber.memberships[place])
        view.synced.append(Unmanaged.passUnretained(subscriber))
        subscriber.memberships[place].isLagging = false
        subscriber.memberships[place].index = view.synced.count - 1
    }

    // MARK: Laggards

    /// Those who joined in this turn, or were cut off by the vector limit, need no event of their socket to go on.
    private func resumeUnblocked(_ view: View) {
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
        closeCollected()
    }

    private func catchUp(_ subscriber: SubscriberChannel) {
        for place in subscriber.memberships.indices where subscriber.memberships[place].isLagging {
            // A refusal may have ended the connection and its memberships with it.
            guard catchUp(subscriber, membership: place) else { return }
        }
    }

    /// - Returns: whether the subscriber has caught up with the view's synced ones.
    private func catchUp(_ subscriber: SubscriberChannel, membership place: Int) -> Bool {
        let view = subscriber.memberships[place].view
        let index = subscriber.memberships[place].index
        view.laggards[index].isBlocked = false
        while true {
            let position = view.laggards[index].position
            let range = view.firstRange(after: position)
            guard range < view.ranges.count, max(view.ranges[range].start, position) < view.flushedThrough else {
                // One that joined after frames which still wait for this turn's flush is ahead of the synced ones.
                if position <= view.flushedThrough || !view.isDirty { promote(subscriber, membership: place) }
                return true
            }
            let run = view.ranges[range]
            let start = max(run.start, position)
            guard start >= view.classState.start else {
                if !behind.contains(where: { $0 === subscriber }) { behind.append(subscriber) }
                return false
            }
            vectors.removeAll(keepingCapacity: true)
            let reach = view.classState.gather(
                from: start, to: min(run.end, view.flushedThrough), limit: Self.vectorLimit, into: &vectors)
            guard advance(subscriber, view: view, index: index, start: start, reach: reach) else { return false }
        }
    }

    /// One write to a laggard. - Returns: whether it took everything.
    private func advance(
        _ subscriber: SubscriberChannel, view: View, index: Int, start: UInt64, reach: UInt64
    ) -> Bool {
        let outcome = vectors.withUnsafeBufferPointer { subscriber.writeNow(vectors: $0) }
        switch outcome {
        case .wrote(let count):
            statistics.writes += 1
            statistics.deliveredBytes += UInt64(count)
            if UInt64(count) == reach - start {
                statistics.deliveries += UInt64(view.frameCount(from: start, to: reach))
                view.laggards[index].position = reach
                return true
            }
            let boundary = keepRest(of: subscriber, in: view, from: start, written: count)
            if subscriber.isClosed { return false }
            statistics.deliveries += UInt64(view.frameCount(from: start, to: boundary))
            view.laggards[index].position = boundary
            view.laggards[index].isBlocked = true
            return false
        case .blocked:
            view.laggards[index].position = start
            view.laggards[index].isBlocked = true
            return false
        case .failed(let error):
            failed.append((subscriber, error))
            return false
        }
    }

    /// Laggards whose next byte the cap has taken away.
    private func collectBehind(_ state: LoopClass) {
        for view in state.views {
            for laggard in view.laggards where laggard.position < state.start {
                let range = view.firstRange(after: laggard.position)
                guard range < view.ranges.count, max(view.ranges[range].start, laggard.position) < state.start
                else { continue }
                if !behind.contains(where: { $0 === laggard.subscriber }) { behind.append(laggard.subscriber) }
            }
        }
    }

    private func closeCollected() {
        let broken = failed
        let late = behind
        failed.removeAll(keepingCapacity: true)
        behind.removeAll(keepingCapacity: true)
        for (subscriber, error) in broken { subscriber.close(.failed(error)) }
        for subscriber in late where !subscriber.isClosed {
            statistics.fellBehind += 1
            subscriber.fellBehind()
        }
    }
}
