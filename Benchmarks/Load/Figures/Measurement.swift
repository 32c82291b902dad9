internal import Bytes
internal import Glibc
internal import Reactor

/// The measured span of a run: what the clock, the server and this process showed at its start and end.
struct Measurement {
    /// One look at the clock and both processes.
    struct Reading {
        var nanoseconds = Clock.monotonicNanoseconds()
        var serverSeconds = 0.0
        var serverWaited = 0.0
        var ownSeconds = 0.0
        var ownWaited = 0.0
        var allocations: AllocationCounter.Counts?

        init(_ plan: LoadPlan) {
            let server = plan.server
            allocations = plan.allocations?.counts
            let own = ServerProcess(pid: Int(getpid()))
            serverSeconds = server?.processorSeconds ?? 0
            serverWaited = server?.waitedSeconds ?? 0
            ownSeconds = own.processorSeconds
            ownWaited = own.waitedSeconds
        }
    }

    let start: Reading
    let end: Reading
    let server: ServerProcess?

    /// The span in seconds.
    var seconds: Double { Double(end.nanoseconds - start.nanoseconds) / 1e9 }

    /// Writes what is common to all runs: the span, the server's and the generator's processor, the server's memory.
    ///
    /// - Parameter units: what the server's time is divided by, such as deliveries.
    func write(units: UInt64, to writer: inout JSONWriter) {
        writer.field("seconds", seconds, decimals: 3)
        if let server {
            let spent = end.serverSeconds - start.serverSeconds
            writer.field("server_cpu_seconds", spent, decimals: 3)
            writer.field("server_cpu_share", spent / seconds, decimals: 3)
            writer.field("server_cpu_s_per_million", units == 0 ? nil : spent / Double(units) * 1e6, decimals: 4)
            writer.field("server_waited_share", (end.serverWaited - start.serverWaited) / seconds, decimals: 3)
            writer.field("server_rss_bytes", server.residentBytes)
        }
        if let before = start.allocations, let after = end.allocations {
            writer.field("allocations", after.taken - before.taken)
            writer.field("frees", after.freed - before.freed)
        }
        writer.field("generator_cpu_share", (end.ownSeconds - start.ownSeconds) / seconds, decimals: 3)
        writer.field("generator_waited_share", (end.ownWaited - start.ownWaited) / seconds, decimals: 3)
    }
}

extension LatencyHistogram {
    /// Writes the percentiles in microseconds, as the member `latency_us`.
    func write(to writer: inout JSONWriter) {
        writer.key("latency_us")
        writer.beginObject()
        writer.field("p50", microseconds(at: 0.5), decimals: 1)
        writer.field("p99", microseconds(at: 0.99), decimals: 1)
        writer.field("p99_9", microseconds(at: 0.999), decimals: 1)
        writer.field("max", Double(maximum) / 1000, decimals: 1)
        writer.endObject()
    }
}

/// Writes the pace of a run as the member `window` or `rate`.
func write(_ pace: LoadPlan.Pace, to writer: inout JSONWriter) {
    switch pace {
    case .window(let window): writer.field("window", window)
    case .rate(let rate): writer.field("rate", rate, decimals: 3)
    }
}
