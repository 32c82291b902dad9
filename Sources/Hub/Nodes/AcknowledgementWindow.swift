/// When an agent may be told next what was received: at most once a window, and never later than its end.
struct AcknowledgementWindow: Hashable, Sendable {
    /// Monotonic nanoseconds; acknowledgements before it wait.
    private(set) var endsAt: UInt64 = 0
    private var startedAt: UInt64 = 0
    /// Whether samples wait for their acknowledgement.
    private(set) var isPending = false
    /// Current samples since the window's start, to notice an agent that sends too many.
    private(set) var samples: UInt64 = 0

    /// Notes samples to be acknowledged. True if none waited before, so that the caller sees to them.
    mutating func note() -> Bool {
        defer { isPending = true }
        return !isPending
    }

    mutating func count() { samples += 1 }

    /// Begins the next window, as the waiting samples are acknowledged now. Tells the whole samples a second of
    /// the window that ends; a burst behind a pause counts over the pause, which the agent had to catch up.
    mutating func acknowledge(now: UInt64, every period: UInt64) -> UInt64 {
        let elapsed = now >= startedAt ? now - startedAt : 0
        let rate = samples * 1000 / max(1, max(elapsed, period) / 1_000_000)
        isPending = false
        samples = 0
        startedAt = now
        endsAt = now &+ period
        return rate
    }
}
