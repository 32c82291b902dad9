public import Grid

/// What a collector has to say about one tick: absent is not broken, and neither is ever a fake zero.
public enum Reading: Hashable, Sendable {
    /// The sample has what the collector reads. Single fields may still be absent.
    case value
    /// This machine does not have it; nothing to report.
    case absent
    /// It should be readable and is not; the sample goes out without it.
    case failed(String)
}

/// One tick of the sampler, as collectors see it.
public struct Tick {
    /// CLOCK_MONOTONIC.
    public let nowNanoseconds: UInt64
    /// Since the previous tick; `nil` in the first, which only takes baselines.
    public let elapsedNanoseconds: UInt64?
    /// The shared reader.
    let files: FileReader
}

/// Reads one thing of the host, a collector a file.
///
/// Amounts are since the previous tick. A collector keeps its own baselines and drops them when a reading fails,
/// so that no amount covers more than its sample's interval.
public protocol Collector: AnyObject {
    /// The name that failures carry, as `host_disk`.
    var name: StaticString { get }
    /// Reads, and fills its fields of `sample`; `sample.detail` is there in the ticks that list what is behind totals.
    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading
    /// Gives descriptors back; a later ``collect(_:into:)`` opens them anew.
    func close()
}

/// What one collector cost so far.
public struct CollectorCost: Hashable, Sendable {
    public let name: String
    /// The latest tick's duration.
    public var lastNanoseconds: UInt64 = 0
    public var longestNanoseconds: UInt64 = 0
    public var failures: UInt64 = 0
    init(name: String) { self.name = name }
}

/// A counter's amount since its baseline, which moves on.
///
/// A counter below its baseline started over (a device came back, a driver was reloaded, 32 bits wrapped): that
/// tick's amount is unknown, and counts as nothing rather than as something huge.
func advance(_ baseline: inout UInt64, to value: UInt64) -> UInt64 {
    defer { baseline = value }
    return value >= baseline ? value - baseline : 0
}
