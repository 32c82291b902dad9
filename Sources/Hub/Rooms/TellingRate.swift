/// How often something may be told: once an interval in the long run, and one more that comes early, so that what comes
/// once an interval and is not quite on time is told each time.
///
/// The generic cell rate algorithm (ITU-T I.371): one word of memory.
struct TellingRate: Sendable {
    /// When the next one would be quite on time, in monotonic nanoseconds.
    private var due: UInt64 = 0

    /// Whether it may be told now; if so, it has been. An interval of 0 lets everything through.
    mutating func admit(now: UInt64, every interval: UInt64) -> Bool {
        guard interval > 0 else { return true }
        guard now &+ interval >= due else { return false }
        due = max(due, now) &+ interval
        return true
    }
}
