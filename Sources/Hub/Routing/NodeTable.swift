internal import Grid

/// The nodes that tasks may go to, and what of them is free, by dense indices.
///
/// Every change is noted in a ring, so that each index of nodes catches up with what it has missed and no more.
struct NodeTable: Sendable {
    /// One node as the search looks at it; small, since ten thousand of them are looked at again and again.
    struct Node: Sendable {
        var cpuFreeMilli: Int32 = 0
        var memoryFreeMebibytes: Int32 = 0
        /// Where its GPUs begin in ``NodeTable/idle``.
        var gpuOffset: Int32 = 0
        var gpuCount: Int16 = 0
        /// GPUs of which nothing is taken.
        var idleGPUs: Int16 = 0
        /// Into ``NodeTable/kinds``.
        var kind: Int32 = 0
        var model: Int32 = 0
        /// Of its free processor in the present ``FragmentationTable``.
        var cpuRank: Int32 = 0
        var isOpen = false
        /// How many more members it may have; negative where it was given more than that before a start.
        var freeSeats: Int16 = 0
        /// The GPUs of which nothing is taken, a bit each, and those of which something is taken and something left.
        var idleMask: UInt64 = 0
        var partialMask: UInt64 = 0
        /// The worth of its idle GPUs by the present table.
        var usable: Int64 = 0
        var pricePerGPUHour: Int64 = 0
        /// Failures a second, times 2⁴⁰.
        var hazard: Int64 = 0
    }

    private(set) var nodes: [Node] = []
    /// Free thousandths of every GPU.
    private(set) var idle: [UInt16] = []
    /// Where each node stands among nodes of equal cost: fewest GPUs first, then in the order of admission. Big
    /// nodes are kept whole for tasks that only they can hold.
    private(set) var order: [UInt32] = []
    private(set) var ids: [NodeID] = []
    private(set) var capacities: [NodeCapacity] = []
    private(set) var kinds: [NodeKind] = []
    private(set) var models: [String] = []
    /// The most GPUs that a node ever had.
    private(set) var mostGPUs = 0
    /// GPUs, processor and memory of all open nodes, for shares of the grid.
    private(set) var totals = ResourceTotals()
    /// The hourly price of all GPUs together, and their number.
    private(set) var pricedGPUs: (price: Int64, count: Int64) = (0, 0)
    /// Rises with each change of what nodes are, rather than of what is free of them.
    private(set) var version: UInt64 = 0

    private var places: [NodeID: Int] = [:]
    private var kindNumbers: [NodeKind: Int32] = [:]
    private var modelNumbers: [String: Int32] = [:]

    /// The nodes that changed, latest last; a ring.
    private var changes = [Int32](repeating: 0, count: NodeTable.changesKept)
    private(set) var changeCount: UInt64 = 0
    /// By node: the number of its last change.
    private var latestChanges: [UInt64] = []
    static let changesKept = 1 << 14

    var count: Int { nodes.count }

    func index(of id: NodeID) -> Int? { places[id] }

    /// The node of a change that is still in the ring.
    func changed(_ number: UInt64) -> Int { Int(changes[Int(truncatingIfNeeded: number) & (Self.changesKept - 1)]) }

    /// The same; `nil` if the node has changed again since.
    func lastChange(_ number: UInt64) -> Int? {
        let index = changed(number)
        return latestChanges[index] == number ? index : nil
    }

    private mutating func noteChange(_ index: Int) {
        latestChanges[index] = changeCount
        changes[Int(truncatingIfNeeded: changeCount) & (Self.changesKept - 1)] = Int32(truncatingIfNeeded: index)
        changeCount &+= 1
    }

    // MARK: What nodes are

    /// Adds a node or changes what it offers. Everything of it is free afterwards; the caller takes again what is
    /// taken. Returns its index.
    mutating func upsert(_ id: NodeID, _ capacity: NodeCapacity) -> Int {
        let index: Int
        if let place = places[id] {
            index = place
            count(capacities[index], sign: -1)
        } else {
            index = nodes.count
            places[id] = index
            ids.append(id)
            nodes.append(Node())
            order.append(0)
            latestChanges.append(0)
            capacities.append(capacity)
        }
        capacities[index] = capacity
        count(capacity, sign: 1)
        if capacity.gpuCount > Int(nodes[index].gpuCount) {
            // The former room stays unused: GPUs are added to machines too rarely to reclaim it.
            nodes[index].gpuOffset = Int32(idle.count)
            idle.append(contentsOf: repeatElement(0, count: capacity.gpuCount))
        }
        nodes[index].gpuCount = Int16(capacity.gpuCount)
        nodes[index].kind = kindNumber(NodeKind(capacity))
        nodes[index].model = modelNumber(capacity.model)
        nodes[index].isOpen = capacity.isOpen
        nodes[index].pricePerGPUHour = capacity.pricePerGPUHourMicros
        nodes[index].hazard = CostModel.hazard(health: capacity.healthScore)
        order[index] = UInt32(capacity.gpuCount) << 24 | UInt32(index)
        mostGPUs = max(mostGPUs, capacity.gpuCount)
        vacate(index)
        version += 1
        return index
    }

    private mutating func count(_ capacity: NodeCapacity, sign: Int64) {
        let gpus = Int64(capacity.gpuCount)
        pricedGPUs.price += sign * gpus * capacity.pricePerGPUHourMicros
        pricedGPUs.count += sign * gpus
        guard capacity.isOpen else { return }
        totals.gpuMilli += sign * gpus * 1000
        totals.cpuMilli += sign * Int64(capacity.cpuMilli)
        totals.memoryMebibytes += sign * Int64(capacity.memoryMebibytes)
    }

    private mutating func kindNumber(_ kind: NodeKind) -> Int32 {
        if let number = kindNumbers[kind] { return number }
        let number = Int32(kinds.count)
        kinds.append(kind)
        kindNumbers[kind] = number
        return number
    }

    private mutating func modelNumber(_ model: String) -> Int32 {
        if let number = modelNumbers[model] { return number }
        let number = Int32(models.count)
        models.append(model)
        modelNumbers[model] = number
        return number
    }

    // MARK: What is free of them

    private mutating func vacate(_ index: Int) {
        let capacity = capacities[index]
        nodes[index].cpuFreeMilli = Int32(capacity.cpuMilli)
        nodes[index].memoryFreeMebibytes = Int32(capacity.memoryMebibytes)
        nodes[index].freeSeats = Int16(Limits.runsPerNode)
        nodes[index].idleGPUs = Int16(capacity.gpuCount)
        // A shift by all 64 bits leaves none, as it should.
        nodes[index].idleMask = ~(~0 << UInt64(capacity.gpuCount))
        nodes[index].partialMask = 0
        let offset = Int(nodes[index].gpuOffset)
        for gpu in offset..<(offset + capacity.gpuCount) { idle[gpu] = 1000 }
        noteChange(index)
    }

    /// Takes what a member needs. More than there is leaves nothing, where a node came back smaller than it was.
    mutating func take(_ seat: Seat, on index: Int) { move(seat, on: index, sign: -1) }

    /// Gives back what a member had.
    mutating func giveBack(_ seat: Seat, on index: Int) { move(seat, on: index, sign: 1) }

    private mutating func move(_ seat: Seat, on index: Int, sign: Int32) {
        nodes[index].freeSeats += Int16(sign)
        nodes[index].cpuFreeMilli += sign * seat.cpuMilli
        nodes[index].memoryFreeMebibytes += sign * seat.memoryMebibytes
        var rest = seat.gpus
        while rest != 0 {
            let gpu = rest.trailingZeroBitCount
            rest &= rest - 1
            guard gpu < Int(nodes[index].gpuCount) else { continue }
            let place = Int(nodes[index].gpuOffset) + gpu
            let before = idle[place]
            let after = UInt16(min(max(Int32(before) + sign * Int32(seat.milliPerGPU), 0), 1000))
            idle[place] = after
            nodes[index].idleGPUs += (after == 1000 ? 1 : 0) - (before == 1000 ? 1 : 0)
            let bit: UInt64 = 1 << UInt64(gpu)
            nodes[index].idleMask = nodes[index].idleMask & ~bit | (after == 1000 ? bit : 0)
            nodes[index].partialMask = nodes[index].partialMask & ~bit | (after > 0 && after < 1000 ? bit : 0)
        }
        noteChange(index)
    }

    // MARK: What is free of them is worth

    /// Values all nodes by a new table.
    mutating func value(by table: FragmentationTable) {
        for index in nodes.indices { value(index, by: table) }
    }

    /// Values a node whose free resources have changed.
    mutating func value(_ index: Int, by table: FragmentationTable) {
        nodes[index].cpuRank = table.cpuRank(nodes[index].cpuFreeMilli)
        nodes[index].usable = usable(
            nodes[index], row: table.row(model: nodes[index].model, cpuRank: nodes[index].cpuRank), table)
    }

    /// The worth of a node's idle GPUs with a processor of that row's rank.
    func usable(_ node: Node, row: Int, _ table: FragmentationTable) -> Int64 {
        let whole = Int(node.idleGPUs)
        var worth = table.idleWorth(row: row, count: whole) + Int64(whole) * table.shareWorth(row: row, idle: 1000)
        let offset = Int(node.gpuOffset)
        var rest = node.partialMask
        while rest != 0 {
            worth += table.shareWorth(row: row, idle: idle[offset + rest.trailingZeroBitCount])
            rest &= rest - 1
        }
        return worth
    }
}

/// What one member takes of its node.
struct Seat: Hashable, Sendable {
    var cpuMilli: Int32
    var memoryMebibytes: Int32
    /// A bit a GPU.
    var gpus: UInt64
    var milliPerGPU: Int16
}

/// The resources of all open nodes together.
struct ResourceTotals: Hashable, Sendable {
    var gpuMilli: Int64 = 0
    var cpuMilli: Int64 = 0
    var memoryMebibytes: Int64 = 0

    /// The largest of the shares of the grid that so much is, in millionths.
    func dominantShare(gpuMilli gpu: Int64, cpuMilli cpu: Int64, memoryMebibytes memory: Int64) -> Int64 {
        func share(_ part: Int64, _ whole: Int64) -> Int64 { whole > 0 ? min(part * 1_000_000 / whole, 1_000_000) : 0 }
        return max(share(gpu, gpuMilli), share(cpu, cpuMilli), share(memory, memoryMebibytes))
    }
}
