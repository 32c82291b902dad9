/// Counts events over a sliding minute with two buckets: the current minute's count and the share of the one before
/// that still reaches into the window. A fresh window refuses exactly the first event beyond the limit.
///
/// Times are monotonic nanoseconds; those of several loops may come slightly out of order.
struct RateWindow {
    private var windowStart: UInt64 = 0
    private var current: UInt32 = 0
    private var previous: UInt32 = 0

    /// The length of the window.
    static let windowNanoseconds: UInt64 = 60_000_000_000
    /// Shares are reckoned in milliseconds, so that no product overflows.
    private static let windowMilliseconds: UInt64 = 60_000

    /// Counts one event at `now` if the limit allows it.
    ///
    /// - Parameter limit: events a minute; 0 allows all.
    /// - Returns: `nil` if allowed, else the nanoseconds until the next event can be.
    mutating func count(now: UInt64, limit: Int) -> UInt64? {
        guard limit > 0 else { return nil }
        roll(to: now)
        guard UInt64(current) + carried(at: now) < UInt64(limit) else { return wait(now: now, limit: limit) }
        current += 1
        return nil
    }

    /// Counts one of the latest events as if it had not been.
    mutating func takeBack() {
        if current > 0 { current -= 1 } else if previous > 0 { previous -= 1 }
    }

    /// How many more events a minute's limit allows at this moment.
    mutating func remaining(now: UInt64, limit: Int) -> Int {
        guard limit > 0 else { return .max }
        roll(to: now)
        return max(0, limit - Int(current) - Int(carried(at: now)))
    }

    /// The nanoseconds until an event is allowed again, for a limit that refuses one now.
    func wait(now: UInt64, limit: Int) -> UInt64 {
        let elapsed = elapsed(at: now)
        let free = UInt64(limit) > UInt64(current) ? UInt64(limit) - UInt64(current) : 0
        // The next bucket takes this one's place whole, and the first millisecond of it lets go of one event.
        guard free > 0, previous > 0 else { return Self.windowNanoseconds - elapsed + 1_000_000 }
        let share = min(free * Self.windowMilliseconds / UInt64(previous), Self.windowMilliseconds)
        let open = (Self.windowMilliseconds - share + 1) * 1_000_000
        return max(open, elapsed + 1_000_000) - elapsed
    }

    /// Whether nothing was counted for two windows, so that the entry can be forgotten.
    func isIdle(now: UInt64) -> Bool { now > windowStart && now - windowStart >= 2 * Self.windowNanoseconds }

    /// What of the bucket before still counts.
    private func carried(at now: UInt64) -> UInt64 {
        let left = Self.windowMilliseconds - elapsed(at: now) / 1_000_000
        return UInt64(previous) * left / Self.windowMilliseconds
    }

    private func elapsed(at now: UInt64) -> UInt64 {
        now > windowStart ? min(now - windowStart, Self.windowNanoseconds) : 0
    }

    private mutating func roll(to now: UInt64) {
        if windowStart == 0 { windowStart = now }
        let elapsed = now > windowStart ? now - windowStart : 0
        guard elapsed >= Self.windowNanoseconds else { return }
        previous = elapsed < 2 * Self.windowNanoseconds ? current : 0
        current = 0
        windowStart += elapsed / Self.windowNanoseconds * Self.windowNanoseconds
    }
}
