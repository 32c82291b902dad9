import Grid
import Testing

@testable import Hub

@Suite("Index of a shape")
struct ShapeIndexTests {
    private typealias Scene = RoutingScene

    /// A grid that changes, and what an index of it must know.
    private struct ChangingGrid {
        var nodes = NodeTable()
        var model = CostModel()
        var held: [(index: Int, seat: Seat)] = []

        init(nodes count: Int, _ dice: inout Dice) {
            for number in 0..<count { _ = nodes.upsert(.test(UInt64(number)), Scene.drawnCapacity(&dice)) }
            measure(&dice)
        }

        mutating func measure(_ dice: inout Dice) {
            var workload = Workload()
            for number in UInt64(0)..<200 { _ = workload.note(Scene.drawnRequest(number, &dice).resources) }
            model.measure(by: FragmentationTable(workload, models: nodes.models, mostGPUs: nodes.mostGPUs))
            nodes.value(by: model.table)
            model.price(total: nodes.pricedGPUs.price, gpus: nodes.pricedGPUs.count)
        }

        mutating func change(_ dice: inout Dice) {
            let index = Int.random(in: 0..<nodes.count, using: &dice)
            if Int.random(in: 0..<30, using: &dice) == 0 {
                // Only an empty node may come back, as nobody here takes its tasks' seats again.
                guard !held.contains(where: { $0.index == index }) else { return }
                _ = nodes.upsert(nodes.ids[index], Scene.drawnCapacity(&dice))
                // It may be of a model or a size that the present table does not know.
                measure(&dice)
            } else if held.count > 2 * nodes.count, Bool.random(using: &dice) {
                let (place, seat) = held.remove(at: .random(in: held.indices, using: &dice))
                nodes.giveBack(seat, on: place)
                nodes.value(place, by: model.table)
            } else {
                let node = nodes.nodes[index]
                let milli = [UInt16(200), 500, 1000].randomElement(using: &dice)!
                let free = (0..<Int(node.gpuCount)).filter { nodes.idle[Int(node.gpuOffset) + $0] >= milli }
                guard let gpu = free.randomElement(using: &dice) else { return }
                let seat = Seat(cpuMilli: 1000, memoryMebibytes: 1, gpus: 1 << UInt64(gpu), milliPerGPU: Int16(milli))
                nodes.take(seat, on: index)
                nodes.value(index, by: model.table)
                held.append((index, seat))
            }
        }

        /// The cheapest of all nodes that fit, valued one by one by an index that has seen nothing before.
        func cheapest(_ request: PlacementRequest, without: Set<Int> = []) -> (node: Int?, fitting: Set<Int>) {
            var fresh = ShapeIndex(Shape(request))
            var news: [ShapeIndex.News] = []
            fresh.catchUp(nodes, model, &news)
            let fitting = (0..<nodes.count).filter { index in
                guard let milli = fresh.milliPerGPU(on: index, nodes) else { return false }
                return Fit(fresh.member, index, milliPerGPU: milli, nodes, model.table) != nil
            }
            let totals = fitting.map { (cost: fresh.terms($0, nodes, model).total, index: $0) }
            let best = totals.filter { !without.contains($0.index) }
                .min { ($0.cost, nodes.order[$0.index]) < ($1.cost, nodes.order[$1.index]) }
            return (best?.index, Set(fitting))
        }
    }

    @Test("However nodes change, the answer is the one of a look at all", arguments: 1...12)
    func exact(seed: UInt64) {
        var dice = Dice(seed)
        var grid = ChangingGrid(nodes: [1, 40, 64, 65, 200, 330].randomElement(using: &dice)!, &dice)
        let request = Scene.drawnRequest(seed, &dice)
        var index = ShapeIndex(Shape(request))
        var news: [ShapeIndex.News] = []
        for _ in 0..<150 {
            // Now a few changes, now more than there are nodes.
            let many = Int.random(in: 0..<12, using: &dice) == 0
            for _ in 0..<Int.random(in: 0...(many ? 2 * grid.nodes.count : 12), using: &dice) { grid.change(&dice) }
            if Int.random(in: 0..<20, using: &dice) == 0 { grid.measure(&dice) }
            index.catchUp(grid.nodes, grid.model, &news)
            let (expected, fitting) = grid.cheapest(request)
            #expect(index.cheapest(grid.nodes) == expected)
            #expect((0..<grid.nodes.count).allSatisfy { index.fits($0) == fitting.contains($0) })
            guard let expected else { continue }
            #expect(index.cheapest(besides: expected, grid.nodes) == grid.cheapest(request, without: [expected]).node)
            #expect(index.cheapest(grid.nodes) == expected, "the question leaves nothing behind")
            let masked = Set((0..<3).map { _ in Int.random(in: 0..<grid.nodes.count, using: &dice) } + [expected])
            index.mask(masked.sorted().map { Int32($0) }, grid.nodes)
            #expect(index.cheapest(grid.nodes) == grid.cheapest(request, without: masked).node)
            #expect(masked.allSatisfy { !index.fits($0) })
            index.unmask(masked.sorted().map { Int32($0) }, grid.nodes, grid.model)
            #expect(index.cheapest(grid.nodes) == expected)
        }
    }

    /// By which no place is worth more than another.
    private static func model(_ nodes: NodeTable) -> CostModel {
        var model = CostModel()
        model.measure(by: FragmentationTable(Workload(), models: nodes.models, mostGPUs: nodes.mostGPUs))
        return model
    }

    @Test("Whole GPUs are the first idle ones; a share goes to a split GPU before a whole one")
    func seats() {
        var nodes = NodeTable()
        _ = nodes.upsert(.test(1), Scene.capacity(gpus: 4))
        nodes.take(Seat(cpuMilli: 0, memoryMebibytes: 0, gpus: 0b0101, milliPerGPU: 400), on: 0)
        let model = Self.model(nodes)
        var news: [ShapeIndex.News] = []
        var whole = ShapeIndex(Shape(Scene.request(1, .whole(2))))
        whole.catchUp(nodes, model, &news)
        #expect(whole.seat(on: 0, nodes, model).gpus == 0b1010)
        var share = ShapeIndex(Shape(Scene.request(2, .share(milli: 600))))
        share.catchUp(nodes, model, &news)
        #expect(share.seat(on: 0, nodes, model).gpus == 0b0001)
        var larger = ShapeIndex(Shape(Scene.request(3, .share(milli: 601))))
        larger.catchUp(nodes, model, &news)
        #expect(larger.seat(on: 0, nodes, model).gpus == 0b0010)
        #expect(larger.seat(on: 0, nodes, model).milliPerGPU == 601)
    }

    @Test("Of equal nodes the one with fewest GPUs wins, then the one admitted first")
    func ties() {
        var nodes = NodeTable()
        for number in UInt64(0)..<200 {
            _ = nodes.upsert(.test(number), Scene.capacity(gpus: number == 130 || number == 170 ? 2 : 4))
        }
        let model = Self.model(nodes)
        var news: [ShapeIndex.News] = []
        var index = ShapeIndex(Shape(Scene.request(1, .whole(1))))
        index.catchUp(nodes, model, &news)
        #expect(index.cheapest(nodes) == 130)
        #expect(index.cheapest(besides: 130, nodes) == 170)
        index.mask([130, 170], nodes)
        #expect(index.cheapest(nodes) == 0 && index.cheapest(besides: 0, nodes) == 1)
    }
}
