/// How much of what its runs write one agent may send: a bucket that leaks, of text.
///
/// Unlike ``ByteBudget`` it holds nobody up. What is too much is not taken, so that a run that writes without end costs
/// neither the results behind it nor other nodes anything; its reader sees a hole where the next offset says so.
struct LogBudget {
    /// Bytes a second that are always taken.
    static let bytesPerSecond = 256 << 10
    /// Bytes that may come at once.
    static let burstBytes = 1 << 20

    private var spent = 0
    private var countedAt: UInt64 = 0

    /// Whether a piece is taken at `now`, in monotonic nanoseconds; what is not taken costs nothing.
    mutating func admit(bytes: Int, now: UInt64) -> Bool {
        // Longer than it takes the bucket to run empty is as good as that.
        let elapsed = min(now > countedAt ? now - countedAt : 0, 60_000_000_000)
        let leaked = Int(elapsed / 1000) * Self.bytesPerSecond / 1_000_000
        // Time too short to let a byte through is kept for the next piece.
        if leaked > 0 {
            spent = max(0, spent - leaked)
            countedAt = now
        }
        guard spent + bytes <= Self.burstBytes else { return false }
        spent += bytes
        return true
    }
}
