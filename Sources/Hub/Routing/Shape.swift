internal import Grid

/// What the cost of a place depends on, besides the node: tasks alike in this share an index of nodes.
struct Shape: Hashable, Sendable {
    var resources: ResourceRequest
    var gangSize: Int
    /// The predicted run as 1, 8, 64 … hours, whichever is next: only hazard depends on it, and within an hour there
    /// is next to none. So tasks that differ in this alone mostly share an index.
    var seconds: Int64

    init(_ request: PlacementRequest) {
        resources = request.resources
        gangSize = request.gangSize
        seconds = 3600
        while seconds < request.predictedSeconds { seconds *= 8 }
        seconds = min(seconds, Limits.taskSeconds)
    }

    /// What a task without a GPU is taken to cost, in milli-GPU, so that price and health count for it too.
    static let milliWithoutGPU: Int64 = 100

    /// The milli-GPU that a member pays for.
    var paidMilli: Int64 { resources.gpu == .none ? Self.milliWithoutGPU : Int64(resources.gpu.milli) }
}

/// What of a node never changes while it is enrolled as it is: nodes alike in this pass the same filters.
struct NodeKind: Hashable, Sendable {
    var model: String
    var gpuCount: Int
    var vramMebibytes: Int
    var region: String
    var runners: Set<String>

    init(_ capacity: NodeCapacity) {
        model = capacity.model
        gpuCount = capacity.gpuCount
        vramMebibytes = capacity.vramMebibytes
        region = capacity.region
        runners = capacity.runners
    }

    /// What a member takes of each of its GPUs on such a node: 0 without a GPU, `nil` where it must not go.
    ///
    /// A share that needs more of the card's memory than its thousandths give is taken for as much as it needs.
    func milliPerGPU(for resources: ResourceRequest) -> Int? {
        guard resources.region.isEmpty || resources.region == region else { return nil }
        guard resources.runner.isEmpty || runners.contains(resources.runner) else { return nil }
        if resources.gpu == .none { return 0 }
        guard resources.models.isEmpty || resources.models.contains(model) else { return nil }
        guard resources.vramMebibytes <= vramMebibytes else { return nil }
        switch resources.gpu {
        case .none: return 0
        case .whole(let count): return count <= gpuCount ? 1000 : nil
        case .share(let milli):
            guard gpuCount > 0 else { return nil }
            guard resources.vramMebibytes > 0 else { return milli }
            return max(milli, (resources.vramMebibytes * 1000 + vramMebibytes - 1) / vramMebibytes)
        }
    }
}
