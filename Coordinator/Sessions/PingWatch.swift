internal import Grid

/// Whether a QUBIX client pings as its document asks: looked at every 30 s, over when the last ping is 60 s old.
struct PingWatch {
    // Monotonic nanoseconds.
    private var lastPing: UInt64
    /// When it is looked at next.
    private(set) var nextLook: UInt64

    private static let second: UInt64 = 1_000_000_000
    static let interval = UInt64(Limits.qubixCheckSeconds) * second
    static let patience = UInt64(Limits.qubixPingSeconds) * second

    /// Connecting counts as a ping.
    init(now: UInt64) {
        lastPing = now
        nextLook = now + Self.interval
    }

    mutating func pinged(now: UInt64) { lastPing = now }

    /// Looks, if it is time.
    ///
    /// - Parameters:
    ///   - isHeard: whether all that the client has sent was read; if not, it is looked at again soon.
    ///   - wakefulSince: from when on the loop has kept up; before that nobody could be heard.
    /// - Returns: whether the client has been silent for too long.
    mutating func isOver(now: UInt64, isHeard: Bool, wakefulSince: UInt64) -> Bool {
        guard now >= nextLook else { return false }
        guard isHeard else {
            nextLook = now + Self.second
            return false
        }
        guard now - min(now, max(lastPing, wakefulSince)) < Self.patience else { return true }
        nextLook = now + Self.interval
        return false
    }
}
