public import Grid

/// The whole machine in one sample: the host's collectors, the GPUs behind their child, and what all this costs.
///
/// A tick has two halves, so that the GPUs' answers can arrive without anyone waiting: ``begin(sequence:now:)`` asks
/// them and reads the host; ``finish(now:)`` makes the sample when ``isReady(now:)``, which is at the latest
/// ``settleNanoseconds`` later, with or without every answer.
///
/// Not `Sendable`: it belongs to the thread that made it, which must live as long as the agent.
public final class MachineSampler {
    /// How long a sample waits for the GPUs at most.
    public static let settleNanoseconds: UInt64 = 250_000_000

    public let host: HostSampler
    public let gpus: NVMLSupervisor

    private let facts: NodeSpecifications
    private var pending: NodeSample?
    private var readyNanoseconds: UInt64 = 0
    private var previous: (monotonic: UInt64, processor: UInt64)

    /// Reads the machine's facts and takes the first baselines.
    /// - Throws: ``FileFault`` when the process has no descriptor left.
    public init(
        root: MachineRoot = .live, nvml: NVMLConfiguration = NVMLConfiguration(), monotonicNanoseconds: UInt64
    ) throws(FileFault) {
        gpus = try NVMLSupervisor(configuration: nvml)
        host = HostSampler(root: root)
        facts = MachineFacts.read(root: root)
        previous = (monotonicNanoseconds, ProcessCost.processorNanoseconds())
        host.prime(monotonicNanoseconds: monotonicNanoseconds)
    }

    /// What `specifications` say; changes when ``NVMLSupervisor/revision`` does.
    public var specifications: NodeSpecifications {
        var specifications = facts
        specifications.gpus = gpus.descriptions
        specifications.driverVersion = gpus.driverVersion
        return specifications
    }

    /// Starts a tick. A tick that was begun and not finished is dropped.
    public func begin(sequence: UInt64, now: Now) {
        gpus.tick(now: now.monotonicNanoseconds)
        pending = host.sample(sequence: sequence, now: now)
        readyNanoseconds = now.monotonicNanoseconds &+ Self.settleNanoseconds
    }

    /// When the begun tick must be finished at the latest; `nil` when none is begun.
    public var readyBy: UInt64? { pending == nil ? nil : readyNanoseconds }

    /// Whether a begun tick can be finished.
    public func isReady(now: UInt64) -> Bool {
        pending != nil && (now >= readyNanoseconds || gpus.isSettled(now: now))
    }

    /// The sample of the tick that was begun. Without one it is a fault of the caller.
    public func finish(now: UInt64) -> NodeSample {
        guard var sample = pending else { preconditionFailure("a tick is begun before it is finished") }
        pending = nil
        gpus.fill(&sample, now: now)
        sample.cost = cost(now)
        return sample
    }

    private func cost(_ now: UInt64) -> AgentCost {
        let processor = ProcessCost.processorNanoseconds() &+ gpus.processorNanoseconds
        let spent = processor &- min(previous.processor, processor)
        let elapsed = now &- min(previous.monotonic, now)
        previous = (now, processor)
        let collect = host.lastNanoseconds &+ gpus.lastRoundNanoseconds
        return AgentCost(
            cpuPercent: elapsed == 0 ? 0 : 100 * Double(spent) / Double(elapsed),
            residentBytes: ProcessCost.residentBytes() &+ gpus.residentBytes,
            collectMicroseconds: UInt32(clamping: collect / 1000))
    }

    /// Ends the children and gives every descriptor back.
    public func stop() {
        gpus.stop()
        host.close()
    }
}
