internal import Grid

/// Where on a node a member would sit, and how fragmentation would grow by it.
struct Fit: Hashable, Sendable {
    /// ⌊ΔF / 100⌋ in milli-GPU.
    var steps: Int64
    /// The GPU that a share would go to, by its index on the node; whole GPUs are the first idle ones.
    var gpu: Int

    /// The best seat of a node for a member, or `nil` where it does not fit.
    ///
    /// - Parameter milliPerGPU: by ``NodeKind/milliPerGPU(for:)``.
    @inline(__always)
    init?(
        _ shape: MemberShape, _ index: Int, milliPerGPU: Int, _ nodes: borrowing NodeTable, _ table: FragmentationTable
    ) {
        let node = nodes.nodes[index]
        guard node.isOpen, node.freeSeats > 0, node.cpuFreeMilli >= shape.cpuMilli,
            node.memoryFreeMebibytes >= shape.memoryMebibytes,
            Int(node.idleGPUs) >= shape.wholeGPUs
        else { return nil }
        let rank = table.cpuRank(node.cpuFreeMilli - shape.cpuMilli, atMost: node.cpuRank)
        let row = table.row(model: node.model, cpuRank: rank)
        // With as much processor left as the member leaves, before it takes a GPU.
        let before = rank == node.cpuRank ? node.usable : nodes.usable(node, row: row, table)
        gpu = -1
        let idle = Int(node.idleGPUs)
        var after = before
        if shape.wholeGPUs > 0 {
            after -= Int64(shape.wholeGPUs) * table.shareWorth(row: row, idle: 1000)
            after += table.idleWorth(row: row, count: idle - shape.wholeGPUs) - table.idleWorth(row: row, count: idle)
        } else if milliPerGPU > 0 {
            var best = Int64.min
            var leastIdle = UInt16.max
            let offset = Int(node.gpuOffset)
            let taken = UInt16(truncatingIfNeeded: milliPerGPU)
            var rest = node.partialMask
            while rest != 0 {
                let candidate = rest.trailingZeroBitCount
                rest &= rest - 1
                let free = nodes.idle[offset + candidate]
                guard free >= taken else { continue }
                let change =
                    table.shareWorth(row: row, idle: free - taken) - table.shareWorth(row: row, idle: free)
                guard change > best || (change == best && free < leastIdle) else { continue }
                best = change
                leastIdle = free
                gpu = candidate
            }
            if idle > 0 {
                // All wholly idle ones are alike; of equals the fuller one wins, so these come last.
                let change =
                    table.shareWorth(row: row, idle: 1000 - taken) - table.shareWorth(row: row, idle: 1000)
                    + table.idleWorth(row: row, count: idle - 1) - table.idleWorth(row: row, count: idle)
                if change > best {
                    best = change
                    gpu = node.idleMask.trailingZeroBitCount
                }
            }
            guard gpu >= 0 else { return nil }
            after += best
        }
        let taken = Int64(shape.wholeGPUs > 0 ? shape.wholeGPUs * 1000 : milliPerGPU)
        let growth = node.usable - after - taken << 16
        // Division rounds towards zero; fragmentation that shrinks is to be floored too.
        let step = CostModel.fragmentationStep
        steps = growth >= 0 ? growth / step : -((-growth + step - 1) / step)
    }

    /// What of the node the member would take, a bit a GPU.
    func gpus(of node: NodeTable.Node, for shape: MemberShape) -> UInt64 {
        guard shape.wholeGPUs > 0 else { return gpu < 0 ? 0 : 1 << UInt64(gpu) }
        var rest = node.idleMask
        for _ in 0..<shape.wholeGPUs { rest &= rest - 1 }
        return node.idleMask ^ rest
    }
}

/// A member's needs as the search compares them.
struct MemberShape: Hashable, Sendable {
    var cpuMilli: Int32
    var memoryMebibytes: Int32
    var wholeGPUs: Int
    var priceCap: Int64

    init(_ resources: ResourceRequest) {
        cpuMilli = Int32(resources.cpuMilli)
        memoryMebibytes = Int32(resources.memoryMebibytes)
        if case .whole(let count) = resources.gpu { wholeGPUs = count } else { wholeGPUs = 0 }
        priceCap = resources.priceCapMicros ?? .max
    }
}
