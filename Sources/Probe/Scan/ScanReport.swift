import Glibc
public import Grid

/// A one-shot report of a machine: its facts, one sample, and what to make of it.
public struct ScanReport: Hashable, Sendable {
    public var specifications: NodeSpecifications
    public var sample: NodeSample
    /// Worst first.
    public var findings: [ScanFinding]

    /// The worst finding's; `healthy` without any.
    public var verdict: ScanVerdict { findings.map(\.verdict).max() ?? .healthy }

    /// Rates and shares are taken over at least this long.
    static let windowNanoseconds: UInt64 = 1_000_000_000
    /// How long the driver may take to come up.
    static let patienceNanoseconds: UInt64 = 10_000_000_000

    /// Reads this machine. Takes a second, and up to ten more when the driver does not answer.
    /// - Throws: ``FileFault`` when the process has no descriptor left.
    public static func take(
        root: MachineRoot = .live, nvml: NVMLConfiguration = NVMLConfiguration()
    ) throws(FileFault) -> ScanReport {
        let start = MonotonicClock.nanoseconds()
        let sampler = try MachineSampler(root: root, nvml: nvml, monotonicNanoseconds: start)
        defer { sampler.stop() }
        sampler.gpus.tick(now: start)
        wait(for: sampler.gpus, until: start &+ patienceNanoseconds) { now in
            switch sampler.gpus.availability {
            case .unknown: return false
            case .absent, .failed: return now >= start &+ windowNanoseconds
            case .present: return now >= start &+ windowNanoseconds && sampler.gpus.isSettled(now: now)
            }
        }
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let milliseconds = Int64(wall.tv_sec) * 1000 + Int64(wall.tv_nsec) / 1_000_000
        let begun = MonotonicClock.nanoseconds()
        sampler.begin(
            sequence: 1, now: Now(monotonicNanoseconds: begun, wall: Timestamp(milliseconds: milliseconds)))
        wait(for: sampler.gpus, until: sampler.readyBy ?? begun) { now in sampler.isReady(now: now) }
        let sample = sampler.finish(now: MonotonicClock.nanoseconds())
        let specifications = sampler.specifications
        let judge = ScanJudge(
            specifications: specifications, sample: sample, availability: sampler.gpus.availability,
            gpusOnBus: PCIBus.nvidiaGPUs(root: root, files: FileReader()).count)
        return ScanReport(specifications: specifications, sample: sample, findings: judge.findings())
    }

    /// Lets the children speak until `isDone` or the end of patience; a scan is the one place that may wait.
    private static func wait(for gpus: NVMLSupervisor, until end: UInt64, _ isDone: (UInt64) -> Bool) {
        while true {
            let now = MonotonicClock.nanoseconds()
            gpus.readable(now: now)
            guard !isDone(now), now < end else { return }
            var waiting = pollfd(fd: gpus.fileDescriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, 50)
        }
    }
}
