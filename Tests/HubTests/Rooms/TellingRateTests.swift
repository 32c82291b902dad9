import Grid
import Testing

@testable import Hub

@Suite("Broadcast rates")
struct TellingRateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("Once an interval in the long run, whether it comes a little early or much too often")
    func rate() {
        var dice = Dice(3)
        for (step, expected) in [(1_000_000_000, 1000), (950_000_000, 950), (100_000_000, 100)] as [(UInt64, Int)] {
            var rate = TellingRate()
            var told = 0
            var now: UInt64 = 5_000_000_000
            for _ in 0..<1000 {
                // Each comes up to a tenth of a second from its time.
                let jitter = UInt64.random(in: 0...100_000_000, using: &dice)
                if rate.admit(now: now + jitter, every: Self.second) { told += 1 }
                now += step
            }
            #expect((expected - 2...expected + 2).contains(told), "\(step): \(told)")
        }
        var free = TellingRate()
        for _ in 0..<10 {
            let isTold = free.admit(now: 7, every: 0)
            #expect(isTold)
        }
    }

    @Test(
        "Of a node's readings everybody gets one a second, administrators all; what is held back is no gap")
    func readings() {
        var scene = Scene(nodesEvery: Self.second)
        scene.admit(.test(1), session: 1, token: 1)
        scene.admit(.test(2), session: 2, token: 2)
        scene.open(10)
        scene.join(10, .base(.nodes))
        scene.open(11, user: "boss", .admin)
        func send(_ count: Int, _ session: UInt64, from first: UInt64) -> [Int] {
            (0..<count).map { number in
                scene.run(milliseconds: 100)
                return scene.send(session, first + UInt64(number)).publications.first?.views.count ?? 0
            }
        }
        // One at once and one early, then one in ten.
        let alone = send(41, 1, from: 1)
        #expect(alone.reduce(0, +) == 6 && alone.prefix(2).allSatisfy { $0 == 1 })
        let log = scene.hub.rooms.log(.nodes)
        #expect(log.resumption(since: log.position(log.lastOffset - 1)).recovery == .whole, "nobody was to be told")
        scene.join(11, .base(.nodes))
        let together = send(40, 1, from: 42)
        #expect(together.allSatisfy { $0 >= 1 } && together.reduce(0, +) == 44)
        #expect(send(2, 2, from: 1) == [2, 2], "each node has a rate of its own")
    }

    @Test("Statuses are told at once")
    func statuses() {
        var scene = Scene(nodesEvery: Self.second)
        scene.admit(.test(1), session: 1, token: 1)
        scene.open(10)
        scene.join(10, .base(.nodes))
        for number in 1...5 as ClosedRange<UInt64> { scene.send(1, number) }
        for drains in [true, false, true, false] {
            let effects = scene.apply(.nodeDrainRequested(.test(1), .test(1), drains: drains, by: UserID("boss")))
            #expect(effects.statuses.count == 1)
        }
    }
}
