import Testing

@testable import neurogrid_coordinator

@Suite struct LogBudgetTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func aBurstIsTakenAndNoMore() {
        var budget = LogBudget()
        #expect(budget.admit(bytes: LogBudget.burstBytes, now: 100 * Self.second) == true)
        #expect(budget.admit(bytes: 1, now: 100 * Self.second) == false)
        #expect(budget.admit(bytes: LogBudget.bytesPerSecond + 1, now: 101 * Self.second) == false)
        #expect(budget.admit(bytes: LogBudget.bytesPerSecond, now: 101 * Self.second) == true)
    }

    @Test func whatIsRefusedCostsNothing() {
        var budget = LogBudget()
        #expect(budget.admit(bytes: LogBudget.burstBytes, now: Self.second) == true)
        for _ in 0..<1000 { #expect(budget.admit(bytes: 8192, now: Self.second) == false) }
        #expect(budget.admit(bytes: LogBudget.bytesPerSecond, now: 2 * Self.second) == true)
    }

    @Test func shortPausesAddUp() {
        var budget = LogBudget()
        var now = 5 * Self.second
        #expect(budget.admit(bytes: LogBudget.burstBytes, now: now) == true)
        // Far less than a byte's time each, a second together.
        for _ in 0..<1_000_000 {
            now += 1000
            _ = budget.admit(bytes: LogBudget.burstBytes + 1, now: now)
        }
        #expect(budget.admit(bytes: LogBudget.bytesPerSecond * 9 / 10, now: now) == true)
    }

    @Test(arguments: [16, 100, 8192]) func inTheLongRunTheRateHolds(piece: Int) {
        var budget = LogBudget()
        var taken = 0
        for tick in 0..<10_000 as Range<UInt64> {
            let now = Self.second + tick * 1_000_000
            for _ in 0..<max(1, 1024 / piece) where budget.admit(bytes: piece, now: now) { taken += piece }
        }
        #expect(taken <= LogBudget.burstBytes + 10 * LogBudget.bytesPerSecond)
        let offered = 10_000 * max(1, 1024 / piece) * piece
        #expect(taken >= min(offered, 9 * LogBudget.bytesPerSecond))
    }
}
