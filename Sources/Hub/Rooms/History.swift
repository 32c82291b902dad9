internal import Grid

/// One base room's log: its newest events under gapless offsets.
///
/// Only what somebody views, or what changes a state, is logged. A reading that nobody views takes no offset;
/// ``noteUnlogged()`` keeps a resume across it from claiming that nothing was missed.
struct History: Sendable {
    let epoch: UInt64
    private let formerEpochs: [EpochEnd]
    private let bounds: HistoryBounds
    /// A power of two of places; the event of an offset stands at the offset's remainder.
    private var places: [LoggedEvent?] = []
    private(set) var lastOffset: UInt64
    /// The last offset that is no longer kept.
    private(set) var trimmedThrough: UInt64
    /// Estimated, of what is kept.
    private(set) var byteCount = 0
    /// The offset that stood when an event was last left out; `nil` if none ever was.
    private var unloggedAfter: UInt64?

    private static let fewestPlaces = 16

    init(epoch: UInt64, formerEpochs: [EpochEnd] = [], bounds: HistoryBounds) {
        precondition(bounds.events > 0 && bounds.bytes > 0 && bounds.ageMilliseconds > 0, "a log keeps something")
        self.epoch = epoch
        self.formerEpochs = formerEpochs
        self.bounds = bounds
        lastOffset = 0
        trimmedThrough = 0
    }

    /// Goes on with a log that survived a restart.
    init(_ stored: StoredLog, bounds: HistoryBounds) {
        self.init(epoch: stored.epoch, formerEpochs: stored.formerEpochs, bounds: bounds)
        lastOffset = stored.trimmedThrough
        trimmedThrough = stored.trimmedThrough
        for event in stored.events { place(event) }
        if PlantedBug.isActive(.offsetSkipped), let last = stored.events.last {
            var again = last
            again.position = position(lastOffset + 1)
            place(again)
        }
    }

    /// Behind the last event.
    var end: LogPosition { position(lastOffset) }

    var count: Int { Int(lastOffset - trimmedThrough) }

    func position(_ offset: UInt64) -> LogPosition { LogPosition(epoch: epoch, offset: offset) }

    /// The event at an offset; `nil` where it is not kept.
    subscript(offset: UInt64) -> LoggedEvent? {
        guard offset > trimmedThrough, offset <= lastOffset else { return nil }
        return places[index(offset)]
    }

    private func index(_ offset: UInt64) -> Int { Int(truncatingIfNeeded: offset) & (places.count - 1) }

    // MARK: Growing and shrinking

    mutating func append(_ event: RoomEvent, _ facts: EventFacts, at now: Timestamp) -> LoggedEvent {
        let logged = LoggedEvent(position: position(lastOffset + 1), at: now, facts: facts, event: event)
        place(logged)
        trim(at: now)
        return logged
    }

    private mutating func place(_ logged: LoggedEvent) {
        precondition(logged.position == position(lastOffset + 1), "a log has no holes")
        if count == places.count { grow() }
        lastOffset += 1
        places[index(lastOffset)] = logged
        byteCount += logged.event.approximateByteCount
    }

    private mutating func grow() {
        let former = places
        places = Array(repeating: nil, count: max(Self.fewestPlaces, 2 * former.count))
        for event in former {
            guard let event else { continue }
            places[index(event.position.offset)] = event
        }
    }

    /// Lets go of what the bounds no longer allow. True if that was anything.
    @discardableResult
    mutating func trim(at now: Timestamp) -> Bool {
        let before = trimmedThrough
        while let oldest = self[trimmedThrough + 1], exceeds(oldest, now) {
            trimmedThrough += 1
            byteCount -= oldest.event.approximateByteCount
            places[index(trimmedThrough)] = nil
        }
        return trimmedThrough != before
    }

    private func exceeds(_ oldest: LoggedEvent, _ now: Timestamp) -> Bool {
        if count > bounds.events || (byteCount > bounds.bytes && count > 1) { return true }
        let (age, overflow) = now.milliseconds.subtractingReportingOverflow(oldest.at.milliseconds)
        return !overflow && age > bounds.ageMilliseconds
    }

    /// An event happened that nobody views and no state depends on.
    mutating func noteUnlogged() { unloggedAfter = lastOffset }

    // MARK: Resuming

    /// What a session is told that saw everything up to `since`.
    struct Resumption: Hashable, Sendable {
        /// Everything behind it follows.
        var from: UInt64
        var recovery: Recovery
    }

    func resumption(since: LogPosition) -> Resumption {
        func missing(through offset: UInt64, from: UInt64, _ cause: LogGap.Cause) -> Resumption {
            Resumption(from: from, recovery: .partial(LogGap(from: since, to: position(offset), cause: cause)))
        }
        guard let seen = offset(seenBy: since) else {
            return missing(through: lastOffset, from: lastOffset, .epochChanged)
        }
        guard seen <= lastOffset else { return missing(through: lastOffset, from: lastOffset, .ahead) }
        let unlogged = unloggedAfter ?? 0
        if seen < trimmedThrough {
            return missing(through: max(trimmedThrough, unlogged), from: trimmedThrough, .trimmed)
        }
        if unloggedAfter != nil, unlogged >= seen {
            return missing(through: unlogged, from: seen, .unlogged)
        }
        return Resumption(from: seen, recovery: .whole)
    }

    /// Up to where of this log a session with that position has seen it; `nil` if it may be of another log.
    private func offset(seenBy since: LogPosition) -> UInt64? {
        if since.epoch == epoch { return since.offset }
        return formerEpochs.last { $0.epoch == since.epoch }.map { min(since.offset, $0.lastOffset) }
    }
}
