import Grid
import Testing

@testable import Hub

/// What must hold whatever the tasks and nodes are.
@Suite("Router, properties")
struct RouterPropertyTests {
    /// A router and a plain one beside it that are told the same.
    private struct Pair {
        var router = Router()
        var plain = PlainRouter()
        var held: [TaskID: [(node: Int, gpus: UInt64, milli: Int, resources: ResourceRequest)]] = [:]
        var order: [TaskID] = []
        var placed = 0
        var refused = 0
        var placedGangs = 0
        var refusedGangs = 0
        private var generation: UInt64 = 0

        init(nodes: Int, _ dice: inout Dice) {
            for number in 0..<nodes {
                let capacity = RoutingScene.drawnCapacity(&dice)
                router.upsert(.test(UInt64(number)), capacity)
                plain.add(.test(UInt64(number)), capacity)
            }
            for number in 0..<300 { router.observe(RoutingScene.drawnRequest(UInt64(number), &dice).resources) }
            router.measureFragmentation()
            learn()
        }

        mutating func learn() {
            guard generation != router.model.generation else { return }
            generation = router.model.generation
            plain.shapes = Array(zip(router.workload.entries.map(\.shape), router.workload.weights))
        }

        /// Places one task in both; true if they agree in every bit.
        mutating func agree(on request: PlacementRequest) -> Bool {
            guard router.enqueue(request, now: 0) else { return false }
            learn()
            var placements: [Placement] = []
            router.place(now: 0, into: &placements)
            guard let choices = plain.place(request) else {
                router.cancel(request.task, now: 0)
                refused += 1
                refusedGangs += request.gangSize > 1 ? 1 : 0
                return placements.isEmpty
            }
            held[request.task] = choices.map { ($0.winner.node, $0.winner.gpus, $0.winner.milli, request.resources) }
            order.append(request.task)
            placed += 1
            placedGangs += request.gangSize > 1 ? 1 : 0
            return placements
                == choices.enumerated().map { member, choice in
                    Placement(
                        task: request.task, member: member, node: plain.nodes[choice.winner.node].id,
                        gpus: choice.winner.gpus, milliPerGPU: choice.winner.milli,
                        explanation: PlacementExplanation(
                            winner: choice.winner.terms,
                            runnerUp: choice.runnerUp.map { plain.nodes[$0.node].id },
                            runnerUpTerms: choice.runnerUp?.terms, isBackfill: false))
                }
        }

        mutating func release(_ dice: inout Dice) {
            guard !order.isEmpty else { return }
            let task = order.remove(at: .random(in: order.indices, using: &dice))
            router.release(task, now: 0)
            for member in held.removeValue(forKey: task)! {
                plain.nodes[member.node].cpu += member.resources.cpuMilli
                plain.nodes[member.node].memory += member.resources.memoryMebibytes
                for gpu in plain.nodes[member.node].idle.indices where member.gpus >> UInt64(gpu) & 1 == 1 {
                    plain.nodes[member.node].idle[gpu] += member.milli
                }
            }
        }

        mutating func change(_ dice: inout Dice) {
            let index = Int.random(in: plain.nodes.indices, using: &dice)
            plain.nodes[index].capacity.healthScore = .random(in: 0...100, using: &dice)
            plain.nodes[index].capacity.isOpen = Int.random(in: 0..<4, using: &dice) > 0
            router.upsert(plain.nodes[index].id, plain.nodes[index].capacity)
        }
    }

    @Test("Every decision is that of a look at all nodes by the plain rules", arguments: 1...12)
    func bruteForce(seed: UInt64) {
        var dice = Dice(seed)
        var pair = Pair(nodes: .random(in: 5...70, using: &dice), &dice)
        for number in UInt64(0)..<250 {
            var request = RoutingScene.drawnRequest(number, &dice)
            if number % 7 == 0 { request.excludedNodes = [.test(.random(in: 0..<100, using: &dice))] }
            guard pair.agree(on: request) else {
                Issue.record("seed \(seed), task \(number): \(request)")
                return
            }
            switch Int.random(in: 0..<8, using: &dice) {
            case 0...2: pair.release(&dice)
            case 3: pair.change(&dice)
            default: break
            }
        }
        #expect(pair.router.nodes.nodes.map { Int($0.cpuFreeMilli) } == pair.plain.nodes.map(\.cpu))
        #expect(pair.router.nodes.nodes.map { Int($0.memoryFreeMebibytes) } == pair.plain.nodes.map(\.memory))
        // The history was one of both answers, for gangs too.
        #expect(pair.placed > 100 && pair.refused > 30, "\(pair.placed) placed, \(pair.refused) refused")
        #expect(pair.placedGangs > 5 && pair.refusedGangs > 5, "\(pair.placedGangs), \(pair.refusedGangs) gangs")
    }

    @Test("Gangs start whole or not at all, and nothing is held twice or lost", arguments: 1...8)
    func conservation(seed: UInt64) {
        var dice = Dice(seed)
        var router = Router()
        for number in 0..<40 { router.upsert(.test(UInt64(number)), RoutingScene.drawnCapacity(&dice)) }
        let fresh = router.nodes
        var running: [TaskID: Int] = [:]
        var gangs: [TaskID: Int] = [:]
        var now: UInt64 = 0
        for number in UInt64(0)..<600 {
            now += .random(in: 0...60, using: &dice) * RoutingScene.second
            let request = RoutingScene.drawnRequest(number, &dice)
            #expect(router.enqueue(request, now: now) == true)
            gangs[request.task] = request.gangSize
            var placements: [Placement] = []
            router.place(now: now, into: &placements)
            for placement in placements { running[placement.task, default: 0] += 1 }
            for (task, members) in running { #expect(members == gangs[task]) }
            #expect(router.nodes.nodes.allSatisfy { $0.cpuFreeMilli >= 0 && $0.memoryFreeMebibytes >= 0 })
            #expect(router.placedMemberCount == running.values.reduce(0, +))
            guard let task = running.keys.min(), Int.random(in: 0..<2, using: &dice) == 0 else { continue }
            running[task] = nil
            if Bool.random(using: &dice) {
                router.release(task, now: now)
            } else if router.retry(task, failedOn: nil, seed: dice.next(), now: now) == .exhausted {
                gangs[task] = nil
            }
        }
        for task in running.keys { router.release(task, now: now) }
        #expect(router.heldGPUMilli == 0 && router.placedMemberCount == 0)
        #expect(router.nodes.idle == fresh.idle)
        #expect(router.nodes.nodes.map(\.cpuFreeMilli) == fresh.nodes.map(\.cpuFreeMilli))
        #expect(router.nodes.nodes.map(\.idleGPUs) == fresh.nodes.map(\.idleGPUs))
    }

    /// Hash seeds differ from process to process, so a figure that is written down is one for all processes.
    @Test("The same history gives the same decisions in every process")
    func determinism() {
        var digest: UInt64 = 0
        var dice = Dice(77)
        var router = Router()
        for number in 0..<60 { router.upsert(.test(UInt64(number)), RoutingScene.drawnCapacity(&dice)) }
        var running: [TaskID] = []
        for number in UInt64(0)..<800 {
            let now = number * 10 * RoutingScene.second
            _ = router.enqueue(RoutingScene.drawnRequest(number, &dice), now: now)
            var placements: [Placement] = []
            router.place(now: now, into: &placements)
            for placement in placements {
                if placement.member == 0 { running.append(placement.task) }
                for word in [
                    placement.task.uuid.low, placement.node.uuid.low, placement.gpus,
                    UInt64(bitPattern: placement.explanation.winner.total),
                    UInt64(bitPattern: placement.explanation.difference ?? -1),
                ] {
                    digest = (digest ^ word) &* 0x0000_0100_0000_01B3
                }
            }
            guard !running.isEmpty, number % 3 != 0 else { continue }
            let task = running.remove(at: .random(in: running.indices, using: &dice))
            if number % 5 == 0 {
                _ = router.retry(task, failedOn: .test(number % 60), seed: number, now: now)
            } else {
                router.release(task, now: now)
            }
        }
        #expect(digest == 6_761_396_656_591_876_714)
    }
}
