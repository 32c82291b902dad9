import Testing

@testable import neurogrid_coordinator

@Suite struct RateWindowTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 5 * second

    @Test func aFreshWindowRefusesExactlyTheOneBeyondTheLimit() {
        var window = RateWindow()
        for number in 0..<100 {
            #expect(window.count(now: Self.start + UInt64(number), limit: 100) == nil)
        }
        #expect(window.remaining(now: Self.start + 100, limit: 100) == 0)
        #expect(window.count(now: Self.start + 100, limit: 100) != nil)
    }

    @Test func noLimitRefusesNothing() {
        var window = RateWindow()
        for _ in 0..<1000 { #expect(window.count(now: Self.start, limit: 0) == nil) }
    }

    @Test func theShareOfTheMinuteBeforeStillCounts() {
        var window = RateWindow()
        for _ in 0..<100 { _ = window.count(now: Self.start, limit: 100) }
        // Half into the next minute, half of the hundred are still in the window.
        let half = Self.start + 90 * Self.second
        #expect(window.remaining(now: half, limit: 100) == 50)
        for _ in 0..<50 { #expect(window.count(now: half, limit: 100) == nil) }
        #expect(window.count(now: half, limit: 100) != nil)
        // Two quiet minutes later nothing is left of either.
        #expect(window.remaining(now: half + 180 * Self.second, limit: 100) == 100)
    }

    @Test(arguments: [1, 7, 100, 1000], [0, 1, 30, 59, 61, 75, 100] as [UInt64])
    func theWaitIsLongEnoughAndNoLonger(limit: Int, after: UInt64) throws {
        var window = RateWindow()
        for _ in 0..<limit { _ = window.count(now: Self.start, limit: limit) }
        var now = Self.start + after * Self.second
        while window.remaining(now: now, limit: limit) > 0 { _ = window.count(now: now, limit: limit) }
        let refusal = window.count(now: now, limit: limit)
        let wait = try #require(refusal)
        #expect(wait <= 61 * Self.second)
        var early = window
        #expect(early.count(now: now + wait - 2_000_000, limit: limit) != nil || wait <= 2_000_000)
        now += wait
        #expect(window.count(now: now, limit: limit) == nil)
    }

    @Test func clocksOfSeveralLoopsMayBeOutOfOrder() {
        var window = RateWindow()
        _ = window.count(now: Self.start, limit: 2)
        // Another loop's turn began before.
        #expect(window.count(now: Self.start - 1000, limit: 2) == nil)
        #expect(window.count(now: Self.start - 2000, limit: 2) != nil)
        #expect(!window.isIdle(now: Self.start - 3000))
    }

    @Test func isForgottenAfterTwoMinutes() {
        var window = RateWindow()
        _ = window.count(now: Self.start, limit: 2)
        #expect(!window.isIdle(now: Self.start + 119 * Self.second))
        #expect(window.isIdle(now: Self.start + 120 * Self.second))
    }
}
