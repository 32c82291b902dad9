internal import Grid
internal import Hub

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a seed gives the same replay everywhere.
struct Draw: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which is positive.
    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
}

/// The protocol of the published results: tasks of the list, and tasks drawn from it again until they ask for 130 %
/// of all GPUs, arrive in a random order; none leaves, one that finds no place is dropped.
struct TraceReplay {
    /// What came of one seed. Shares are of all GPUs of the nodes.
    struct Outcome: Equatable {
        var seed: UInt64
        /// Thousandths of GPUs.
        var allocatedMilli: Int64 = 0
        /// When arrivals had asked for as much as there is.
        var allocatedMilliAtCapacity: Int64 = 0
        var capacityMilli: Int64 = 0
        var arrivals = 0
        var dropped = 0
        /// A digest of every placement, to compare processes and machines by.
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325

        /// In thousandths of a percent, rounded down.
        var milliPercent: Int64 { capacityMilli > 0 ? allocatedMilli * 100_000 / capacityMilli : 0 }
        var milliPercentAtCapacity: Int64 {
            capacityMilli > 0 ? allocatedMilliAtCapacity * 100_000 / capacityMilli : 0
        }
    }

    var nodes: [TraceFile.Node]
    var tasks: [ResourceRequest]
    /// Whether the router has seen the list before, as FGD's published runs have; else it learns from arrivals alone.
    var knowsWorkload = true

    private static let hour: Int64 = 3600

    func run(seed: UInt64) -> Outcome {
        var draw = Draw(seed)
        var outcome = Outcome(seed: seed)
        var router = Router()
        for (number, node) in nodes.enumerated() {
            router.upsert(NodeID(UUID128(high: 1, low: UInt64(number))), node.capacity)
            outcome.capacityMilli += Int64(node.capacity.gpuCount) * 1000
        }
        if knowsWorkload {
            for task in tasks { router.observe(task) }
            router.measureFragmentation()
        }
        var placements: [Placement] = []
        var askedMilli: Int64 = 0
        var isPastCapacity = false
        for (number, resources) in arrivals(capacityMilli: outcome.capacityMilli, &draw).enumerated() {
            let id = TaskID(UUID128(high: 2, low: UInt64(number)))
            let request = PlacementRequest(
                task: id, user: UserID("trace"), resources: resources, predictedSeconds: Self.hour,
                limitSeconds: Self.hour)
            placements.removeAll(keepingCapacity: true)
            guard router.enqueue(request, now: 0) else { preconditionFailure("the trace's tasks are valid") }
            router.place(now: 0, into: &placements)
            if placements.isEmpty {
                router.cancel(id, now: 0)
                outcome.dropped += 1
            }
            for placement in placements { outcome.digest = Self.digest(outcome.digest, placement) }
            outcome.arrivals += 1
            askedMilli += Int64(resources.gpu.milli)
            if !isPastCapacity, askedMilli >= outcome.capacityMilli {
                isPastCapacity = true
                outcome.allocatedMilliAtCapacity = router.heldGPUMilli
            }
        }
        outcome.allocatedMilli = router.heldGPUMilli
        return outcome
    }

    /// The list, tasks drawn from it again, all in random order; a longer list is cut where it asks for 130 %.
    func arrivals(capacityMilli: Int64, _ draw: inout Draw) -> [ResourceRequest] {
        let wanted = capacityMilli * 13 / 10
        var arrivals = tasks
        var asked = tasks.reduce(0) { $0 + Int64($1.gpu.milli) }
        guard asked > 0 else { return arrivals }
        while asked < wanted {
            let task = tasks[draw.below(tasks.count)]
            arrivals.append(task)
            asked += Int64(task.gpu.milli)
        }
        for index in stride(from: arrivals.count - 1, to: 0, by: -1) {
            arrivals.swapAt(index, draw.below(index + 1))
        }
        while let last = arrivals.last, asked - Int64(last.gpu.milli) >= wanted {
            asked -= Int64(last.gpu.milli)
            arrivals.removeLast()
        }
        return arrivals
    }

    /// FNV-1a over what a placement decided and why.
    private static func digest(_ digest: UInt64, _ placement: Placement) -> UInt64 {
        var result = digest
        let terms = placement.explanation.winner
        for word in [
            placement.task.uuid.low, placement.node.uuid.low, placement.gpus, UInt64(placement.milliPerGPU),
            UInt64(bitPattern: terms.total), placement.explanation.runnerUp?.uuid.low ?? .max,
            UInt64(bitPattern: placement.explanation.difference ?? -1),
        ] {
            result = (result ^ word) &* 0x0000_0100_0000_01B3
        }
        return result
    }
}
