import Grid

@testable import Hub

extension TaskID {
    static func test(_ number: UInt64) -> TaskID { TaskID(UUID128(high: 9, low: number)) }
}

/// Nodes and tasks for the router's tests, drawn from seeds.
enum RoutingScene {
    static let second: UInt64 = 1_000_000_000
    static let models = ["A10", "H100", "T4"]

    static func request(
        _ number: UInt64, _ gpu: GPUDemand, cpuMilli: Int = 1000, user: String = "anna", seconds: Int64 = 3600
    ) -> PlacementRequest {
        let resources = ResourceRequest(gpu: gpu, cpuMilli: cpuMilli, memoryMebibytes: 1024)
        return PlacementRequest(
            task: .test(number), user: UserID(user), resources: resources, predictedSeconds: seconds,
            limitSeconds: seconds)
    }

    static func capacity(gpus: Int, model: String = "H100", cpuMilli: Int = 64_000) -> NodeCapacity {
        var capacity = NodeCapacity(model: model, gpuCount: gpus, cpuMilli: cpuMilli, memoryMebibytes: 262_144)
        capacity.vramMebibytes = 81_920
        capacity.region = "east"
        capacity.runners = ["docker"]
        capacity.pricePerGPUHourMicros = 1_000_000
        capacity.healthScore = 100
        return capacity
    }

    static func drawnCapacity(_ dice: inout Dice) -> NodeCapacity {
        var capacity = capacity(
            gpus: [0, 1, 2, 4, 8].randomElement(using: &dice)!, model: models.randomElement(using: &dice)!,
            cpuMilli: .random(in: 4...64, using: &dice) * 1000)
        capacity.vramMebibytes = [16_384, 40_960, 81_920].randomElement(using: &dice)!
        capacity.region = Bool.random(using: &dice) ? "east" : "west"
        capacity.pricePerGPUHourMicros = Int64.random(in: 0...5, using: &dice) * 250_000
        capacity.healthScore = Int.random(in: 0...3, using: &dice) == 0 ? nil : .random(in: 40...100, using: &dice)
        return capacity
    }

    static func drawnRequest(_ number: UInt64, _ dice: inout Dice) -> PlacementRequest {
        let demands: [GPUDemand] = [
            .none, .share(milli: 100), .share(milli: 330), .share(milli: 470), .share(milli: 810), .whole(1), .whole(1),
            .whole(2), .whole(8),
        ]
        var request = request(
            number, demands.randomElement(using: &dice)!, cpuMilli: .random(in: 0...12, using: &dice) * 1000,
            user: "user \(Int.random(in: 0..<4, using: &dice))", seconds: .random(in: 60...100_000, using: &dice))
        if Int.random(in: 0..<3, using: &dice) == 0 { request.resources.models = [models.randomElement(using: &dice)!] }
        if Int.random(in: 0..<4, using: &dice) == 0 {
            request.resources.vramMebibytes = .random(in: 1...81_920, using: &dice)
        }
        if Int.random(in: 0..<6, using: &dice) == 0 { request.resources.region = "west" }
        if Int.random(in: 0..<6, using: &dice) == 0 { request.resources.priceCapMicros = 500_000 }
        if Int.random(in: 0..<8, using: &dice) == 0 { request.gangSize = .random(in: 2...5, using: &dice) }
        request.priority = .random(in: 0...10, using: &dice)
        return request
    }
}

/// The router's rules as they are told, without anything that makes them fast: every node is looked at, and the
/// worth of idle GPUs is summed shape by shape.
struct PlainRouter {
    struct Node {
        var id: NodeID
        var capacity: NodeCapacity
        var idle: [Int]
        var cpu: Int
        var memory: Int
    }

    struct Choice: Equatable {
        var node: Int
        var gpus: UInt64
        var milli: Int
        var terms: CostTerms
    }

    var nodes: [Node] = []
    var shapes: [(shape: Workload.Shape, weight: Int64)] = []
    var meanPrice: Int64 = 0

    mutating func add(_ id: NodeID, _ capacity: NodeCapacity) {
        nodes.append(
            Node(
                id: id, capacity: capacity, idle: Array(repeating: 1000, count: capacity.gpuCount),
                cpu: capacity.cpuMilli, memory: capacity.memoryMebibytes))
        let gpus = nodes.reduce(0) { $0 + Int64($1.capacity.gpuCount) }
        let price = nodes.reduce(0) { $0 + Int64($1.capacity.gpuCount) * $1.capacity.pricePerGPUHourMicros }
        meanPrice = max(gpus > 0 ? price / gpus : 0, CostModel.leastMeanPrice)
    }

    func usable(_ node: Node) -> Int64 {
        shapes.reduce(0) { sum, entry in
            let (shape, weight) = entry
            guard shape.models.isEmpty || shape.models.contains(node.capacity.model), shape.cpuMilli <= node.cpu else {
                return sum
            }
            let fitting: Int
            switch shape.gpu {
            case .none: fitting = 0
            case .share(let milli): fitting = node.idle.filter { $0 >= milli }.reduce(0, +)
            case .whole(let count):
                let whole = node.idle.count { $0 == 1000 }
                fitting = whole >= count ? whole * 1000 : 0
            }
            return sum + weight * Int64(fitting)
        }
    }

    func with(_ node: Node, _ resources: ResourceRequest, gpus: UInt64, milli: Int) -> Node {
        var node = node
        node.cpu -= resources.cpuMilli
        node.memory -= resources.memoryMebibytes
        for gpu in node.idle.indices where gpus >> UInt64(gpu) & 1 == 1 { node.idle[gpu] -= milli }
        return node
    }

    /// The seats of a node, each as the GPUs taken.
    private func seats(_ node: Node, _ resources: ResourceRequest, milli: Int) -> [UInt64] {
        switch resources.gpu {
        case .none: return [0]
        case .share: return node.idle.indices.filter { node.idle[$0] >= milli }.map { 1 << UInt64($0) }
        case .whole(let count):
            let whole = node.idle.indices.filter { node.idle[$0] == 1000 }.prefix(count)
            return whole.count == count ? [whole.reduce(0) { $0 | 1 << UInt64($1) }] : []
        }
    }

    /// Seats all members, each where it is cheapest once those before it sit; or none, and nothing is taken.
    mutating func place(_ request: PlacementRequest) -> [(winner: Choice, runnerUp: Choice?)]? {
        let former = nodes
        var choices: [(winner: Choice, runnerUp: Choice?)] = []
        for _ in 0..<request.gangSize {
            guard let winner = best(request) else {
                nodes = former
                return nil
            }
            choices.append((winner, best(request, besides: winner.node)))
            nodes[winner.node] = with(
                nodes[winner.node], request.resources, gpus: winner.gpus, milli: winner.milli)
        }
        return choices
    }

    func best(_ request: PlacementRequest, besides other: Int? = nil) -> Choice? {
        let resources = request.resources
        let shape = Shape(request)
        var best: Choice?
        for (index, node) in nodes.enumerated() where index != other && !request.excludedNodes.contains(node.id) {
            let capacity = node.capacity
            guard capacity.isOpen, node.cpu >= resources.cpuMilli, node.memory >= resources.memoryMebibytes,
                capacity.pricePerGPUHourMicros <= resources.priceCapMicros ?? .max,
                let milli = NodeKind(capacity).milliPerGPU(for: resources)
            else { continue }
            let before = usable(node)
            let options = seats(node, resources, milli: milli).map { gpus -> (gpus: UInt64, worth: Int64, idle: Int) in
                let idle = resources.gpu == .none ? 0 : node.idle[gpus.trailingZeroBitCount]
                return (gpus, usable(with(node, resources, gpus: gpus, milli: milli)), idle)
            }
            // The most that stays usable, then the fullest GPU, then the first.
            guard let seat = options.max(by: { ($0.worth, $1.idle, $1.gpus) < ($1.worth, $0.idle, $0.gpus) }) else {
                continue
            }
            let growth = before - seat.worth - Int64(seat.gpus.nonzeroBitCount * milli) << 16
            let steps = Int64((Double(growth) / Double(100 << 16)).rounded(.down))
            let price = capacity.pricePerGPUHourMicros * shape.paidMilli / 1000
            let factor = CostModel.hazardFactor(
                exposure: CostModel.exposure(shape), hazard: CostModel.hazard(health: capacity.healthScore))
            let terms = CostTerms(
                price: price, hazard: (price * factor) >> 16, fragmentation: steps * (meanPrice / 10))
            let choice = Choice(node: index, gpus: seat.gpus, milli: milli, terms: terms)
            guard let former = best else {
                best = choice
                continue
            }
            let order = (terms.total, capacity.gpuCount, index)
            if order < (former.terms.total, nodes[former.node].capacity.gpuCount, former.node) { best = choice }
        }
        return best
    }
}
