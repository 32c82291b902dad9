internal import Grid

/// The bytes of a class that match one set of predicates, and who looks at them from one loop.
///
/// Most subscribers are *synced*: they have had everything that was flushed, and hold no position of their own.
/// One whose socket refused bytes becomes a *laggard* with a position until it has caught up.
final class View {
    /// A run of matching frames in the class's stream.
    struct Range {
        var start: UInt64
        var end: UInt64
    }

    struct Laggard {
        unowned(unsafe) var subscriber: SubscriberChannel
        /// The next byte it needs; always a frame's first.
        var position: UInt64
        /// Its socket refused bytes and has not asked for more since.
        var isBlocked: Bool
        /// When it began to lag, in monotonic nanoseconds.
        var since: UInt64
    }

    let id: ViewID
    unowned(unsafe) let classState: LoopClass
    /// Subscribers at ``flushedThrough``.
    var synced: [Unmanaged<SubscriberChannel>] = []
    var laggards: [Laggard] = []
    /// Matching runs that somebody may still need, ascending, adjacent ones merged.
    private(set) var ranges: [Range] = []
    /// Everything before it went to the synced subscribers.
    private(set) var flushedThrough: UInt64
    /// Whether matching bytes came since the last flush.
    var isDirty = false
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
        if let last = ranges.last, last.end == start {
            ranges[ranges.count - 1].end = end
        } else {
            ranges.append(Range(start: start, end: end))
        }
    }

    /// The first run that reaches beyond a position.
    func firstRange(after position: UInt64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The synced subscribers have had everything up to here.
    func markFlushed(through position: UInt64) {
        flushedThrough = position
        isDirty = false
        pendingFrames = 0
    }

    /// The frames of this view between two positions that frames begin or end at.
    func frameCount(from: UInt64, to: UInt64) -> Int {
        var count = 0
        for range in ranges[firstRange(after: from)...] where range.start < to {
            count += FrameBoundary.count(in: classState, from: max(range.start, from), to: min(range.end, to))
        }
        return count
    }

    /// Drops the runs that nobody needs any more.
    func trim() {
        var needed = flushedThrough
        for laggard in laggards where laggard.position < needed { needed = laggard.position }
        let count = firstRange(after: needed)
        if count == ranges.count { ranges.removeAll(keepingCapacity: true) } else { ranges.removeFirst(count) }
    }

    /// The oldest byte that somebody still needs, once ``trim()`` has dropped the others; `nil` if nobody needs any.
    ///
    /// A view that nothing matched for long needs nothing, however old the position is where it stands.
    var oldestNeeded: UInt64? {
        guard let first = ranges.first else { return nil }
        return max(first.start, laggards.reduce(flushedThrough) { min($0, $1.position) })
    }
}
