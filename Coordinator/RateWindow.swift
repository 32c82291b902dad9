/// Counts events over a sliding minute with two buckets: the current minute's count and the share of the one before
/// that still reaches into the window. A fresh window refuses exactly the first event beyond the limit.
struct RateWindow {
    private var windowStart: UInt64 = 0
    private var current: UInt32 = 0
    private var previous: UInt32 = 0

    /// The length of the window.
    static let windowNanoseconds: UInt64 = 60_000_000_000

    /// Counts one event at `now` if the limit allows it.
    ///
    /// - Parameter limit: events a minute; 0 allows all.
    /// - Returns: `nil` if allowed, else the nanoseconds until the next event can be.
    mutating func count(now: UInt64, limit: Int) -> UInt64? {
        guard limit > 0 else { return nil }
        roll(to: now)
        let elapsed = now - windowStart
        let carried = UInt64(previous) * (Self.windowNanoseconds - elapsed) / Self.windowNanoseconds
        guard UInt64(current) + carried < UInt64(limit) else { return Self.windowNanoseconds - elapsed }
        current += 1
        return nil
    }

    /// How many more events a minute's limit allows at this moment.
    mutating func remaining(now: UInt64, limit: Int) -> Int {
        guard limit > 0 else { return .max }
        roll(to: now)
        let carried = UInt64(previous) * (Self.windowNanoseconds - (now - windowStart)) / Self.windowNanoseconds
        return max(0, limit - Int(current) - Int(carried))
    }

    /// Whether nothing was counted for two windows, so that the entry can be forgotten.
    func isIdle(now: UInt64) -> Bool { now > windowStart && now - windowStart >= 2 * Self.windowNanoseconds }

    private mutating func roll(to now: UInt64) {
        if windowStart == 0 { windowStart = now }
        let elapsed = now > windowStart ? now - windowStart : 0
        guard elapsed >= Self.windowNanoseconds else { return }
        previous = elapsed < 2 * Self.windowNanoseconds ? current : 0
        current = 0
        windowStart += elapsed / Self.windowNanoseconds * Self.windowNanoseconds
    }
}
