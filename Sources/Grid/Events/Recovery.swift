/// What a session that came back with a position was told about the time between.
public enum Recovery: Hashable, Sendable {
    /// Everything that it missed follows, in order, once.
    case whole
    /// Something is missing for good, and it is known where.
    case partial(LogGap)
}

/// A stretch of a room's log of which a session may have missed something that no log has any more.
///
/// Whatever is missing happened behind `from` and not behind `to`. An event that was left out of the log takes no
/// offset, so the two may be equal.
public struct LogGap: Hashable, Sendable {
    /// Why something is missing; the raw value is the name on the wire.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        /// The log began anew: the position is of another epoch.
        case epochChanged = "epoch_changed"
        /// The log is bounded, and its oldest events had to go.
        case trimmed
        /// Readings that nobody looked at were not logged; everything else that happened follows.
        case unlogged
        /// The position lies ahead of the log: it was never given out by it.
        case ahead
    }

    /// Where the session left off, as it said.
    public var from: LogPosition
    /// Behind it nothing is missing.
    public var to: LogPosition
    public var cause: Cause

    public init(from: LogPosition, to: LogPosition, cause: Cause) {
        self.from = from
        self.to = to
        self.cause = cause
    }
}

/// Where a log stood when it went on under another epoch.
///
/// A coordinator may have given out positions behind `lastOffset` and died before their events were stored: whoever
/// has such a position has seen everything up to `lastOffset`, and what it saw behind it will be told again.
public struct EpochEnd: Hashable, Sendable {
    public var epoch: UInt64
    public var lastOffset: UInt64
    public init(epoch: UInt64, lastOffset: UInt64) {
        self.epoch = epoch
        self.lastOffset = lastOffset
    }
}

/// A durable room's log as the Store kept it.
public struct StoredLog: Hashable, Sendable {
    public var room: BaseRoom
    public var epoch: UInt64
    /// The epochs before this one that are still known, oldest first.
    public var formerEpochs: [EpochEnd] = []
    /// Whether its events might be told before they were stored: see ``StoreChange/toldEarly(_:_:)``.
    public var isToldEarly = false
    /// The last offset whose event was let go; 0 where none was.
    public var trimmedThrough: UInt64
    /// The events behind it, in order, without a hole.
    public var events: [LoggedEvent]

    public init(room: BaseRoom, epoch: UInt64, trimmedThrough: UInt64 = 0, events: [LoggedEvent] = []) {
        self.room = room
        self.epoch = epoch
        self.trimmedThrough = trimmedThrough
        self.events = events
    }

    public var lastOffset: UInt64 { trimmedThrough + UInt64(events.count) }

    /// Goes on under another epoch. Positions of the newest ``Limits/formerEpochs`` former ones stay good.
    public mutating func begin(epoch: UInt64) {
        precondition(epoch != self.epoch && !formerEpochs.contains { $0.epoch == epoch }, "an epoch begins once")
        formerEpochs.append(EpochEnd(epoch: self.epoch, lastOffset: lastOffset))
        formerEpochs.removeFirst(max(0, formerEpochs.count - Limits.formerEpochs))
        self.epoch = epoch
        for place in events.indices { events[place].position.epoch = epoch }
    }
}
