internal import Grid
internal import Reactor

/// What the process took of its processors since it was looked at last.
struct ProcessMeter {
    private var cpuSeconds: Double
    // Monotonic nanoseconds.
    private var readAt: UInt64

    init() {
        cpuSeconds = ProcessReadings().cpuSeconds
        readAt = Clock.monotonicNanoseconds()
    }

    /// Looks again.
    mutating func read() -> ProcessReading {
        let readings = ProcessReadings()
        let now = Clock.monotonicNanoseconds()
        let elapsed = Double(max(now - readAt, 1)) / 1e9
        let share = max(readings.cpuSeconds - cpuSeconds, 0) / elapsed
        (cpuSeconds, readAt) = (readings.cpuSeconds, now)
        return ProcessReading(cpuHundredths: Int64((share * 10_000).rounded()), residentBytes: readings.residentBytes)
    }
}
