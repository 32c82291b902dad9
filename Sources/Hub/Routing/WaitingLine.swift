/// Who is next: by rank, then by fair share, then by age.
///
/// Tasks of one user and rank wait in one queue, oldest first; the queues stand in order, and one that loses a task
/// or whose user is charged goes to its new place at once. A pass walks the order and remembers in each queue how
/// far it has come, so it asks nobody twice and sees every change of order that its own placements cause.
struct WaitingLine: Sendable {
    struct Queue: Sendable {
        var rank: Int
        /// `nil` for the one of the starving.
        var user: Int?
        /// Slots of tasks with what they are sorted by.
        var tasks: [(number: UInt64, task: Int32)] = []
        /// How many at the front the present pass has tried in vain.
        var tried = 0
        var isListed = false
    }

    /// Ranks 0…10 are the priorities.
    static let starving = 11

    private(set) var queues: [Queue] = [Queue(rank: WaitingLine.starving, user: nil)]
    /// The queues that are not empty, in order.
    private var order: [Int32] = []
    /// By user and priority; 0 = none yet.
    private var numbers: [Int32] = []
    private var position = 0
    private(set) var count = 0

    // MARK: Coming and going

    private mutating func queue(rank: Int, user: Int) -> Int {
        if rank == Self.starving { return 0 }
        let key = user * Self.starving + rank
        while numbers.count <= key { numbers.append(0) }
        if numbers[key] == 0 {
            numbers[key] = Int32(queues.count)
            queues.append(Queue(rank: rank, user: user))
        }
        return Int(numbers[key])
    }

    mutating func insert(_ task: Int32, number: UInt64, rank: Int, user: Int, _ shares: FairShare) {
        let queue = queue(rank: rank, user: user)
        let place = place(of: number, in: queue)
        queues[queue].tasks.insert((number, task), at: place)
        if place < queues[queue].tried { queues[queue].tried += 1 }
        count += 1
        if place == 0 { relist(queue, shares) }
    }

    /// Takes out a task that is there.
    mutating func remove(_ task: Int32, number: UInt64, rank: Int, user: Int, _ shares: FairShare) {
        let queue = queue(rank: rank, user: user)
        let place = place(of: number, in: queue)
        precondition(queues[queue].tasks[place].task == task, "a task leaves a queue that it is not in")
        queues[queue].tasks.remove(at: place)
        if place < queues[queue].tried { queues[queue].tried -= 1 }
        count -= 1
        if place == 0 { relist(queue, shares) }
    }

    /// The first place whose number is not smaller.
    private func place(of number: UInt64, in queue: Int) -> Int {
        queues[queue].tasks.partitionPoint { $0.number < number }
    }

    // MARK: The order of the queues

    /// What the user had has changed.
    mutating func userCharged(_ user: Int, _ shares: FairShare) {
        for rank in 0..<Self.starving {
            let key = user * Self.starving + rank
            guard key < numbers.count, numbers[key] != 0 else { continue }
            if queues[Int(numbers[key])].isListed { relist(Int(numbers[key]), shares) }
        }
    }

    private mutating func relist(_ queue: Int, _ shares: FairShare) {
        if queues[queue].isListed, let place = order.firstIndex(of: Int32(queue)) {
            order.remove(at: place)
            if place < position { position -= 1 }
        }
        queues[queue].isListed = !queues[queue].tasks.isEmpty
        guard queues[queue].isListed else { return }
        let place = order.partitionPoint { precedes(Int($0), queue, shares) }
        order.insert(Int32(queue), at: place)
        if place < position { position = place }
    }

    private func precedes(_ left: Int, _ right: Int, _ shares: FairShare) -> Bool {
        if queues[left].rank != queues[right].rank { return queues[left].rank > queues[right].rank }
        if let leftUser = queues[left].user, let rightUser = queues[right].user,
            let isBefore = shares.precedes(leftUser, rightUser)
        {
            return isBefore
        }
        return queues[left].tasks[0].number < queues[right].tasks[0].number
    }

    // MARK: A pass

    mutating func beginPass() {
        position = 0
        for queue in order { queues[Int(queue)].tried = 0 }
    }

    /// The next task that the pass has not tried, and its rank.
    mutating func next() -> (task: Int32, rank: Int)? {
        while position < order.count {
            let queue = Int(order[position])
            if queues[queue].tried < queues[queue].tasks.count {
                return (queues[queue].tasks[queues[queue].tried].task, queues[queue].rank)
            }
            position += 1
        }
        return nil
    }

    /// The task that ``next()`` told got nothing.
    mutating func passOver() { queues[Int(order[position])].tried += 1 }
}
