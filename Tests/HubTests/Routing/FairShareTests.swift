import Grid
import Testing

@testable import Hub

@Suite("Fair share")
struct FairShareTests {
    @Test("Who had less for their weight is first, and time halves what one had")
    func order() {
        var shares = FairShare(halfLifeNanoseconds: 1000 << 32)
        let anna = shares.number(of: UserID("anna"))
        let bert = shares.number(of: UserID("bert"))
        #expect(shares.precedes(anna, bert) == nil && shares.precedes(anna, anna) == nil)
        shares.charge(anna, share: 1000, seconds: 100, now: 0)
        #expect(shares.precedes(bert, anna) == true)
        // Half a half-life later the same weighs √2 times as much, a whole one later twice.
        shares.charge(bert, share: 1000, seconds: 80, now: 500 << 32)
        #expect(shares.precedes(anna, bert) == true)
        shares.charge(anna, share: 1000, seconds: 7, now: 1000 << 32)
        #expect(shares.precedes(anna, bert) == false)
        shares.setWeight(2, of: anna)
        #expect(shares.precedes(anna, bert) == true)
        shares.charge(anna, share: 1000, seconds: -10_000, now: 1000 << 32)
        shares.advance(to: .max)
        #expect(shares.precedes(anna, bert) == nil, "nothing is left of it")
    }

    @Test("Users who always want more end up with equal shares, whatever their tasks' sizes")
    func convergence() {
        var router = Router()
        router.upsert(.test(1), RoutingScene.capacity(gpus: 8, cpuMilli: 1_000_000))
        var number: UInt64 = 0
        var running: [(at: UInt64, task: TaskID, user: Int)] = []
        var gpuSeconds = [0, 0]
        var waiting = [0, 0]
        var owners: [TaskID: Int] = [:]
        for step in UInt64(0)..<2000 {
            let now = step * 10 * RoutingScene.second
            for (_, task, _) in running.filter({ $0.at <= now }) { router.release(task, now: now) }
            running.removeAll { $0.at <= now }
            // Neither ever runs out of tasks.
            while let user = waiting.firstIndex(where: { $0 < 10 }) {
                waiting[user] += 1
                let request = RoutingScene.request(number, .whole(user == 0 ? 1 : 2), user: "\(user)", seconds: 60)
                owners[request.task] = user
                #expect(router.enqueue(request, now: now) == true)
                number += 1
            }
            var placements: [Placement] = []
            router.place(now: now, into: &placements)
            for placement in placements {
                let user = owners[placement.task]!
                waiting[user] -= 1
                gpuSeconds[user] += placement.gpus.nonzeroBitCount * 60
                running.append((now + 60 * RoutingScene.second, placement.task, user))
            }
        }
        let ratio = Double(gpuSeconds[0]) / Double(gpuSeconds[1])
        #expect((0.95...1.05).contains(ratio), "\(gpuSeconds)")
    }
}
