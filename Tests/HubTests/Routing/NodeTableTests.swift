import Grid
import Testing

@testable import Hub

@Suite("Node table")
struct NodeTableTests {
    private typealias Scene = RoutingScene

    private static func table(_ nodes: NodeTable, _ dice: inout Dice) -> FragmentationTable {
        var workload = Workload()
        for number in UInt64(0)..<200 { _ = workload.note(Scene.drawnRequest(number, &dice).resources) }
        return FragmentationTable(workload, models: nodes.models, mostGPUs: nodes.mostGPUs)
    }

    /// What its bits and counts say must be what its idle shares say.
    private func check(_ nodes: NodeTable, _ index: Int, _ table: FragmentationTable) {
        let node = nodes.nodes[index]
        let offset = Int(node.gpuOffset)
        let idle = Array(nodes.idle[offset..<(offset + Int(node.gpuCount))])
        let whole = idle.indices.filter { idle[$0] == 1000 }
        let partial = idle.indices.filter { (1..<1000).contains(idle[$0]) }
        #expect(node.idleMask == whole.reduce(UInt64(0)) { $0 | 1 << UInt64($1) })
        #expect(node.partialMask == partial.reduce(UInt64(0)) { $0 | 1 << UInt64($1) })
        #expect(Int(node.idleGPUs) == whole.count)
        #expect(node.cpuRank == table.cpuRank(node.cpuFreeMilli))
        let row = table.row(model: node.model, cpuRank: node.cpuRank)
        let shares = idle.reduce(0) { $0 + table.shareWorth(row: row, idle: $1) }
        #expect(node.usable == shares + table.idleWorth(row: row, count: whole.count))
    }

    @Test("Takings and givings leave what is free, its bits and its worth true", arguments: 1...10)
    func moves(seed: UInt64) {
        var dice = Dice(seed)
        var nodes = NodeTable()
        for number in UInt64(0)..<12 { _ = nodes.upsert(.test(number), Scene.drawnCapacity(&dice)) }
        let wide = nodes.upsert(.test(12), Scene.capacity(gpus: Limits.gpusPerNode))
        #expect(nodes.nodes[wide].idleMask == .max)
        let table = Self.table(nodes, &dice)
        nodes.value(by: table)
        let fresh = nodes
        var held: [(index: Int, seat: Seat)] = []
        for _ in 0..<400 {
            let changes = nodes.changeCount
            let index: Int
            if held.isEmpty || Bool.random(using: &dice) {
                index = .random(in: 0..<nodes.count, using: &dice)
                let node = nodes.nodes[index]
                let milli = UInt16.random(in: 1...1000, using: &dice)
                let free = (0..<Int(node.gpuCount)).filter { nodes.idle[Int(node.gpuOffset) + $0] >= milli }
                let gpus = free.shuffled(using: &dice).prefix(2).reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
                let seat = Seat(cpuMilli: 700, memoryMebibytes: 5, gpus: gpus, milliPerGPU: Int16(milli))
                nodes.take(seat, on: index)
                held.append((index, seat))
            } else {
                let (place, seat) = held.remove(at: .random(in: held.indices, using: &dice))
                index = place
                nodes.giveBack(seat, on: index)
            }
            #expect(nodes.changeCount == changes + 1 && nodes.lastChange(changes) == index)
            nodes.value(index, by: table)
            check(nodes, index, table)
        }
        for (index, seat) in held {
            nodes.giveBack(seat, on: index)
            nodes.value(index, by: table)
        }
        #expect(nodes.idle == fresh.idle)
        #expect(nodes.nodes.map(\.usable) == fresh.nodes.map(\.usable))
        #expect(nodes.nodes.map(\.idleMask) == fresh.nodes.map(\.idleMask))
        #expect(nodes.nodes.allSatisfy { $0.partialMask == 0 })
    }

    @Test("A node that comes back keeps its index, and the grid's sums follow what is open")
    func upserts() {
        var nodes = NodeTable()
        #expect(nodes.upsert(.test(1), Scene.capacity(gpus: 4)) == 0)
        #expect(nodes.upsert(.test(2), Scene.capacity(gpus: 2, model: "T4")) == 1)
        #expect(nodes.upsert(.test(3), Scene.capacity(gpus: 4)) == 2)
        #expect(nodes.kinds.count == 2 && nodes.models == ["H100", "T4"] && nodes.mostGPUs == 4)
        #expect(nodes.totals.gpuMilli == 10_000)
        #expect(nodes.pricedGPUs.price == 10_000_000 && nodes.pricedGPUs.count == 10)
        // Fewest GPUs first, then as admitted.
        #expect((0..<3).sorted { nodes.order[$0] < nodes.order[$1] } == [1, 0, 2])
        let version = nodes.version
        var closed = Scene.capacity(gpus: 4)
        closed.isOpen = false
        #expect(nodes.upsert(.test(1), closed) == 0)
        #expect(nodes.version == version + 1 && !nodes.nodes[0].isOpen)
        #expect(nodes.totals.gpuMilli == 6000 && nodes.pricedGPUs.count == 10)
        #expect(nodes.upsert(.test(1), Scene.capacity(gpus: 8)) == 0)
        #expect(nodes.totals.gpuMilli == 14_000 && nodes.nodes[0].idleMask == 0xFF && nodes.index(of: .test(1)) == 0)
        #expect(nodes.index(of: .test(9)) == nil)
        #expect(nodes.upsert(.test(1), Scene.capacity(gpus: 1)) == 0)
        #expect(nodes.totals.gpuMilli == 7000 && nodes.nodes[0].idleMask == 1 && nodes.mostGPUs == 8)
    }

    @Test("Of a node's changes only the last is one to look at")
    func changes() {
        var nodes = NodeTable()
        for number in UInt64(0)..<2 { _ = nodes.upsert(.test(number), Scene.capacity(gpus: 1)) }
        let seat = Seat(cpuMilli: 1, memoryMebibytes: 0, gpus: 0, milliPerGPU: 0)
        let first = nodes.changeCount
        for index in [0, 1, 0] { nodes.take(seat, on: index) }
        #expect((first..<first + 3).map { nodes.lastChange($0) } == [nil, 1, 0])
    }

    @Test("The dominant share is the largest, in millionths")
    func dominantShare() {
        let totals = ResourceTotals(gpuMilli: 8000, cpuMilli: 100_000, memoryMebibytes: 0)
        #expect(totals.dominantShare(gpuMilli: 1000, cpuMilli: 10_000, memoryMebibytes: 7) == 125_000)
        #expect(totals.dominantShare(gpuMilli: 0, cpuMilli: 30_000, memoryMebibytes: 7) == 300_000)
        #expect(totals.dominantShare(gpuMilli: 9000, cpuMilli: 0, memoryMebibytes: 0) == 1_000_000)
    }
}
