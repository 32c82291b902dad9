internal import Grid

/// What a rate is reckoned from: how many events there had been, and when.
struct SystemMeasurement: Sendable {
    var events: UInt64
    /// Monotonic nanoseconds.
    var at: UInt64
}

extension Hub {
    /// The process was measured: the channel `metrics` is told. It is logged whether anybody looks or not, for clients
    /// that have dropped and come back.
    mutating func onProcessMeasured(_ reading: ProcessReading, _ now: Now, _ effects: inout [Effect]) {
        let events = rooms.eventCount
        var rate: Int64?
        if let last = lastMeasured, now.monotonicNanoseconds > last.at {
            let milliseconds = max(1, (now.monotonicNanoseconds - last.at) / 1_000_000)
            let count = min(events &- last.events, UInt64(Int64.max) / 100_000)
            rate = Int64(count * 100_000 / milliseconds)
        }
        lastMeasured = SystemMeasurement(events: events, at: now.monotonicNanoseconds)
        // No runner of this release counts tokens (EVENTS 13): what nobody told adds nothing to the sum.
        let metrics = SystemMetrics(process: reading, eventsPerSecondHundredths: rate, totalTokens: 0)
        rooms.publish(
            .channelMessage(ChannelMessage(channel: .metrics, content: .system(metrics))), EventFacts(), now, &effects)
    }
}
