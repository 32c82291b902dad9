/// Tells a late sample from a wrong clock.
///
/// A sample's lag is its arrival by our wall clock less its reading by the agent's. After an outage the lag of
/// the backlog is large and shrinks as fast as the backlog drains; a clock that is wrong gives every sample the
/// same large lag. So a lag that stays within ``shrinkMilliseconds`` for ``settleNanoseconds`` is taken for the
/// difference of the clocks, and a smaller lag is always believed at once.
struct ClockOffset: Hashable, Sendable {
    static let settleNanoseconds: UInt64 = 10_000_000_000
    static let shrinkMilliseconds: Int64 = 2000

    /// Our clock less the agent's, as far as known, in milliseconds.
    private(set) var milliseconds: Int64 = 0
    /// The lag at the beginning of the present run of late samples, and when that run began; 0 = no run.
    private var runLag: Int64 = 0
    private var runStart: UInt64 = 0

    /// Whether a sample with this lag was read more than `threshold` milliseconds ago.
    mutating func isLate(lag: Int64, threshold: Int64, now: UInt64) -> Bool {
        if lag < milliseconds { milliseconds = lag }
        let (excess, overflow) = lag.subtractingReportingOverflow(milliseconds)
        guard overflow || excess > threshold else {
            runStart = 0
            return false
        }
        let (shrink, wraps) = runLag.subtractingReportingOverflow(lag)
        if runStart == 0 || wraps || shrink > Self.shrinkMilliseconds || shrink < -Self.shrinkMilliseconds {
            runLag = lag
            runStart = max(now, 1)
            return true
        }
        guard now >= runStart, now - runStart >= Self.settleNanoseconds else { return true }
        milliseconds = lag
        runStart = 0
        return false
    }
}
