import Grid
import Testing

@testable import Store

@Suite struct ArchiveLedgerTests {
    let scratch = ScratchDirectory()

    @Test(arguments: [1, 2, 3] as [UInt64])
    func whatIsKeptIsWhatTheTransfersAddUpTo(seed: UInt64) throws {
        var scene = LedgerScene(seed: seed)
        var archive = try scratch.archive()
        for round in 0..<20 {
            try archive.append(scene.next(1 + round * 3))
            if round % 7 == 6 {
                archive.close()
                archive = try scratch.archive()
            }
            let ledger = try archive.load().ledger
            let kept = Dictionary(
                uniqueKeysWithValues: ledger.balances.map {
                    (LedgerScene.Key(account: $0.account, currency: $0.currency), $0.micros)
                })
            #expect(kept == scene.sums)
            #expect(ledger.lastNumber == UInt64(scene.transfers.count))
            #expect(ledger.keyed == scene.transfers.filter { $0.key != nil })
            #expect(try archive.verifyLedger().transfers == ledger.lastNumber)
        }
        for user in LedgerScene.users {
            var told: [LedgerTransfer] = []
            try archive.forEachTransfer(of: user) { (transfer) throws(StoreError) in told.append(transfer) }
            #expect(told == scene.transfers(of: user))
        }
        archive.close()
    }

    @Test func aFreshLedgerIsEmptyAndWhole() throws {
        let archive = try scratch.archive()
        #expect(try archive.load().ledger == StoredLedger())
        #expect(try archive.verifyLedger() == LedgerProof(transfers: 0, head: LedgerChain.origin))
        archive.close()
    }

    @Test func theProofIsTheChainsEnd() throws {
        let archive = try scratch.archive()
        try archive.append([.transfer(Sample.deposit(1)), .transfer(Sample.hold(2))])
        let first = LedgerChain.hash(Sample.deposit(1), after: LedgerChain.origin)
        let second = LedgerChain.hash(Sample.hold(2), after: first)
        #expect(try archive.verifyLedger() == LedgerProof(transfers: 2, head: second))
        archive.close()
    }

    /// What a crash, or a refusal, undoes is undone in the chain and in the balances as well.
    @Test func aTransferStandsWithItsTransactionOrNotAtAll() throws {
        let archive = try scratch.archive()
        try archive.append([.transfer(Sample.deposit(1))])
        let before = try archive.load().ledger
        let failure = storeError { () throws(StoreError) in
            try archive.append([.transfer(Sample.hold(2)), .task(Sample.task(1))])
        }
        #expect(failure?.message.contains("FOREIGN KEY") == true)
        #expect(try archive.load().ledger == before)
        try archive.append([.transfer(Sample.hold(2)), .task(Sample.task(1)), .job(Sample.job("job"))])
        #expect(try archive.verifyLedger().transfers == 2)
        archive.close()
    }

    @Test func theLedgerForgetsNothingWithItsTasks() throws {
        let archive = try scratch.archive()
        try archive.append([
            .job(Sample.job("job")), .task(Sample.task(1)), .transfer(Sample.deposit(1)), .transfer(Sample.hold(2)),
        ])
        try archive.append([.taskForgotten(Sample.taskID(1))])
        var told: [LedgerTransfer] = []
        try archive.forEachTransfer(of: UserID("ana")) { (transfer) throws(StoreError) in told.append(transfer) }
        #expect(told == [Sample.deposit(1), Sample.hold(2)])
        archive.close()
    }

    @Test func statementsCanBeNarrowed() throws {
        let archive = try scratch.archive()
        var scene = LedgerScene(seed: 9)
        try archive.append(scene.next(200))
        for currency in [Currency.usd, .neuro] {
            var told: [LedgerTransfer] = []
            try archive.forEachTransfer(of: UserID("bea"), currency: currency, after: 50) {
                (transfer) throws(StoreError) in told.append(transfer)
            }
            #expect(!told.isEmpty)
            #expect(
                told == scene.transfers(of: UserID("bea")).filter { $0.currency == currency && $0.number > 50 })
        }
        var strangers = 0
        try archive.forEachTransfer(of: UserID("nobody")) { (_) throws(StoreError) in strangers += 1 }
        #expect(strangers == 0)
        archive.close()
    }

    /// A statement costs what it tells, and a start what repeated requests need, however long the ledger is.
    @Test func whatIsAskedForIsFoundByIndexes() throws {
        let archive = try scratch.archive()
        let plan = try archive.database.statement("EXPLAIN QUERY PLAN " + LedgerRecords.selectTransfersOfUser)
        var steps: [String] = []
        try plan.forEachRow([.text("ana"), .integer(0), .null]) { (row) throws(StoreError) in
            steps.append(try row.text(3))
        }
        #expect(!steps.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(steps)")
        #expect(steps.count { $0.contains("transfer_by_") } == 2, "\(steps)")
        steps = []
        try archive.database.statement("EXPLAIN QUERY PLAN " + LedgerRecords.selectTransfersWithKey)
            .forEachRow { (row) throws(StoreError) in steps.append(try row.text(3)) }
        #expect(steps.contains { $0.contains("USING INDEX transfer_with_key") }, "\(steps)")
        archive.close()
    }

    @Test func aHoleIsOurOwnFault() async {
        await #expect(processExitsWith: .failure) {
            let archive = try ScratchDirectory().archive()
            try archive.append([.transfer(Sample.deposit(2))])
        }
    }

    @Test func anOverdraftIsOurOwnFault() async {
        await #expect(processExitsWith: .failure) {
            let archive = try ScratchDirectory().archive()
            try archive.append([.transfer(Sample.deposit(1, micros: 5)), .transfer(Sample.hold(2, micros: 6))])
        }
    }
}
