internal import Grid

/// How much of a room's log is kept: whatever is beyond one of these goes, oldest first.
public struct HistoryBounds: Hashable, Sendable {
    /// Events, at least 1.
    public var events = Limits.historyEvents
    /// Their estimated size together; the newest event stays whatever its size.
    public var bytes = Limits.historyBytes
    /// How old an event may be, by the wall clock.
    public var ageMilliseconds = Int64(Limits.historyAgeSeconds) * 1000

    public init() {}
}
