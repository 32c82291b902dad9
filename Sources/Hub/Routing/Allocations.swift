/// What running tasks hold, a slot for each member: chained by task, and doubly by node.
struct Allocations: Sendable {
    struct Allocation: Sendable {
        var seat: Seat
        var node: Int32
        var task: Int32
        /// When the task is stopped at the latest, in monotonic nanoseconds.
        var endsBy: UInt64
        /// The next member of the same task; also the chain of free slots.
        var nextOfTask: Int32
        var nextOnNode: Int32
        var previousOnNode: Int32
        var isLive = true
    }

    static let none: Int32 = -1

    private(set) var slots: [Allocation] = []
    private var firstFree = Allocations.none
    /// By node.
    private var firstOnNode: [Int32] = []
    /// The ends of what is held. An entry whose slot is free or ends at another time by now is stale.
    private var ends = DeadlineHeap()
    private(set) var count = 0

    mutating func insert(_ seat: Seat, node: Int, task: Int32, endsBy: UInt64, nextOfTask: Int32) -> Int32 {
        while firstOnNode.count <= node { firstOnNode.append(Self.none) }
        let allocation = Allocation(
            seat: seat, node: Int32(node), task: task, endsBy: endsBy, nextOfTask: nextOfTask,
            nextOnNode: firstOnNode[node], previousOnNode: Self.none)
        let slot: Int32
        if firstFree != Self.none {
            slot = firstFree
            firstFree = slots[Int(slot)].nextOfTask
            slots[Int(slot)] = allocation
        } else {
            slot = Int32(slots.count)
            slots.append(allocation)
        }
        if firstOnNode[node] != Self.none { slots[Int(firstOnNode[node])].previousOnNode = slot }
        firstOnNode[node] = slot
        count += 1
        if ends.count > 2 * count + 1024 { forgetStaleEnds() }
        ends.insert(Int(slot), at: endsBy)
        return slot
    }

    /// Frees a slot; returns what it was.
    mutating func remove(_ slot: Int32) -> Allocation {
        let allocation = slots[Int(slot)]
        precondition(allocation.isLive, "a member's resources are given back twice")
        if allocation.previousOnNode != Self.none {
            slots[Int(allocation.previousOnNode)].nextOnNode = allocation.nextOnNode
        } else {
            firstOnNode[Int(allocation.node)] = allocation.nextOnNode
        }
        if allocation.nextOnNode != Self.none {
            slots[Int(allocation.nextOnNode)].previousOnNode = allocation.previousOnNode
        }
        slots[Int(slot)].isLive = false
        slots[Int(slot)].nextOfTask = firstFree
        firstFree = slot
        count -= 1
        return allocation
    }

    private mutating func forgetStaleEnds() {
        ends = DeadlineHeap()
        for (slot, allocation) in slots.enumerated() where allocation.isLive {
            ends.insert(slot, at: allocation.endsBy)
        }
    }

    /// Shows what a node's tasks hold, latest first.
    func onNode(_ node: Int, _ visit: (Allocation) -> Void) {
        var slot = node < firstOnNode.count ? firstOnNode[node] : Self.none
        while slot != Self.none {
            visit(slots[Int(slot)])
            slot = slots[Int(slot)].nextOnNode
        }
    }

    /// Shows what is held in the order of its latest ends, until `visit` has seen enough. What took the slot of
    /// another with the same end may be shown twice.
    func byEnd(_ visit: (Allocation) -> Bool) {
        ends.inOrder { entry in
            let allocation = slots[Int(entry.index)]
            guard allocation.isLive, allocation.endsBy == entry.deadline else { return true }
            return visit(allocation)
        }
    }
}
