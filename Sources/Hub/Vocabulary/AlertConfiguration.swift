/// When the coordinator raises alerts by itself; of each threshold 0 means never.
public struct AlertConfiguration: Hashable, Sendable {
    /// Whether a node whose lease ended is one.
    public var isOfflineRaised = true
    /// A node's health score below which it is one, as far as something is wrong rather than unknown.
    public var healthScore: Int64 = 60
    /// A GPU's temperature, in °C.
    public var gpuCelsius: Int64 = 90
    /// The share of a GPU's memory that is used, in percent.
    public var gpuMemoryPercent: Int64 = 98
    /// Uncorrected memory errors of a GPU since its driver was loaded.
    public var gpuErrors: Int64 = 1
    /// The share of a node's memory that is used, in percent.
    public var memoryPercent: Int64 = 95
    /// The share of a node's fullest file system that is used, in percent.
    public var diskPercent: Int64 = 90
    /// How long it must last before an alert is raised, and be gone before it is resolved; in seconds.
    public var raiseAfterSeconds: UInt32 = 10
    public var resolveAfterSeconds: UInt32 = 30
    /// Alerts that are kept; the oldest resolved one goes first.
    public var maximumKept = 10_000

    public init() {}
}
