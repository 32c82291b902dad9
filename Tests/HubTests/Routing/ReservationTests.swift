import Grid
import Testing

@testable import Hub

/// Tasks that wait: reservations, backfill, starvation.
@Suite("Reservations and backfill")
struct ReservationTests {
    private typealias Scene = RoutingScene

    private func place(_ router: inout Router, now: UInt64) -> [Placement] {
        var placements: [Placement] = []
        router.place(now: now, into: &placements)
        return placements
    }

    @Test("A task behind goes on where it is out of the way, and only there")
    func backfill() {
        var router = Router()
        router.upsert(.test(1), Scene.capacity(gpus: 4))
        router.upsert(.test(2), Scene.capacity(gpus: 2))
        #expect(router.enqueue(Scene.request(1, .whole(3), seconds: 100), now: 0) == true)
        #expect(place(&router, now: 0).map(\.node) == [.test(1)])
        // The head needs node 1 whole; it will have it in 100 s.
        #expect(router.enqueue(Scene.request(2, .whole(4), seconds: 1000), now: 0) == true)
        #expect(place(&router, now: 0).isEmpty)
        #expect(router.reservation?.at == 100 * Scene.second)
        #expect(router.reservation?.nodes == [0])
        // One that would still run then stays off node 1, though it fits.
        for number in UInt64(3)...5 {
            #expect(router.enqueue(Scene.request(number, .whole(1), seconds: 101), now: 0) == true)
        }
        let behind = place(&router, now: 0)
        #expect(behind.map(\.node) == [.test(2), .test(2)])
        #expect(behind.allSatisfy { $0.explanation.isBackfill })
        // One that ends in time may have it.
        #expect(router.enqueue(Scene.request(6, .whole(1), seconds: 100), now: 0) == true)
        #expect(place(&router, now: 0).map(\.task) == [.test(6)])
        router.release(.test(1), now: 50 * Scene.second)
        #expect(place(&router, now: 50 * Scene.second).isEmpty, "task 6 is still there")
        router.release(.test(6), now: 60 * Scene.second)
        let head = place(&router, now: 60 * Scene.second)
        #expect(head.map(\.task) == [.test(2)])
        #expect(head.allSatisfy { !$0.explanation.isBackfill })
    }

    @Test("Backfill never delays the head: it starts no later than first promised", arguments: 1...20)
    func promise(seed: UInt64) {
        var dice = Dice(seed)
        var router = Router()
        router.upsert(.test(99), Scene.capacity(gpus: 8))
        for number in 0..<12 {
            router.upsert(.test(UInt64(number)), Scene.capacity(gpus: 1 << Int.random(in: 0...3, using: &dice)))
        }
        var ends: [(at: UInt64, task: TaskID)] = []
        var promises: [TaskID: UInt64] = [:]
        var limits: [TaskID: Int64] = [:]
        var kept = 0
        var now: UInt64 = 0
        var number: UInt64 = 0
        while number < 400 || !ends.isEmpty {
            // The next thing is an arrival or an end, whichever comes first.
            let arrival = number < 400 ? now + .random(in: 0...10, using: &dice) * Scene.second : .max
            ends.sort { ($0.at, $0.task) < ($1.at, $1.task) }
            if let first = ends.first, first.at <= arrival {
                now = first.at
                router.release(ends.removeFirst().task, now: now)
            } else {
                now = arrival
                let demands: [GPUDemand] = [.share(milli: 500), .whole(1), .whole(2), .whole(8)]
                var request = Scene.request(
                    number, demands.randomElement(using: &dice)!, seconds: .random(in: 10...900, using: &dice))
                if number % 9 == 0, request.resources.gpu != .whole(8) { request.gangSize = 3 }
                // All of one priority and user: nobody may overtake but by backfill.
                number += 1
                limits[request.task] = request.limitSeconds
                #expect(router.enqueue(request, now: now) == true)
            }
            for placement in place(&router, now: now) where placement.member == 0 {
                let task = placement.task
                if let promise = promises[task] {
                    #expect(now <= promise, "seed \(seed): \(task) waited beyond its promise")
                    kept += 1
                }
                // Tasks end at their limits or before.
                let limit = UInt64(limits[task]!)
                ends.append((now + .random(in: 1...limit, using: &dice) * Scene.second, task))
            }
            if let reservation = router.reservation {
                let task = router.tasks[reservation.task].request.task
                if promises[task] == nil { promises[task] = reservation.at }
            }
        }
        #expect(router.waitingCount == 0)
        // Every fifth task or so got a promise, and each was kept.
        #expect(promises.count >= 60 && kept == promises.count, "\(kept) of \(promises.count)")
    }

    @Test("No stream of better tasks keeps one from starting beyond the bound")
    func starvation() {
        var configuration = RoutingConfiguration()
        configuration.starvationNanoseconds = 600 * Scene.second
        var router = Router(configuration: configuration)
        router.upsert(.test(1), Scene.capacity(gpus: 8))
        var big = Scene.request(0, .whole(8), user: "patient")
        big.priority = 0
        var ends: [(at: UInt64, task: TaskID)] = []
        var started: UInt64?
        for step in UInt64(1)..<200 {
            let now = step * 10 * Scene.second
            for (_, task) in ends.filter({ $0.at <= now }) { router.release(task, now: now) }
            ends.removeAll { $0.at <= now }
            var small = Scene.request(step, .whole(1), user: "busy", seconds: 100)
            small.priority = 10
            #expect(router.enqueue(small, now: now) == true)
            if step == 5 { #expect(router.enqueue(big, now: now) == true) }
            for placement in place(&router, now: now) {
                if placement.task == big.task { started = now }
                ends.append((now + 100 * Scene.second, placement.task))
            }
            if started != nil { break }
        }
        // Its bound, then at most one limit of those that were there.
        #expect(started.map { $0 <= (50 + 600 + 100 + 10) * Scene.second } ?? false, "\(started ?? 0)")
        #expect((started ?? 0) >= 600 * Scene.second, "the stream was to keep it waiting until then")
    }

    @Test("A reservation is made anew when its node closes")
    func closed() {
        var router = Router()
        router.upsert(.test(1), Scene.capacity(gpus: 2))
        router.upsert(.test(2), Scene.capacity(gpus: 2))
        #expect(router.enqueue(Scene.request(1, .whole(2), seconds: 100), now: 0) == true)
        #expect(router.enqueue(Scene.request(2, .whole(2), seconds: 200), now: 0) == true)
        #expect(place(&router, now: 0).count == 2)
        #expect(router.enqueue(Scene.request(3, .whole(2)), now: 0) == true)
        #expect(place(&router, now: 0).isEmpty)
        #expect(router.reservation?.nodes == [0])
        var closed = Scene.capacity(gpus: 2)
        closed.isOpen = false
        router.upsert(.test(1), closed)
        #expect(place(&router, now: 1).isEmpty)
        #expect(router.reservation?.nodes == [1] && router.reservation?.at == 200 * Scene.second)
        router.cancel(.test(3), now: 2)
        #expect(router.reservation == nil)
    }

    @Test("Nobody waits behind a task that no node can ever hold")
    func impossible() {
        var router = Router()
        router.upsert(.test(1), Scene.capacity(gpus: 2))
        var request = Scene.request(1, .whole(4))
        request.priority = 10
        #expect(!router.couldEverFit(request))
        #expect(router.enqueue(request, now: 0) == true)
        #expect(router.enqueue(Scene.request(2, .whole(2)), now: 0) == true)
        #expect(place(&router, now: 0).map(\.task) == [.test(2)])
        #expect(router.reservation == nil && router.waitingCount == 1)
        router.upsert(.test(2), Scene.capacity(gpus: 4))
        #expect(place(&router, now: 0).map(\.task) == [.test(1)])
    }
}
