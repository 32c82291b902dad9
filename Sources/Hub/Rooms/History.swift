internal import Grid

/// One base room's log: its newest events under gapless offsets.
///
/// Only what somebody views, or what changes a state, is logged. A reading that nobody views takes no offset;
/// ``noteUnlogged()`` keeps a resume across it from claiming that nothing was missed.
struct History: Sendable {
    let epoch: UInt64
    private let capacity: Int
    /// Grows to ``capacity``, then the oldest place is written over.
    private var events: [LoggedEvent] = []
    private var lastOffset: UInt64 = 0
    /// The offset that stood when an event was last left out; `nil` if none ever was.
    private var unloggedAfter: UInt64?

    init(epoch: UInt64, capacity: Int) {
        precondition(capacity > 0, "a log keeps at least one event")
        self.epoch = epoch
        self.capacity = capacity
    }

    /// Behind the last event.
    var end: LogPosition { LogPosition(epoch: epoch, offset: lastOffset) }

    /// The offsets that are still kept.
    var kept: Range<UInt64> { lastOffset + 1 - UInt64(events.count)..<lastOffset + 1 }

    /// The event at an offset; `nil` where it is not kept.
    subscript(offset: UInt64) -> LoggedEvent? {
        guard kept.contains(offset) else { return nil }
        return events[Int((offset - 1) % UInt64(capacity))]
    }

    mutating func append(_ event: RoomEvent, _ facts: EventFacts) -> LoggedEvent {
        lastOffset += 1
        let logged = LoggedEvent(position: end, facts: facts, event: event)
        if events.count < capacity {
            events.append(logged)
        } else {
            events[Int((lastOffset - 1) % UInt64(capacity))] = logged
        }
        return logged
    }

    /// An event happened that nobody views and no state depends on.
    mutating func noteUnlogged() { unloggedAfter = lastOffset }

    /// Whether a session that saw everything up to `position` has missed nothing since.
    func isComplete(since position: LogPosition) -> Bool {
        guard position == end else { return false }
        guard let unloggedAfter else { return true }
        return position.offset > unloggedAfter
    }
}
