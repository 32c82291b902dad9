internal import Grid

/// What tasks have looked like lately: a bounded, decaying count of their shapes. Fragmentation is measured by it.
///
/// Nothing here depends on the order in which a dictionary yields: shapes are kept in an array, and the dictionary
/// only finds them.
struct Workload: Sendable {
    /// What fragmentation knows of a task.
    struct Shape: Hashable, Sendable {
        var gpu: GPUDemand
        var cpuMilli: Int
        /// Empty = any.
        var models: Set<String>
    }

    struct Entry: Sendable {
        var shape: Shape
        var count: Int
    }

    /// Counts are halved when their sum reaches this.
    static let horizon = 1 << 16

    private(set) var entries: [Entry] = []
    private var places: [Shape: Int] = [:]
    private(set) var total = 0
    /// Submissions until fragmentation is to be measured by newer counts.
    private var untilNews = 16

    /// Counts one task, or each member of a gang. True if the counts have moved far enough to be looked at anew:
    /// after as many submissions again.
    mutating func note(_ resources: ResourceRequest, members: Int = 1) -> Bool {
        let shape = Shape(gpu: resources.gpu, cpuMilli: resources.cpuMilli, models: resources.models)
        if let place = places[shape] {
            entries[place].count += members
        } else if entries.count < Limits.workloadShapes {
            places[shape] = entries.count
            entries.append(Entry(shape: shape, count: members))
        } else {
            // The rarest gives way, the oldest of equals.
            let rarest = entries.indices.min { entries[$0].count < entries[$1].count }!
            places.removeValue(forKey: entries[rarest].shape)
            total -= entries[rarest].count
            places[shape] = rarest
            entries[rarest] = Entry(shape: shape, count: members)
        }
        total += members
        if total >= Self.horizon { halve() }
        untilNews -= members
        guard untilNews <= 0 else { return false }
        untilNews = max(16, total)
        return true
    }

    private mutating func halve() {
        total = 0
        for index in entries.indices {
            entries[index].count /= 2
            total += entries[index].count
        }
        guard entries.contains(where: { $0.count == 0 }) else { return }
        entries.removeAll { $0.count == 0 }
        places.removeAll(keepingCapacity: true)
        for (index, entry) in entries.enumerated() { places[entry.shape] = index }
    }

    /// How much a milli-GPU that a shape of task can no longer use weighs, in 2⁻¹⁶.
    ///
    /// Idle GPU time is worth the tasks it could hold, so a shape's share of the submissions is divided by its
    /// demand; below a tenth of a GPU by a tenth, lest a handful of tiny tasks decide alone. The weights of all
    /// shapes together are the share of the submissions that want a GPU. Shapes without a GPU weigh nothing: no
    /// place changes what they make of an idle GPU.
    var weights: [Int64] {
        let shares = entries.map { entry -> Int64 in
            entry.shape.gpu == .none ? 0 : (Int64(entry.count) << 20) / Int64(max(entry.shape.gpu.milli, 100))
        }
        let sum = shares.reduce(0, +)
        let wanting = entries.reduce(0) { $1.shape.gpu == .none ? $0 : $0 + $1.count }
        guard sum > 0 else { return shares }
        let whole = (Int64(wanting) << 16) / Int64(total)
        return shares.map { $0 * whole / sum }
    }
}
