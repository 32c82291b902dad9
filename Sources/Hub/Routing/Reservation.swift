internal import Grid

/// The promise to the first task in line that does not fit: these nodes, at that time at the latest.
struct Reservation: Hashable, Sendable {
    var task: Int32
    var rank: Int
    /// When the tasks that are in the way have ended at the latest, in monotonic nanoseconds.
    var at: UInt64
    var nodes: [Int32]
    /// ``NodeTable/version`` for which the nodes were last seen to be as promised.
    var version: UInt64
}

extension NodeTable {
    /// How many members the node would hold if nobody else were there; 0 where they must not go.
    func emptySeats(_ index: Int, _ resources: ResourceRequest, evenIfClosed: Bool = false) -> Int {
        let node = nodes[index]
        guard node.isOpen || evenIfClosed, node.pricePerGPUHour <= resources.priceCapMicros ?? .max,
            let milli = kinds[Int(node.kind)].milliPerGPU(for: resources)
        else { return 0 }
        let capacity = capacities[index]
        let gpus: Int
        switch resources.gpu {
        case .none: gpus = .max
        case .share: gpus = capacity.gpuCount * (1000 / milli)
        case .whole(let count): gpus = capacity.gpuCount / count
        }
        return seats(
            resources, cpuMilli: capacity.cpuMilli, memoryMebibytes: capacity.memoryMebibytes, gpus: gpus,
            atMost: Limits.runsPerNode)
    }

    /// How many members the node holds beside what is there.
    func seats(_ index: Int, _ resources: ResourceRequest, milliPerGPU milli: Int) -> Int {
        let node = nodes[index]
        var gpus = Int.max
        switch resources.gpu {
        case .none: break
        case .whole(let count): gpus = Int(node.idleGPUs) / count
        case .share:
            gpus = 0
            let offset = Int(node.gpuOffset)
            for gpu in offset..<(offset + Int(node.gpuCount)) { gpus += Int(idle[gpu]) / milli }
        }
        return seats(
            resources, cpuMilli: Int(node.cpuFreeMilli), memoryMebibytes: Int(node.memoryFreeMebibytes), gpus: gpus,
            atMost: Int(node.freeSeats))
    }

    /// How many members the node would hold once every allocation has ended that does so by `end`.
    func seats(
        _ index: Int, _ resources: ResourceRequest, milliPerGPU milli: Int, _ allocations: Allocations,
        freedBy end: UInt64
    ) -> Int {
        let node = nodes[index]
        let offset = Int(node.gpuOffset)
        var idle = Array(self.idle[offset..<(offset + Int(node.gpuCount))])
        var cpu = Int(node.cpuFreeMilli)
        var memory = Int(node.memoryFreeMebibytes)
        var free = Int(node.freeSeats)
        allocations.onNode(index) { allocation in
            guard allocation.endsBy <= end else { return }
            free += 1
            cpu += Int(allocation.seat.cpuMilli)
            memory += Int(allocation.seat.memoryMebibytes)
            for gpu in idle.indices where allocation.seat.gpus >> UInt64(gpu) & 1 == 1 {
                idle[gpu] = min(idle[gpu] + UInt16(allocation.seat.milliPerGPU), 1000)
            }
        }
        let gpus: Int
        switch resources.gpu {
        case .none: gpus = .max
        case .share: gpus = idle.reduce(0) { $0 + Int($1) / milli }
        case .whole(let count): gpus = idle.count { $0 == 1000 } / count
        }
        return seats(resources, cpuMilli: cpu, memoryMebibytes: memory, gpus: gpus, atMost: free)
    }

    /// Alike members are packed without loss in any order: the scarcest resource decides.
    private func seats(
        _ resources: ResourceRequest, cpuMilli: Int, memoryMebibytes: Int, gpus: Int, atMost most: Int
    ) -> Int {
        guard cpuMilli >= 0, memoryMebibytes >= 0, most > 0 else { return 0 }
        var seats = min(gpus, most)
        if resources.cpuMilli > 0 { seats = min(seats, cpuMilli / resources.cpuMilli) }
        if resources.memoryMebibytes > 0 { seats = min(seats, memoryMebibytes / resources.memoryMebibytes) }
        return seats
    }
}

extension Router {
    /// Finds the earliest time at which the task fits if every task runs as long as it may, and the nodes that have
    /// room for it then: those with the most room, so that few are reserved. `nil` if the open nodes never have room.
    func reserve(_ slot: Int32, index place: Int, now: UInt64) -> Reservation? {
        let request = tasks[slot].request
        let excluded = request.excludedNodes.compactMap { nodes.index(of: $0) }
        var seats = [Int](repeating: 0, count: nodes.count)
        var milli = [Int](repeating: -1, count: nodes.count)
        var sum = 0
        for index in 0..<nodes.count where !excluded.contains(index) {
            guard let taken = indexes[place].milliPerGPU(on: index, nodes) else { continue }
            milli[index] = taken
            guard indexes[place].fits(index) else { continue }
            seats[index] = nodes.seats(index, request.resources, milliPerGPU: taken)
            sum += seats[index]
        }
        var at = now
        if sum < request.gangSize {
            allocations.byEnd { allocation in
                let index = Int(allocation.node)
                guard milli[index] >= 0 else { return true }
                at = max(at, allocation.endsBy)
                sum -= seats[index]
                seats[index] = nodes.seats(
                    index, request.resources, milliPerGPU: milli[index], allocations, freedBy: allocation.endsBy)
                sum += seats[index]
                return sum < request.gangSize
            }
        }
        guard sum >= request.gangSize else { return nil }
        var chosen: [Int32] = []
        var rest = request.gangSize
        for index in seats.indices.filter({ seats[$0] > 0 }).sorted(by: { (seats[$1], $0) < (seats[$0], $1) }) {
            chosen.append(Int32(index))
            rest -= seats[index]
            if rest <= 0 { break }
        }
        return Reservation(task: slot, rank: tasks[slot].rank, at: at, nodes: chosen, version: nodes.version)
    }

    /// Whether the reserved nodes still are what they were, as far as that is not the tasks' doing.
    func holds(_ reservation: inout Reservation, index place: Int, now: UInt64) -> Bool {
        guard now < reservation.at else { return false }
        guard reservation.version != nodes.version else { return true }
        reservation.version = nodes.version
        return reservation.nodes.allSatisfy { indexes[place].milliPerGPU(on: Int($0), nodes) != nil }
    }
}
