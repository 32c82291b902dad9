import Grid
import Testing

@testable import Hub

@Suite("Fragmentation and workload")
struct FragmentationTableTests {
    @Test("The tables' look-ups are the sum over all shapes", arguments: 1...10)
    func sums(seed: UInt64) {
        var dice = Dice(seed)
        var workload = Workload()
        for number in 0..<200 { _ = workload.note(RoutingScene.drawnRequest(UInt64(number), &dice).resources) }
        let table = FragmentationTable(workload, models: RoutingScene.models, mostGPUs: 8)
        var plain = PlainRouter()
        plain.shapes = Array(zip(workload.entries.map(\.shape), workload.weights))
        for _ in 0..<200 {
            let model = Int.random(in: 0..<3, using: &dice)
            let capacity = RoutingScene.capacity(gpus: 8, model: RoutingScene.models[model])
            var node = PlainRouter.Node(
                id: .test(1), capacity: capacity, idle: [], cpu: .random(in: -2...14, using: &dice) * 999, memory: 0)
            node.idle = (0..<8).map { _ in Bool.random(using: &dice) ? 1000 : .random(in: 0...1000, using: &dice) }
            let row = table.row(model: Int32(model), cpuRank: table.cpuRank(Int32(node.cpu)))
            let shares = node.idle.reduce(0) { $0 + table.shareWorth(row: row, idle: UInt16($1)) }
            let whole = table.idleWorth(row: row, count: node.idle.count { $0 == 1000 })
            #expect(shares + whole == plain.usable(node))
        }
    }

    @Test("Weights sum to the share of tasks with a GPU, and fall with demand")
    func weights() {
        var workload = Workload()
        for gpu in [GPUDemand.none, .whole(1), .whole(4), .share(milli: 500)] {
            for _ in 0..<10 { _ = workload.note(ResourceRequest(gpu: gpu)) }
        }
        let weights = workload.weights
        #expect(weights[0] == 0)
        // Half as much weighs twice. Each is rounded down twice, and the first time before it grows by less than 1.5.
        #expect((0...3).contains(weights[3] - 2 * weights[1]), "\(weights)")
        #expect((0...8).contains(weights[1] - 4 * weights[2]), "\(weights)")
        #expect((49_000...49_152).contains(weights.reduce(0, +)))
    }

    @Test("The count is bounded and forgets")
    func decay() {
        var workload = Workload()
        var news = 0
        for number in 0..<(3 * Workload.horizon) {
            // A few common shapes and an endless row of new ones.
            let cpu = number % 32 == 31 ? number : 2 * (number % 5)
            if workload.note(ResourceRequest(gpu: .whole(1), cpuMilli: cpu)) { news += 1 }
        }
        #expect(workload.entries.count <= Limits.workloadShapes && workload.total < Workload.horizon)
        #expect(workload.total == workload.entries.reduce(0) { $0 + $1.count })
        #expect(workload.entries.count { $0.shape.cpuMilli < 10 && $0.count > 1000 } == 5)
        #expect((5...50).contains(news))
    }

    @Test("Without a workload nothing is worth anything, and every place is as good")
    func empty() {
        let table = FragmentationTable()
        #expect(table.shareWorth(row: table.row(model: 0, cpuRank: table.cpuRank(5)), idle: 1000) == 0)
    }
}
