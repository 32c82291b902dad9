/// How many bytes a peer may send before the rest of them has to wait in its socket: a bucket that leaks.
///
/// It looks at bytes as they come, before anything is made of them.
struct ByteBudget {
    /// What a peer may send.
    struct Rate: Sendable {
        /// Bytes that may come at once.
        var burst: Int
        var perSecond: Int

        /// Room for as many of the largest messages as may come a minute.
        ///
        /// - Parameters:
        ///   - messages: a minute; 0 = no limit, and then there is none for bytes.
        ///   - messageBytes: the largest one.
        init?(messages: Int, messageBytes: Int) {
            guard messages > 0 else { return nil }
            let minute = messages.multipliedReportingOverflow(by: messageBytes)
            burst = 4 * messageBytes
            perSecond = max(64 << 10, (minute.overflow ? .max : minute.partialValue) / 60)
        }
    }

    private var spent = 0
    private var countedAt: UInt64 = 0

    /// Counts bytes at `now`, in monotonic nanoseconds.
    ///
    /// - Returns: how long, in nanoseconds, nothing more should be read; `nil` while there is room.
    mutating func count(_ bytes: Int, now: UInt64, rate: Rate) -> UInt64? {
        let elapsed = min(now > countedAt ? now - countedAt : 0, 3_600_000_000_000)
        let (leaked, overflow) = (Int(elapsed / 1000)).multipliedReportingOverflow(by: rate.perSecond)
        spent = overflow ? 0 : max(0, spent - leaked / 1_000_000)
        countedAt = now
        spent += bytes
        guard spent > rate.burst else { return nil }
        // Until a quarter of the bucket is free again, so that reading does not stutter.
        let excess = spent - rate.burst * 3 / 4
        return UInt64(Double(excess) / Double(rate.perSecond) * 1e9)
    }
}
