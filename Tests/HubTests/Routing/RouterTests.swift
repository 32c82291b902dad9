import Grid
import Testing

@testable import Hub

@Suite("Router")
struct RouterTests {
    private typealias Scene = RoutingScene

    /// A router with one node, and what it makes of one task.
    private func place(_ request: PlacementRequest, on capacities: [NodeCapacity]) -> [Placement] {
        var router = Router()
        for (number, capacity) in capacities.enumerated() { router.upsert(.test(UInt64(number)), capacity) }
        #expect(router.enqueue(request, now: 0) == true)
        var placements: [Placement] = []
        router.place(now: 0, into: &placements)
        #expect(placements.isEmpty != router.couldEverFit(request))
        return placements
    }

    private func place(_ router: inout Router, now: UInt64) -> [Placement] {
        var placements: [Placement] = []
        router.place(now: now, into: &placements)
        return placements
    }

    @Test(
        "Each filter is hard",
        arguments: [
            { (request: inout ResourceRequest, _: inout NodeCapacity) in request.models = ["T4"] },
            { request, _ in request.vramMebibytes = 81_921 },
            { request, _ in request.gpu = .whole(3) },
            { request, _ in request.cpuMilli = 64_001 },
            { request, _ in request.memoryMebibytes = 262_145 },
            { request, _ in request.region = "west" },
            { request, _ in request.runner = "command" },
            { request, _ in request.priceCapMicros = 999_999 },
            { _, capacity in capacity.isOpen = false },
        ] as [@Sendable (inout ResourceRequest, inout NodeCapacity) -> Void])
    func filters(_ change: @Sendable (inout ResourceRequest, inout NodeCapacity) -> Void) {
        var request = Scene.request(1, .whole(2))
        request.resources.models = ["H100", "A10"]
        request.resources.vramMebibytes = 81_920
        request.resources.cpuMilli = 64_000
        request.resources.memoryMebibytes = 262_144
        request.resources.region = "east"
        request.resources.runner = "docker"
        request.resources.priceCapMicros = 1_000_000
        var capacity = Scene.capacity(gpus: 2)
        #expect(place(request, on: [capacity]).count == 1, "all of it just fits")
        change(&request.resources, &capacity)
        #expect(place(request, on: [capacity]).isEmpty)
    }

    @Test("The explanation names both nodes and every term")
    func explanation() throws {
        var dear = Scene.capacity(gpus: 2)
        dear.pricePerGPUHourMicros = 1_500_000
        let placement = try #require(place(Scene.request(1, .whole(1)), on: [dear, Scene.capacity(gpus: 2)]).first)
        #expect(placement.node == .test(1) && placement.gpus == 1 && placement.milliPerGPU == 1000)
        let explanation = placement.explanation
        #expect(explanation.runnerUp == .test(0))
        #expect(explanation.winner.price == 1_000_000 && explanation.runnerUpTerms?.price == 1_500_000)
        #expect(explanation.difference ?? 0 >= 500_000)
        #expect(place(Scene.request(1, .whole(1)), on: [dear]).first?.explanation.difference == nil)
    }

    @Test("Health is money: a long gang avoids the node that a short task takes")
    func hazard() {
        var ailing = Scene.capacity(gpus: 8)
        ailing.healthScore = 60
        ailing.pricePerGPUHourMicros = 990_000
        let nodes = [ailing, Scene.capacity(gpus: 8)]
        #expect(place(Scene.request(1, .whole(8), seconds: 600), on: nodes).map(\.node) == [.test(0)])
        #expect(place(Scene.request(1, .whole(8), seconds: 400_000), on: nodes).map(\.node) == [.test(1)])
    }

    @Test("A share gets at least its share of the card's memory")
    func shareOfMemory() {
        var request = Scene.request(1, .share(milli: 100))
        request.resources.vramMebibytes = 40_960
        #expect(place(request, on: [Scene.capacity(gpus: 1)]).map(\.milliPerGPU) == [500])
    }

    @Test("What is out of range or known already is refused")
    func refused() {
        var router = Router()
        for gpu in [GPUDemand.share(milli: 0), .share(milli: 1000), .whole(0), .whole(Limits.gpusPerNode + 1)] {
            #expect(router.enqueue(Scene.request(1, gpu), now: 0) == false)
        }
        var request = Scene.request(1, .none)
        request.priority = 11
        #expect(router.enqueue(request, now: 0) == false)
        request.priority = 10
        #expect(router.enqueue(request, now: 0) == true)
        #expect(router.enqueue(request, now: 0) == false)
        #expect(router.waitingCount == 1)
        #expect(router.cancel(request.task, now: 0) == true)
        #expect(router.cancel(request.task, now: 0) == false)
        #expect(router.release(request.task, now: 0) == false)
        #expect(router.waitingCount == 0)
    }

    @Test("Priority goes first, then who had less, then age")
    func order() {
        var router = Router()
        for (number, user, priority) in [(1, "anna", 5), (2, "anna", 5), (3, "bert", 5), (4, "anna", 6)] {
            var request = Scene.request(UInt64(number), .whole(1), user: user)
            request.priority = priority
            #expect(router.enqueue(request, now: 0) == true)
        }
        router.upsert(.test(1), Scene.capacity(gpus: 8))
        // Task 4 charges anna, so bert is next although he came later; then anna, oldest first.
        #expect(place(&router, now: 0).map(\.task) == [.test(4), .test(3), .test(1), .test(2)])
    }

    @Test("A node has so many members at most, however little they need")
    func memberBound() {
        func request(_ number: UInt64) -> PlacementRequest {
            var request = Scene.request(number, .none, cpuMilli: 0)
            request.resources.memoryMebibytes = 0
            return request
        }
        var router = Router()
        router.upsert(.test(1), Scene.capacity(gpus: 1))
        for number in 0..<UInt64(Limits.runsPerNode + 2) { #expect(router.enqueue(request(number), now: 0) == true) }
        #expect(place(&router, now: 0).count == Limits.runsPerNode)
        router.upsert(.test(1), Scene.capacity(gpus: 2))
        #expect(place(&router, now: 0).isEmpty, "what is there still counts")
        router.release(.test(0), now: 0)
        #expect(place(&router, now: 0).count == 1)
        var gang = request(9999)
        gang.gangSize = Limits.runsPerNode + 1
        #expect(!router.couldEverFit(gang))
        router.upsert(.test(2), Scene.capacity(gpus: 1))
        #expect(router.couldEverFit(gang))
    }

    @Test("A failed task avoids its node, waits below a doubling bound, and is given up in the end")
    func retry() {
        var configuration = RoutingConfiguration()
        configuration.attempts = 4
        var router = Router(configuration: configuration)
        for number in UInt64(0)..<4 { router.upsert(.test(number), Scene.capacity(gpus: 1)) }
        #expect(router.enqueue(Scene.request(1, .whole(1)), now: 0) == true)
        var seen: Set<NodeID> = []
        var now: UInt64 = 0
        for attempt in 0..<4 {
            guard let node = place(&router, now: now).first?.node else {
                Issue.record("no place at attempt \(attempt)")
                return
            }
            #expect(seen.insert(node).inserted, "it came back to a node where it failed")
            let verdict = router.retry(.test(1), failedOn: node, seed: UInt64(attempt), now: now)
            guard attempt < 3 else {
                #expect(verdict == .exhausted)
                break
            }
            guard case .waits(let until) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(until >= now && until - now <= configuration.retryBaseNanoseconds << UInt64(attempt))
            #expect(router.nextDeadlineNanoseconds ?? .max <= until)
            if until > now { #expect(place(&router, now: until - 1).isEmpty) }
            now = until
        }
        #expect(router.heldGPUMilli == 0 && router.waitingCount == 0)
        #expect(router.retry(.test(1), failedOn: nil, seed: 0, now: now) == .unknown)
    }

    @Test("The draw of a retry's wait spreads over all of its bound")
    func jitter() {
        var waits: [UInt64] = []
        for seed in UInt64(0)..<200 {
            var router = Router()
            router.upsert(.test(1), Scene.capacity(gpus: 1))
            #expect(router.enqueue(Scene.request(1, .whole(1)), now: 0) == true)
            _ = place(&router, now: 0)
            if case .waits(let until) = router.retry(.test(1), failedOn: nil, seed: seed, now: 0) {
                waits.append(until)
            }
        }
        #expect(waits.count == 200 && waits.allSatisfy { $0 <= 1_000_000_000 })
        #expect(waits.min()! < 50_000_000 && waits.max()! > 950_000_000)
    }

    @Test("A start from stored tasks holds what they held")
    func adopt() {
        var router = Router()
        for number in UInt64(0)..<3 { router.upsert(.test(number), Scene.capacity(gpus: 4)) }
        var request = Scene.request(1, .whole(2), seconds: 500)
        request.gangSize = 3
        #expect(router.enqueue(request, now: 0) == true)
        let placements = place(&router, now: 0)
        var restarted = Router()
        #expect(restarted.adopt(request, on: placements, since: 0) == false, "its nodes are not known yet")
        for number in UInt64(0)..<3 { restarted.upsert(.test(number), Scene.capacity(gpus: 4)) }
        #expect(restarted.adopt(request, on: Array(placements.dropLast()), since: 0) == false)
        #expect(restarted.adopt(request, on: placements, since: 0) == true)
        #expect(restarted.heldGPUMilli == 6000 && restarted.nodes.idle == router.nodes.idle)
        #expect(restarted.release(.test(1), now: 10) == true)
        #expect(restarted.heldGPUMilli == 0)
    }

    @Test("A node that changes what it offers keeps what its tasks hold")
    func changed() {
        var router = Router()
        router.upsert(.test(1), Scene.capacity(gpus: 2))
        #expect(router.enqueue(Scene.request(1, .whole(2)), now: 0) == true)
        #expect(place(&router, now: 0).count == 1)
        router.upsert(.test(1), Scene.capacity(gpus: 4))
        #expect(router.enqueue(Scene.request(2, .whole(4)), now: 0) == true)
        #expect(place(&router, now: 0).isEmpty)
        #expect(router.enqueue(Scene.request(3, .whole(2), seconds: 60), now: 0) == true)
        #expect(place(&router, now: 0).map(\.gpus) == [0b1100])
        // It comes back with fewer than its tasks hold: nothing is free, and giving back leaves what there is.
        router.upsert(.test(1), Scene.capacity(gpus: 1))
        #expect(router.enqueue(Scene.request(4, .whole(1)), now: 0) == true)
        #expect(place(&router, now: 0).isEmpty)
        router.release(.test(1), now: 1)
        router.release(.test(3), now: 1)
        #expect(place(&router, now: 1).map(\.task) == [.test(4)])
    }
}
