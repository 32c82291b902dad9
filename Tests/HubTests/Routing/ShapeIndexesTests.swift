import Grid
import Testing

@testable import Hub

@Suite("Indexes of shapes")
struct ShapeIndexesTests {
    private typealias Scene = RoutingScene

    @Test("Every task gets the index of its shape, however many shapes there are", arguments: 1...4)
    func bounded(seed: UInt64) {
        var dice = Dice(seed)
        var nodes = NodeTable()
        _ = nodes.upsert(.test(1), Scene.capacity(gpus: 8))
        var indexes = ShapeIndexes()
        var tasks = RoutedTasks()
        let slots = (0..<3 * Limits.shapeIndexes).map { number in
            tasks.insert(Scene.request(UInt64(number), .none, cpuMilli: number), user: 0, now: 0)
        }
        for _ in 0..<4000 {
            // Some shapes are asked for again and again, so hints are good at times and stale at others.
            let most = Bool.random(using: &dice) ? 40 : slots.count
            let slot = slots[.random(in: 0..<most, using: &dice)]
            let place = indexes.ready(for: slot, &tasks, nodes, CostModel())
            #expect(indexes[place].shape == Shape(tasks[slot].request))
            #expect(indexes[place].cheapest(nodes) == 0)
        }
        #expect(indexes.entries.count == Limits.shapeIndexes)
    }

    @Test("The one that was not asked for longest gives way, and tasks alike share one")
    func leastRecent() {
        let nodes = NodeTable()
        var indexes = ShapeIndexes()
        var tasks = RoutedTasks()
        let slots = (0...Limits.shapeIndexes).map { number in
            tasks.insert(Scene.request(UInt64(number), .none, cpuMilli: number), user: 0, now: 0)
        }
        let alike = tasks.insert(Scene.request(9999, .none, cpuMilli: 0), user: 1, now: 5)
        for slot in slots.dropLast() { _ = indexes.ready(for: slot, &tasks, nodes, CostModel()) }
        let first = indexes.ready(for: slots[0], &tasks, nodes, CostModel())
        #expect(indexes.ready(for: alike, &tasks, nodes, CostModel()) == first)
        let second = tasks[slots[1]].hint.place
        #expect(indexes.ready(for: slots.last!, &tasks, nodes, CostModel()) == Int(second))
        #expect(indexes.ready(for: slots[0], &tasks, nodes, CostModel()) == first)
        #expect(indexes.ready(for: slots[1], &tasks, nodes, CostModel()) != Int(second))
    }
}
