import Glibc
public import Grid

/// Reads the host once a tick through an explicit list of collectors; one that fails never stops the sample.
///
/// Not `Sendable`: it belongs to the thread that made it.
public final class HostSampler {
    /// The detail goes with the first sample and with every tenth.
    public static let samplesPerDetail: UInt64 = 10

    private let files = FileReader()
    private let collectors: [any Collector]
    private var previous: UInt64?
    private var samples: UInt64 = 0

    /// What each collector cost so far, in the list's order.
    public private(set) var costs: [CollectorCost]
    /// The time all collectors together took in the latest tick.
    public private(set) var lastNanoseconds: UInt64 = 0

    /// - Parameter collectors: the whole list where a caller has its own; `nil` for ``Collectors/host(of:)``.
    public init(root: MachineRoot = .live, collectors: [any Collector]? = nil) {
        self.collectors = collectors ?? Collectors.host(of: root)
        costs = self.collectors.map { CollectorCost(name: $0.name.description) }
    }

    /// Takes the baselines that amounts and shares need, so that the first sample already has them.
    public func prime(monotonicNanoseconds: UInt64) {
        var unused = NodeSample(sequence: 0, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
        run(&unused, nowNanoseconds: monotonicNanoseconds)
    }

    /// Reads the host. Amounts cover the time since the previous call (or ``prime(monotonicNanoseconds:)``), which is
    /// the sample's interval; in the very first they are absent and the interval is 0.
    public func sample(sequence: UInt64, now: Now) -> NodeSample {
        let interval = previous.map { now.monotonicNanoseconds &- min($0, now.monotonicNanoseconds) } ?? 0
        var sample = NodeSample(
            sequence: sequence, takenAt: now.wall,
            intervalMilliseconds: UInt32(clamping: (interval + 500_000) / 1_000_000))
        if samples % Self.samplesPerDetail == 0 { sample.detail = HostDetail() }
        samples += 1
        run(&sample, nowNanoseconds: now.monotonicNanoseconds)
        return sample
    }

    /// Gives the collectors' descriptors back; a later sample opens them anew.
    public func close() { for collector in collectors { collector.close() } }

    private func run(_ sample: inout NodeSample, nowNanoseconds: UInt64) {
        let elapsed = previous.map { nowNanoseconds &- min($0, nowNanoseconds) }
        previous = nowNanoseconds
        let tick = Tick(nowNanoseconds: nowNanoseconds, elapsedNanoseconds: elapsed, files: files)
        let start = MonotonicClock.nanoseconds()
        var before = start
        for index in collectors.indices {
            let reading = collectors[index].collect(tick, into: &sample)
            let after = MonotonicClock.nanoseconds()
            costs[index].lastNanoseconds = after &- before
            costs[index].longestNanoseconds = max(costs[index].longestNanoseconds, after &- before)
            before = after
            guard case .failed(let reason) = reading else { continue }
            costs[index].failures += 1
            guard sample.failures.count < Limits.collectorFailuresPerSample else { continue }
            sample.failures.append(ReadingFailure(collector: costs[index].name, reason: reason))
        }
        lastNanoseconds = before &- start
    }
}

/// CLOCK_MONOTONIC, which is what the product's deadlines are measured on.
enum MonotonicClock {
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
