internal import Grid

/// Events that one session is to be shown later, oldest first.
struct EventBuffer: Sendable {
    private var places: [LoggedEvent] = []
    /// The first one that is still there.
    private var start = 0
    /// Estimated.
    private(set) var byteCount = 0
    /// Events that would be here if there were room.
    private(set) var dropped: UInt64 = 0

    var count: Int { places.count - start }
    var events: ArraySlice<LoggedEvent> { places[start...] }

    mutating func append(_ event: LoggedEvent) {
        places.append(event)
        byteCount += event.event.approximateByteCount
    }

    /// Lets go of the oldest until no more than so many are left.
    mutating func drop(downTo count: Int) {
        while self.count > max(count, 0) {
            _ = takeFirst()
            dropped += 1
        }
    }

    /// The oldest event, which is no longer there.
    mutating func takeFirst() -> LoggedEvent? {
        guard start < places.count else { return nil }
        let event = places[start]
        start += 1
        byteCount -= event.event.approximateByteCount
        if start == places.count || start >= 256 && start > places.count / 2 {
            places.removeFirst(start)
            start = 0
        }
        return event
    }

    /// Keeps those that are asked for; others are no loss.
    mutating func filter(_ isWanted: (LoggedEvent) -> Bool) {
        places = events.filter(isWanted)
        start = 0
        byteCount = places.reduce(0) { $0 + $1.event.approximateByteCount }
    }
}
