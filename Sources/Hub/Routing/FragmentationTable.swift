internal import Grid

/// The worth of a node's idle GPUs to the present workload, ready to be looked up.
///
/// After Fragmentation Gradient Descent (Weng et al., "Beware of Fragmentation", USENIX ATC 2023): a shape of task
/// finds all idle GPU of a node a fragment if it does not fit there, else those GPUs that have less idle than it
/// needs. Fragmentation is the idle GPU less what is usable, both weighed over the shapes (``Workload/weights``);
/// a place's growth of it is therefore the loss of usable GPU less the GPU that the place takes.
///
/// For a node with idle shares f₁ … fₙ of its GPUs, k of them wholly idle, and c idle processor,
///
///     usable = Σ fᵢ · shareWeight[c][fᵢ] + idleWorth[c][k]
///
/// where both tables have already summed over all shapes that c suffices for. So it costs one look-up a GPU.
struct FragmentationTable: Sendable {
    /// The distinct processor needs, rising: a rank is how many of them are met.
    private var cpuNeeds: [Int32] = []
    /// For each idle share 0…1000, how many of the distinct shares asked for it meets.
    private var shareRanks = [Int32](repeating: 0, count: 1001)
    private var shareColumns = 1
    private var idleColumns = 1
    /// Weight of the shares met, by model, rank of the processor, rank of the share.
    private var shareWeights: [Int64] = [0]
    /// 1000 · k · weight of the whole demands met, by model, rank of the processor, k.
    private var idleWorths: [Int64] = [0]

    /// A table by which nothing is worth anything.
    init() {}

    /// - Parameters:
    ///   - models: the names of the models by their numbers.
    ///   - mostGPUs: the most GPUs that a node has.
    init(_ workload: Workload, models: [String], mostGPUs: Int) {
        let weights = workload.weights
        let shapes = zip(workload.entries, weights).filter { $1 > 0 }.map { (shape: $0.shape, weight: $1) }
        cpuNeeds = Set(shapes.map { Int32(clamping: $0.shape.cpuMilli) }).sorted()
        let shares = Set(shapes.map(\.shape.gpu.milli).filter { $0 < 1000 }).sorted()
        for idle in 0...1000 { shareRanks[idle] = Int32(shares.count { $0 <= idle }) }
        shareColumns = shares.count + 1
        idleColumns = mostGPUs + 1
        let rows = max(models.count, 1) * (cpuNeeds.count + 1)
        shareWeights = [Int64](repeating: 0, count: rows * shareColumns)
        idleWorths = [Int64](repeating: 0, count: rows * idleColumns)
        for (model, name) in models.enumerated() {
            for (shape, weight) in shapes where shape.models.isEmpty || shape.models.contains(name) {
                add(shape, weight, model: model, shares: shares)
            }
        }
    }

    private mutating func add(_ shape: Workload.Shape, _ weight: Int64, model: Int, shares: [Int]) {
        let met = cpuNeeds.firstIndex(of: Int32(clamping: shape.cpuMilli))! + 1
        for rank in met...cpuNeeds.count {
            let row = row(model: Int32(model), cpuRank: Int32(rank))
            switch shape.gpu {
            case .none: break
            case .share(let milli):
                let met = shares.firstIndex(of: milli)! + 1
                for column in met..<shareColumns { shareWeights[row * shareColumns + column] += weight }
            case .whole(let count):
                guard count < idleColumns else { continue }
                for idle in count..<idleColumns { idleWorths[row * idleColumns + idle] += weight * 1000 * Int64(idle) }
            }
        }
    }

    /// How many of the distinct processor needs so much meets.
    func cpuRank(_ cpuMilli: Int32) -> Int32 { cpuRank(cpuMilli, atMost: Int32(cpuNeeds.count)) }

    /// The same, for a value whose rank is known to be at most `highest`; quick where it is close to that.
    func cpuRank(_ cpuMilli: Int32, atMost highest: Int32) -> Int32 {
        var rank = Int(highest)
        while rank > 0, cpuNeeds[rank - 1] > cpuMilli { rank -= 1 }
        return Int32(truncatingIfNeeded: rank)
    }

    /// The part of the tables for nodes of that model with processors of that rank.
    func row(model: Int32, cpuRank: Int32) -> Int { Int(model) * (cpuNeeds.count + 1) + Int(cpuRank) }

    /// The worth of one GPU to tasks that share, in milli-GPU · 2⁻¹⁶.
    func shareWorth(row: Int, idle: UInt16) -> Int64 {
        Int64(idle) * shareWeights[row * shareColumns + Int(shareRanks[Int(idle)])]
    }

    /// The worth of so many wholly idle GPUs to tasks that want whole ones.
    func idleWorth(row: Int, count: Int) -> Int64 { idleWorths[row * idleColumns + count] }
}
