/// What a node offers to tasks, whether or not some of it is taken.
///
/// Its GPUs are of one model: a mixed machine offers those of its most frequent one.
public struct NodeCapacity: Hashable, Sendable {
    /// Empty where the node has no GPU.
    public var model: String
    /// 0 to ``Limits/gpusPerNode``.
    public var gpuCount: Int
    /// Of each GPU.
    public var vramMebibytes = 0
    /// Thousandths of a core.
    public var cpuMilli: Int
    public var memoryMebibytes: Int
    public var region = ""
    /// The names of the runners it allows.
    public var runners: Set<String> = []
    /// An hour of one whole GPU, in micro-credits; 0 to ``Limits/priceMicros``.
    public var pricePerGPUHourMicros: Int64 = 0
    /// 0 to 100; `nil` while unknown, which counts as ``unknownHealth``.
    public var healthScore: Int?
    /// Whether new tasks may come: its lease lives, no gate holds, it is not draining.
    public var isOpen = true

    /// The score that an unknown health counts as: half way, since unknown is not healthy.
    public static let unknownHealth = 50

    public init(model: String, gpuCount: Int, cpuMilli: Int, memoryMebibytes: Int) {
        self.model = model
        self.gpuCount = gpuCount
        self.cpuMilli = cpuMilli
        self.memoryMebibytes = memoryMebibytes
    }

    /// The same offer with every amount in its range: what a machine tells of itself is not trusted to be sane.
    public var clamped: NodeCapacity {
        var result = self
        result.gpuCount = min(max(gpuCount, 0), Limits.gpusPerNode)
        result.vramMebibytes = min(max(vramMebibytes, 0), Int(Int32.max))
        result.cpuMilli = min(max(cpuMilli, 0), Int(Int32.max))
        result.memoryMebibytes = min(max(memoryMebibytes, 0), Int(Int32.max))
        result.pricePerGPUHourMicros = min(max(pricePerGPUHourMicros, 0), Limits.priceMicros)
        result.healthScore = healthScore.map { min(max($0, 0), 100) }
        return result
    }
}
