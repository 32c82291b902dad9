internal import Grid
internal import Reactor

/// The bytes of a class that match one set of predicates, and who looks at them from one loop.
///
/// Most subscribers are *synced*: they have had everything that was flushed, and hold no position of their own.
/// One whose socket refused bytes becomes a *laggard* with a position until it has caught up.
final class View {
    struct Laggard {
        unowned(unsafe) var subscriber: SubscriberChannel
        /// The next byte it needs; always a frame's first.
        var position: UInt64
        /// Its socket refused bytes and has not asked for more since.
        var isBlocked: Bool
        /// When it fell out of step, in monotonic nanoseconds.
        let since: UInt64
        /// When the peer last took something.
        var progressAt: UInt64
        /// What waited for the peer, in its queue and in the kernel, when it was last looked at.
        var waitingBytes = 0
        /// When it was too far behind for getting everything; 0 while it is not.
        var conflatedSince: UInt64 = 0
        /// What it gets of the stretch before it.
        var plan: ConflationPlan?
        /// Frames that it will not get and has not been told of.
        var skipped = SkippedFrames()
        /// Frames that were copied to its private queue before the class let go of them.
        var rescuedBytes = 0

        init(_ subscriber: SubscriberChannel, position: UInt64, isBlocked: Bool) {
            self.subscriber = subscriber
            self.position = position
            self.isBlocked = isBlocked
            since = subscriber.loop.now
            progressAt = since
        }
    }

    let id: ViewID
    unowned(unsafe) let classState: LoopClass
    /// Subscribers at ``flushedThrough``.
    var synced: [Unmanaged<SubscriberChannel>] = []
    var laggards: [Laggard] = []
    /// Matching frames that somebody may still need.
    private(set) var runs = RunList()
    /// Everything before it went to the synced subscribers.
    private(set) var flushedThrough: UInt64
    /// When synced subscribers were last written to, in monotonic nanoseconds.
    var flushedAt: UInt64 = 0
    /// Whether matching bytes came since the last flush.
    var isDirty = false
    /// The last plan that reached far back, for whoever comes next.
    private var plan: ConflationPlan?
    /// Frames that wait for the next flush.
    private(set) var pendingFrames = 0

    init(id: ViewID, classState: LoopClass, position: UInt64) {
        self.id = id
        self.classState = classState
        flushedThrough = position
    }

    var isEmpty: Bool { synced.isEmpty && laggards.isEmpty }

    /// Takes note of a matching frame.
    func append(start: UInt64, end: UInt64) {
        pendingFrames += 1
        runs.append(start: start, end: end)
    }

    /// The synced subscribers have had everything up to here.
    func markFlushed(through position: UInt64) {
        flushedThrough = position
        isDirty = false
        pendingFrames = 0
    }

    /// The frames of this view between two positions that frames begin or end at.
    func frameCount(from: UInt64, to: UInt64) -> Int { classState.notes.count(in: runs, from: from, to: to) }

    /// The plan for a laggard at a position before ``flushedThrough``.
    ///
    /// - Parameter toleranceBytes: how much may have been flushed since a plan that is shared, and how short a stretch
    ///   must be to get a plan of its own.
    func plan(from position: UInt64, toleranceBytes: Int) -> ConflationPlan {
        if let plan, plan.serves(position, of: self, toleranceBytes: toleranceBytes) { return plan }
        guard flushedThrough - position > UInt64(toleranceBytes) else { return ConflationPlan(self, from: position) }
        let oldest = laggards.reduce(position) { min($0, $1.position) }
        let made = ConflationPlan(self, from: oldest)
        plan = made
        return made
    }

    /// Drops the runs that nobody needs any more.
    func trim() {
        var needed = flushedThrough
        for laggard in laggards where laggard.position < needed { needed = laggard.position }
        runs.drop(before: needed)
        if laggards.isEmpty { plan = nil }
    }

    /// The oldest byte that somebody still needs, once ``trim()`` has dropped the others; `nil` if nobody needs any.
    ///
    /// A view that nothing matched for long needs nothing, however old the position is where it stands.
    var oldestNeeded: UInt64? {
        guard !runs.isEmpty else { return nil }
        return max(runs[0].start, laggards.reduce(flushedThrough) { min($0, $1.position) })
    }
}
