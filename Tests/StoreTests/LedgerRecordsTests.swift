import Grid
import Testing

@testable import Store

/// Ledgers that are not what was written.
@Suite struct LedgerRecordsTests {
    let scratch = ScratchDirectory()

    /// Six transfers: 1 and 4 deposits to ana and to bea, the others holds of ana's.
    private func archive() throws(StoreError) -> Archive {
        let archive = try scratch.archive()
        try archive.append([
            .transfer(Sample.deposit(1)), .transfer(Sample.hold(2)), .transfer(Sample.hold(3, task: 2)),
            .transfer(Sample.deposit(4, to: "bea")), .transfer(Sample.hold(5, task: 3)),
            .transfer(Sample.hold(6, task: 4)),
        ])
        return archive
    }

    private static let damages = [
        "UPDATE transfer SET amount_micros = 1001 WHERE number = 3", "UPDATE transfer SET at = at + 1 WHERE number = 3",
        "UPDATE transfer SET kind = 'fee' WHERE number = 3", "UPDATE transfer SET kind = 'theft' WHERE number = 3",
        "UPDATE transfer SET debit_user = 'bea' WHERE number = 3",
        "UPDATE transfer SET debit = 'held' WHERE number = 3",
        "UPDATE transfer SET credit = 'world' WHERE number = 3",
        "UPDATE transfer SET currency = 'NEURO' WHERE number = 3",
        "UPDATE transfer SET currency = '$' WHERE number = 3",
        "UPDATE transfer SET task = NULL WHERE number = 3", "UPDATE transfer SET task = 'x' WHERE number = 3",
        "UPDATE transfer SET key = 'k' WHERE number = 3", "UPDATE transfer SET key = NULL WHERE number = 4",
        "UPDATE transfer SET id = replace(id, '3', '4') WHERE number = 3",
        "UPDATE transfer SET hash = zeroblob(32) WHERE number = 3", "DELETE FROM transfer WHERE number = 3",
        "UPDATE transfer SET hash = zeroblob(32) WHERE number = 6", "DELETE FROM transfer WHERE number = 6",
        "DELETE FROM transfer WHERE number = 1", "UPDATE transfer SET number = 7 WHERE number = 6",
        "DELETE FROM transfer",
        "INSERT INTO transfer SELECT 7, id, at, kind, debit, debit_user, credit, credit_user, currency, amount_micros, "
            + "task, key, hash FROM transfer WHERE number = 6",
    ]

    @Test(arguments: damages)
    func damageToTransfersIsRefused(damage: String) throws {
        let archive = try archive()
        try archive.database.execute(damage)
        let failures = [
            storeError { () throws(StoreError) in _ = try archive.load() },
            storeError { () throws(StoreError) in _ = try archive.verifyLedger() },
        ]
        for failure in failures {
            #expect(failure?.kind == .corrupt)
            #expect(failure?.message.contains("restore a backup") == true, "\(String(describing: failure))")
        }
        archive.close()
    }

    @Test(arguments: [
        "UPDATE ledger_head SET last_number = 5", "UPDATE ledger_head SET hash = zeroblob(32)",
        "UPDATE ledger_head SET checksum = 0", "DELETE FROM ledger_head",
        "UPDATE balance SET micros = micros + 1 WHERE account = 'available' AND user = 'ana'",
        "UPDATE balance SET user = 'eve' WHERE user = 'bea'", "UPDATE balance SET currency = 'NEURO'",
        "UPDATE balance SET account = 'escrow' WHERE account = 'held'", "DELETE FROM balance WHERE user = 'bea'",
        "DELETE FROM balance", "UPDATE balance SET checksum = 0 WHERE account = 'world'",
    ])
    func damageToWhatIsKeptOfItIsRefused(damage: String) throws {
        let archive = try archive()
        try archive.database.execute(damage)
        #expect(storeError { () throws(StoreError) in _ = try archive.load() }?.kind == .corrupt)
        #expect(storeError { () throws(StoreError) in _ = try archive.verifyLedger() }?.kind == .corrupt)
        archive.close()
    }

    /// The message names the first entry that is wrong.
    @Test func theFirstFaultIsNamed() throws {
        let archive = try archive()
        try archive.database.execute("UPDATE transfer SET amount_micros = 2 WHERE number IN (3, 5)")
        let changed = storeError { () throws(StoreError) in _ = try archive.verifyLedger() }
        #expect(changed?.message.contains("transfer 3 is not what was written") == true)
        try archive.database.execute("DELETE FROM transfer WHERE number IN (2, 3)")
        let hole = storeError { () throws(StoreError) in _ = try archive.verifyLedger() }
        #expect(hole?.message.contains("transfer 3 is gone") == true, "\(String(describing: hole))")
        archive.close()
    }

    /// Whoever can write the file can make checksums; the balances must still be what the transfers add up to.
    @Test func aWellFormedLieIsFoundByTheFold() throws {
        let archive = try archive()
        let records = LedgerRecords(database: archive.database)
        for (user, micros) in [("ana", 995_999), ("bea", 1_000_001)] as [(String, Int64)] {
            var checksum = RecordChecksum()
            checksum.add(1, "available")
            checksum.add(2, user)
            checksum.add(3, "USD")
            checksum.add(4, micros)
            try archive.database.execute(
                """
                UPDATE balance SET micros = \(micros), checksum = \(checksum.value)
                WHERE account = 'available' AND user = '\(user)'
                """)
            // After the first of the two, the books do not balance.
            #expect((storeError { () throws(StoreError) in _ = try records.balances() } == nil) == (user == "bea"))
        }
        _ = try archive.load()
        let failure = storeError { () throws(StoreError) in _ = try archive.verifyLedger() }
        #expect(failure?.kind == .corrupt)
        #expect(failure?.message.contains("the transfers make") == true, "\(String(describing: failure))")
        archive.close()
    }

    /// A start looks at the newest transfers only, but at those it looks wholly.
    @Test func aStartChecksTheNewestTransfers() throws {
        let archive = try archive()
        #expect(try LedgerRecords(database: archive.database).verifyTail(2) == archive.verifyLedger())
        try archive.database.execute("UPDATE transfer SET at = 0 WHERE number = 2")
        #expect(try archive.readLedger(checking: 3).lastNumber == 6)
        for count in [5, 6, 7, 100] {
            let failure = storeError { () throws(StoreError) in _ = try archive.readLedger(checking: count) }
            #expect(failure?.message == "transfer 2 is not what was written, or the one before it is not")
        }
        archive.close()
    }

    /// An older transfer that a start does not check is checked when it is told.
    @Test func whatIsToldIsChecked() throws {
        let archive = try archive()
        try archive.database.execute("UPDATE transfer SET amount_micros = 999 WHERE number = 2")
        var told: [UInt64] = []
        let failure = storeError { () throws(StoreError) in
            try archive.forEachTransfer(of: UserID("ana")) { (transfer) throws(StoreError) in
                told.append(transfer.number)
            }
        }
        #expect(failure?.kind == .corrupt)
        #expect(told == [1])
        archive.close()
    }
}
