import Grid
import Testing

@testable import Hub
@testable import neurogrid_simulate

/// The short form of `make simulate SCENARIO=fraud`.
@Suite("Cheating providers, in a whole grid")
struct FraudTests {
    @Test("At most 1 % of the pay is fraud, and finding it costs at most 10 % of the useful GPU time")
    func bounds() throws {
        let outcome = World(seed: 1, fraud: FraudScenario(nodes: 10, tasksPerNode: 600)).run()
        #expect(outcome.violation == nil, "\(outcome.violation.map { "\($0)" } ?? "")")
        let bill = try #require(outcome.bill)
        #expect(bill.cheaters == 3 && bill.tasks == 6000 && bill.paidTasks > 5500)
        #expect(bill.fraudBasisPoints <= FraudReport.mostFraud)
        #expect(bill.overheadBasisPoints <= FraudReport.mostOverhead)
        #expect(bill.honestOut == 0)
    }

    @Test("Without the policy the same cheaters are paid for many times as much, so they are no harmless ones")
    func withoutPolicy() throws {
        let outcome = World(
            seed: 1, fraud: FraudScenario(nodes: 10, tasksPerNode: 100, replicationBasisPoints: 0)
        ).run()
        let bill = try #require(outcome.bill)
        #expect(outcome.violation == nil && bill.fraudBasisPoints >= 10 * FraudReport.mostFraud)
    }

    @Test("The bill is what the ledger and the machines say")
    func report() {
        var bill = FraudBill()
        bill.paidMicros = 1_000_000
        bill.fraudMicros = 10_000
        bill.usefulTime = 1_000_000_000
        bill.checkTime = 100_000_000
        #expect(bill.fraudBasisPoints == 100 && bill.overheadBasisPoints == 1000)
        #expect(FraudReport([(1, bill), (2, FraudBill())]).isKept)
        bill.fraudMicros += 1
        #expect(!FraudReport([(1, FraudBill()), (2, bill)]).isKept, "what is above the bound is not rounded down")
        bill.fraudMicros = 0
        bill.checkTime += 10_000
        let report = FraudReport([(2, bill), (1, FraudBill())])
        #expect(!report.isKept)
        #expect(report.bills.map(\.seed) == [1, 2])
        #expect(report.lines.last?.hasPrefix("worst: paid for fraud 0.00 %, overhead 10.01 %") == true)
    }
}
