internal import Grid

/// What a node offers to tasks, what it is called for that, and how the router learns of it.
extension Hub {
    /// Health is told to the router in steps of so many points: what moves within one is noise to placement.
    private static let healthStep = 5

    /// What a node does for the grid at present (EVENTS 11).
    func standing(_ index: Int) -> NodeStatus {
        switch nodes.states[index].presence {
        case .unseen, .silent, .stopped: return .offline
        case .awaited, .present: break
        }
        let node = nodes.records[index].id
        if nodes.records[index].isDraining || !mayGetTasks(node) { return .draining }
        return router.isFull(node) ? .busy : .online
    }

    /// Tells of the node's status if it is another one by now, and the market of what it offers.
    mutating func refreshStatus(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        setStatus(index, standing(index), now, &effects)
        refreshListing(index, now, &effects)
    }

    /// The one place where the market is told: whatever makes a node available or takes it comes by here.
    private mutating func refreshListing(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        guard nodes.records[index].registeredAt != nil else { return }
        let node = nodes.records[index].id
        let listing = NodeListing(
            isAvailable: nodes.states[index].status == .online, isRented: router.isFull(node))
        guard nodes.states[index].listing != listing else { return }
        nodes.states[index].listing = listing
        let event = NodeListed(
            node: node, listing: listing, pricePerHourMicros: nodes.records[index].pricePerHourMicros,
            updatedAt: now.wall)
        rooms.announce(.nodeListed(event), nodes.states[index].facts, now, &effects)
    }

    /// The task that the node has had for longest.
    func currentTask(_ index: Int) -> TaskID? { nodes.states[index].runs.first.map { tasks[$0.slot].record.id } }

    /// Tells the router what the node offers now, if that is anything else than before, and everybody its status.
    mutating func refreshCapacity(of index: Int, _ now: Now, _ effects: inout [Effect]) {
        offerCapacity(of: index)
        refreshStatus(index, now, &effects)
    }

    /// Tells the router what the node offers now, if that is anything else than before.
    mutating func offerCapacity(of index: Int) {
        guard nodes.records[index].registeredAt != nil else { return }
        let (capacity, gpus) = capacity(of: index)
        nodes.states[index].rentedGPUs = gpus
        nodes.states[index].offeredScore = capacity.healthScore.map { Int8($0) }
        nodes.states[index].wasGated = HealthScore.isGated(nodes.states[index].signals)
        guard nodes.states[index].offer != capacity else { return }
        nodes.states[index].offer = capacity
        router.upsert(nodes.records[index].id, capacity)
        isPlacementOwed = true
    }

    /// After a sample: cheap where nothing that matters has changed.
    mutating func offerHealth(of index: Int) {
        if nodes.states[index].offeredScore == offeredHealth(index).map({ Int8($0) }),
            nodes.states[index].wasGated == HealthScore.isGated(nodes.states[index].signals)
        {
            return
        }
        offerCapacity(of: index)
    }

    private func offeredHealth(_ index: Int) -> Int? {
        guard nodes.states[index].presence == .present, let score = nodes.states[index].score.score else { return nil }
        return score / Self.healthStep * Self.healthStep
    }

    /// Whether new tasks may come: the agent is there and has told what it runs, nothing is wrong with the machine that
    /// keeps tasks away, and nobody said that none shall come.
    private func isOpen(_ index: Int) -> Bool {
        let state = nodes.states[index]
        return state.presence == .present && state.session != nil
            && (state.hasToldRuns || PlantedBug.isActive(.nodeOpenBeforeItsRuns))
            && !state.closing.contains { $0.stand == nil } && !HealthScore.isGated(state.signals)
            && !nodes.records[index].isDraining && mayGetTasks(nodes.records[index].id)
    }

    /// What the record says of the machine, and the GPUs that are rented: those of its most frequent model.
    private func capacity(of index: Int) -> (capacity: NodeCapacity, gpus: [UInt8]) {
        let record = nodes.records[index]
        let specifications = record.specifications ?? NodeSpecifications()
        let gpus = Self.rentedGPUs(specifications.gpus)
        var capacity = NodeCapacity(
            model: gpus.first?.name ?? "", gpuCount: gpus.count,
            cpuMilli: min(specifications.cpuCores ?? 0, Limits.coresPerNode) * 1000,
            memoryMebibytes: Int(clamping: (specifications.memoryTotalBytes ?? 0) >> 20))
        capacity.vramMebibytes = Int(clamping: (gpus.lazy.map { $0.memoryTotalBytes ?? 0 }.min() ?? 0) >> 20)
        capacity.region = record.location.region
        capacity.runners = Set(specifications.runners)
        capacity.pricePerGPUHourMicros = record.pricePerHourMicros ?? 0
        capacity.healthScore = offeredHealth(index)
        capacity.isOpen = isOpen(index)
        return (capacity.clamped, gpus.map { UInt8($0.index) })
    }

    private static func rentedGPUs(_ all: [GPUDescription]) -> [GPUDescription] {
        let range = 0..<Limits.gpusPerNode
        let gpus = all.filter { range.contains($0.index) }.sorted { $0.index < $1.index }
        var counts: [String: Int] = [:]
        for gpu in gpus { counts[gpu.name, default: 0] += 1 }
        // Of equally frequent ones the model of the first card.
        guard let most = counts.values.max(), let model = gpus.first(where: { counts[$0.name] == most })?.name else {
            return []
        }
        return gpus.filter { $0.name == model }
    }

    // MARK: The router's GPUs and the machine's

    /// GPUs as the agent knows them, from the router's bits.
    func machineGPUs(_ bits: UInt64, on index: Int) -> UInt64 {
        var result: UInt64 = 0
        for (place, gpu) in nodes.states[index].rentedGPUs.enumerated() where bits >> UInt64(place) & 1 == 1 {
            result |= 1 << UInt64(gpu)
        }
        return result
    }

    /// The router's bits, from GPUs as the agent knows them; those that are no longer there are left out.
    func routedGPUs(_ bits: UInt64, on index: Int) -> UInt64 {
        var result: UInt64 = 0
        for (place, gpu) in nodes.states[index].rentedGPUs.enumerated() where bits >> UInt64(gpu) & 1 == 1 {
            result |= 1 << UInt64(place)
        }
        return result
    }
}
