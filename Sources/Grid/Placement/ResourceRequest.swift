/// How much of a node's GPUs a task asks for.
public enum GPUDemand: Hashable, Sendable, Comparable {
    /// A task for processors alone.
    case none
    /// A share of one GPU in thousandths, 1 to 999; other tasks may have the rest.
    case share(milli: Int)
    /// So many GPUs of one node for itself, 1 to ``Limits/gpusPerNode``.
    case whole(Int)

    /// The demand in thousandths of a GPU.
    public var milli: Int {
        switch self {
        case .none: 0
        case .share(let milli): milli
        case .whole(let count): count * 1000
        }
    }

    /// Whether the demand lies in the ranges told above.
    public var isValid: Bool {
        switch self {
        case .none: true
        case .share(let milli): (1...999).contains(milli)
        case .whole(let count): (1...Limits.gpusPerNode).contains(count)
        }
    }
}

/// What a task must find on one node. Everything here is a hard filter.
public struct ResourceRequest: Hashable, Sendable {
    public var gpu: GPUDemand
    /// The GPU models that will do; empty = any.
    public var models: Set<String> = []
    /// Memory of each GPU. A task with a share gets at least the same share of the card's memory.
    public var vramMebibytes = 0
    /// Thousandths of a core.
    public var cpuMilli: Int
    public var memoryMebibytes: Int
    /// The region the node must be in; empty = any.
    public var region = ""
    /// The runner the node must offer; empty = any.
    public var runner = ""
    /// The most that an hour of a whole GPU may cost, in micro-credits; `nil` = any price.
    public var priceCapMicros: Int64?

    public init(gpu: GPUDemand, cpuMilli: Int = 0, memoryMebibytes: Int = 0) {
        self.gpu = gpu
        self.cpuMilli = cpuMilli
        self.memoryMebibytes = memoryMebibytes
    }

    /// Whether all amounts lie in their ranges. Whether any node has so much is another question.
    public var isValid: Bool {
        let amounts = 0...Int(Int32.max)
        return gpu.isValid && amounts.contains(cpuMilli) && amounts.contains(memoryMebibytes)
            && amounts.contains(vramMebibytes) && (priceCapMicros ?? 0) >= 0
    }
}

/// A task that wants a place.
public struct PlacementRequest: Hashable, Sendable {
    public var task: TaskID
    /// Whose fair share it is charged to.
    public var user: UserID
    /// Of one member; a gang's members are alike.
    public var resources: ResourceRequest
    /// Members that start together or not at all, 1 to ``Limits/gangMembers``.
    public var gangSize = 1
    /// 0 (last) to 10 (first).
    public var priority = 5
    /// How long the task is expected to run; decides by how much price and hazard weigh.
    public var predictedSeconds: Int64
    /// After so long the task is stopped. Reservations rely on it, predictions do not suffice for them.
    public var limitSeconds: Int64
    /// Nodes that must not get it, as those where it failed; of more than ``Limits/excludedNodes`` the latest count.
    public var excludedNodes: [NodeID] = []

    public init(
        task: TaskID, user: UserID, resources: ResourceRequest, predictedSeconds: Int64, limitSeconds: Int64
    ) {
        self.task = task
        self.user = user
        self.resources = resources
        self.predictedSeconds = predictedSeconds
        self.limitSeconds = limitSeconds
    }

    /// Whether all amounts lie in their ranges.
    public var isValid: Bool {
        resources.isValid && (1...Limits.gangMembers).contains(gangSize) && (0...10).contains(priority)
            && (1...Limits.taskSeconds).contains(predictedSeconds) && (1...Limits.taskSeconds).contains(limitSeconds)
    }
}
