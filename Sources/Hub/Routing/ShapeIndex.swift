internal import Grid

/// What every node costs one shape of task, and the cheapest of each block of nodes.
///
/// It is exact: before it is asked, every node that changed since the last time is valued anew, so the winner is the
/// one that a look at all nodes would find. A change touches a cost and its block's record and nothing else; where a
/// block's cheapest node became dearer, its old cost still bounds the block from below, and the block is looked
/// through again only when that bound does not rule it out. A heap or a tournament would do less work a question, but
/// walks through memory at every change, and changes are what there are hundreds of a question: one for each shape.
struct ShapeIndex: Sendable {
    let shape: Shape
    let member: MemberShape
    private let paidMilli: Int64
    private let exposure: Int64
    /// By kind of node: what a member takes of each GPU; `refused` where it must not go.
    private var milliByKind: [Int16] = []
    private static let refused: Int16 = -1
    /// By node; `unfit` where the member does not fit at present. Padded to whole blocks.
    private var costs: [Int64] = []
    static let unfit = Int64.max
    /// A bit a node, a word a block: whether its cost is another than `unfit`. Where a node neither fitted nor fits,
    /// this is all that is read of the index. All indexes' costs together are larger than the processor's caches,
    /// their bits are not.
    private var fitting: [UInt64] = []
    private var blocks: [Block] = []
    private static let blockBits = 6

    /// The cheapest node of a block.
    private struct Block: Sendable {
        /// The winner's; without one, a bound: no node of the block is cheaper.
        var cost: Int64
        var winner: Int32
    }
    private static let unknown: Int32 = -1
    /// What ``cheapest(_:)`` answered last, ``unknown`` since a cost has changed.
    private var answer = ShapeIndex.unknown
    private var stepCost: Int64 = 0
    private var generation: UInt64 = 0
    private var seenChanges: UInt64 = 0
    /// Keeps the first look of ``follow(_:_:_:)`` from being left out as useless.
    private var touched: Int64 = 0
    /// When it was last asked, in questions.
    var lastUsed: UInt64 = 0

    init(_ shape: Shape) {
        self.shape = shape
        member = MemberShape(shape.resources)
        paidMilli = shape.paidMilli
        exposure = CostModel.exposure(shape)
    }

    // MARK: Keeping up

    /// Makes the index true to the nodes as they are. What `news` holds is of no use but its room.
    mutating func catchUp(_ nodes: borrowing NodeTable, _ model: borrowing CostModel, _ news: inout [News]) {
        let missed = nodes.changeCount &- seenChanges
        if missed == 0, generation == model.generation { return }
        learnKinds(nodes)
        if generation != model.generation || nodes.count > costs.count || blocks.isEmpty
            || missed > UInt64(min(nodes.count, NodeTable.changesKept))
        {
            rebuild(nodes, model)
        } else {
            follow(nodes, model, &news)
        }
        seenChanges = nodes.changeCount
        generation = model.generation
    }

    /// Values anew what has changed, then sets what came of it.
    private mutating func follow(
        _ nodes: borrowing NodeTable, _ model: borrowing CostModel, _ news: inout [News]
    ) {
        news.removeAll(keepingCapacity: true)
        for number in seenChanges..<nodes.changeCount {
            // Of a node's changes only the last one counts.
            guard let index = nodes.lastChange(number) else { continue }
            let cost = cost(index, nodes, model)
            if cost != Self.unfit || fits(index) {
                news.append(News(index: Int32(truncatingIfNeeded: index), cost: cost))
            }
        }
        // The former costs are read first, for reads that wait for nothing else overlap, while those between one change
        // and the next would wait for memory one by one.
        var sum: Int64 = 0
        for change in news { sum &+= costs[Int(change.index)] }
        touched = sum
        for change in news { set(Int(change.index), change.cost, nodes.order) }
    }

    /// A node's new cost.
    struct News: Sendable {
        var index: Int32
        var cost: Int64
    }

    private mutating func learnKinds(_ nodes: borrowing NodeTable) {
        while milliByKind.count < nodes.kinds.count {
            let milli = nodes.kinds[milliByKind.count].milliPerGPU(for: shape.resources)
            milliByKind.append(milli.map { Int16($0) } ?? Self.refused)
        }
    }

    private mutating func rebuild(_ nodes: borrowing NodeTable, _ model: borrowing CostModel) {
        let blockCount = (nodes.count + (1 << Self.blockBits) - 1) >> Self.blockBits
        if blocks.count != blockCount {
            costs = [Int64](repeating: Self.unfit, count: blockCount << Self.blockBits)
            blocks = [Block](repeating: Block(cost: Self.unfit, winner: Self.unknown), count: blockCount)
            fitting = [UInt64](repeating: 0, count: blockCount)
        }
        stepCost = model.stepCost
        answer = Self.unknown
        for place in blocks.indices {
            let first = place << Self.blockBits
            var bits: UInt64 = 0
            for index in first..<min(first + 1 << Self.blockBits, nodes.count) {
                costs[index] = cost(index, nodes, model)
                if costs[index] != Self.unfit { bits |= 1 << UInt64(index - first) }
            }
            fitting[place] = bits
            lookThrough(place, nodes.order)
        }
    }

    // MARK: The cheapest

    @inline(__always)
    private mutating func set(_ index: Int, _ cost: Int64, _ order: [UInt32]) {
        let former = costs[index]
        guard former != cost else { return }
        costs[index] = cost
        answer = Self.unknown
        let place = index >> Self.blockBits
        if (former == Self.unfit) != (cost == Self.unfit) { fitting[place] ^= Self.bit(index) }
        let block = blocks[place]
        if cost < block.cost {
            blocks[place] = Block(cost: cost, winner: Int32(truncatingIfNeeded: index))
        } else if Int(block.winner) == index {
            blocks[place].winner = Self.unknown
        } else if cost == block.cost, block.winner != Self.unknown, order[index] < order[Int(block.winner)] {
            blocks[place].winner = Int32(truncatingIfNeeded: index)
        }
    }

    private mutating func lookThrough(_ place: Int, _ order: [UInt32]) {
        let first = place << Self.blockBits
        var best = Block(cost: Self.unfit, winner: Self.unknown)
        var rest = fitting[place]
        while rest != 0 {
            let index = first + rest.trailingZeroBitCount
            rest &= rest - 1
            let cost = costs[index]
            guard cost <= best.cost else { continue }
            if cost < best.cost || order[index] < order[Int(best.winner)] {
                best = Block(cost: cost, winner: Int32(truncatingIfNeeded: index))
            }
        }
        blocks[place] = best
    }

    /// The cheapest node that the member fits on, or `nil`; the lowest in the order of nodes of equal ones.
    mutating func cheapest(_ nodes: borrowing NodeTable) -> Int? {
        if answer != Self.unknown { return Int(answer) }
        var best = Block(cost: Self.unfit, winner: Self.unknown)
        for block in blocks where block.cost <= best.cost && block.winner != Self.unknown {
            if block.cost < best.cost || nodes.order[Int(block.winner)] < nodes.order[Int(best.winner)] { best = block }
        }
        for place in blocks.indices where blocks[place].winner == Self.unknown && blocks[place].cost <= best.cost {
            guard blocks[place].cost != Self.unfit else { continue }
            lookThrough(place, nodes.order)
            let block = blocks[place]
            guard block.cost <= best.cost, block.winner != Self.unknown else { continue }
            if block.cost < best.cost || nodes.order[Int(block.winner)] < nodes.order[Int(best.winner)] { best = block }
        }
        answer = best.winner
        return best.winner == Self.unknown ? nil : Int(best.winner)
    }

    /// The cheapest node besides `other`, as if that were not there.
    mutating func cheapest(besides other: Int, _ nodes: borrowing NodeTable) -> Int? {
        let place = other >> Self.blockBits
        let former = (cost: costs[other], block: blocks[place], answer: answer)
        set(other, Self.unfit, nodes.order)
        defer {
            set(other, former.cost, nodes.order)
            blocks[place] = former.block
            answer = former.answer
        }
        return cheapest(nodes)
    }

    /// Takes nodes out, until ``unmask(_:_:_:)`` or until they change.
    mutating func mask(_ indices: [Int32], _ nodes: borrowing NodeTable) {
        for index in indices { set(Int(index), Self.unfit, nodes.order) }
    }

    mutating func unmask(_ indices: [Int32], _ nodes: borrowing NodeTable, _ model: borrowing CostModel) {
        for index in indices { set(Int(index), cost(Int(index), nodes, model), nodes.order) }
    }

    @inline(__always)
    func fits(_ index: Int) -> Bool { fitting[index >> Self.blockBits] & Self.bit(index) != 0 }

    @inline(__always)
    private static func bit(_ index: Int) -> UInt64 { 1 << UInt64(truncatingIfNeeded: index & 63) }

    // MARK: Costs

    /// What a member takes of each GPU of a node; `nil` where it must not go, however much is free.
    func milliPerGPU(on index: Int, _ nodes: borrowing NodeTable) -> Int? {
        let node = nodes.nodes[index]
        let milli = milliByKind[Int(node.kind)]
        guard milli != Self.refused, node.isOpen, node.pricePerGPUHour <= member.priceCap else { return nil }
        return Int(milli)
    }

    @inline(__always)
    private func cost(_ index: Int, _ nodes: borrowing NodeTable, _ model: borrowing CostModel) -> Int64 {
        guard let milli = milliPerGPU(on: index, nodes),
            let fit = Fit(member, index, milliPerGPU: milli, nodes, model.table)
        else { return Self.unfit }
        let price = nodes.nodes[index].pricePerGPUHour * paidMilli / 1000
        let factor = CostModel.hazardFactor(exposure: exposure, hazard: nodes.nodes[index].hazard)
        return price + CostModel.hazardCost(price: price, factor: factor) + fit.steps * stepCost
    }

    /// The cost of a node that fits, term by term.
    func terms(_ index: Int, _ nodes: borrowing NodeTable, _ model: borrowing CostModel) -> CostTerms {
        guard let milli = milliPerGPU(on: index, nodes),
            let fit = Fit(member, index, milliPerGPU: milli, nodes, model.table)
        else { preconditionFailure("only a node that fits is explained") }
        let price = nodes.nodes[index].pricePerGPUHour * paidMilli / 1000
        let factor = CostModel.hazardFactor(exposure: exposure, hazard: nodes.nodes[index].hazard)
        return CostTerms(
            price: price, hazard: CostModel.hazardCost(price: price, factor: factor),
            fragmentation: fit.steps * stepCost)
    }

    /// Where on a node that fits the member goes.
    func seat(on index: Int, _ nodes: borrowing NodeTable, _ model: borrowing CostModel) -> Seat {
        guard let milli = milliPerGPU(on: index, nodes),
            let fit = Fit(member, index, milliPerGPU: milli, nodes, model.table)
        else { preconditionFailure("only a node that fits has a seat") }
        return Seat(
            cpuMilli: member.cpuMilli, memoryMebibytes: member.memoryMebibytes,
            gpus: fit.gpus(of: nodes.nodes[index], for: member), milliPerGPU: Int16(milli))
    }
}
