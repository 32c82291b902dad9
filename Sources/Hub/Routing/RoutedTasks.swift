internal import Grid

/// The tasks that the router knows, in slots that are used again.
struct RoutedTasks: Sendable {
    enum State: UInt8, Sendable {
        case free, waiting, delayed, placed
    }

    struct RoutedTask: Sendable {
        var request: PlacementRequest
        var state: State
        /// Rises with each task: its age.
        var number: UInt64
        /// 0…10, or ``WaitingLine/starving``.
        var rank: Int
        var user: Int
        var since: UInt64
        /// When a delayed task may be tried again.
        var notBefore: UInt64 = 0
        var attempts = 1
        // While placed
        var firstAllocation = Allocations.none
        var placedAt: UInt64 = 0
        /// Millionths of the grid, all members together.
        var dominantShare: Int64 = 0
        /// Where its shape's index was last.
        var hint = ShapeIndexes.Hint()
    }

    private var slots: [RoutedTask] = []
    private var free: [Int32] = []
    private var places: [TaskID: Int32] = [:]
    private var nextNumber: UInt64 = 0
    var delayedCount = 0
    var heldGPUMilli: Int64 = 0

    subscript(slot: Int32) -> RoutedTask {
        _read { yield slots[Int(slot)] }
        _modify { yield &slots[Int(slot)] }
    }

    func slot(of task: TaskID) -> Int32? { places[task] }

    mutating func insert(_ request: PlacementRequest, user: Int, now: UInt64) -> Int32 {
        let task = RoutedTask(
            request: request, state: .waiting, number: nextNumber, rank: request.priority, user: user, since: now)
        nextNumber += 1
        let slot: Int32
        if let last = free.popLast() {
            slot = last
            slots[Int(slot)] = task
        } else {
            slot = Int32(slots.count)
            slots.append(task)
        }
        places[request.task] = slot
        return slot
    }

    func forEachWaiting(_ visit: (Int32, RoutedTask) -> Void) {
        for (slot, task) in slots.enumerated() where task.state == .waiting { visit(Int32(slot), task) }
    }

    mutating func remove(_ slot: Int32) {
        places.removeValue(forKey: slots[Int(slot)].request.task)
        slots[Int(slot)].state = .free
        free.append(slot)
    }
}
