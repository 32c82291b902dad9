import Glibc
import Grid
import Testing

@testable import Store

@Suite struct LedgerReaderTests {
    let scratch = ScratchDirectory()

    private func numbers(_ reader: LedgerReader, of user: String) throws(StoreError) -> [UInt64] {
        var numbers: [UInt64] = []
        try reader.forEachTransfer(of: UserID(user)) { (transfer) throws(StoreError) in
            numbers.append(transfer.number)
        }
        return numbers
    }

    @Test func itReadsWhileTheArchiveWrites() throws {
        var scene = LedgerScene(seed: 4)
        let archive = try scratch.archive()
        for _ in 0..<10 {
            try archive.append(scene.next(30))
            let reader = try LedgerReader.open(path: scratch.path)
            let seen = scene
            // What comes after its opening is not told: transfers and balances are of one moment.
            try archive.append(scene.next(30))
            for user in LedgerScene.users {
                #expect(try numbers(reader, of: user.text) == seen.transfers(of: user).map(\.number))
                let expected = [Currency.neuro, .usd].compactMap { seen.balance(of: user, $0) }
                #expect(try reader.balances(of: user) == expected)
            }
            #expect(try reader.verify().transfers == UInt64(seen.transfers.count))
            reader.close()
            try archive.tidy()
        }
        archive.close()
    }

    /// No coordinator runs, and none is hindered later.
    @Test func itReadsWhatNobodyHasOpen() throws {
        var archive = try scratch.archive()
        try archive.append([.transfer(Sample.deposit(1)), .transfer(Sample.hold(2))])
        archive.close()
        let before = scratch.read("neurogrid.db")
        let reader = try LedgerReader.open(path: scratch.path + "/")
        #expect(try numbers(reader, of: "ana") == [1, 2])
        #expect(try reader.balances(of: UserID("nobody")) == [])
        archive = try scratch.archive()
        try archive.append([.transfer(Sample.hold(3))])
        #expect(try numbers(reader, of: "ana") == [1, 2])
        reader.close()
        archive.close()
        #expect(scratch.names == ["lock", "neurogrid.db"])
        #expect(before.count <= scratch.read("neurogrid.db").count)
    }

    @Test func itChangesNothing() throws {
        let archive = try scratch.archive()
        archive.close()
        let database = try SQLiteDatabase(readingFrom: scratch.path + "/neurogrid.db")
        #expect(throws: StoreError.self) { try database.execute("DELETE FROM tally") }
        database.close()
    }

    @Test func damageIsNamedWithItsFile() throws {
        let archive = try scratch.archive()
        try archive.append([.transfer(Sample.deposit(1))])
        try archive.database.execute("UPDATE transfer SET amount_micros = 7")
        archive.close()
        let reader = try LedgerReader.open(path: scratch.path)
        let failures = [
            storeError { () throws(StoreError) in _ = try reader.verify() },
            storeError { () throws(StoreError) in _ = try numbers(reader, of: "ana") },
        ]
        for failure in failures {
            #expect(failure?.kind == .corrupt)
            #expect(failure?.message.hasPrefix(scratch.path) == true)
        }
        reader.close()
    }

    @Test func whatIsNoLedgerIsRefused() throws {
        let path = scratch.path
        let absent = storeError { () throws(StoreError) in _ = try LedgerReader.open(path: path) }
        #expect(absent?.kind == .failed)
        #expect(absent?.message.hasPrefix(path + "/neurogrid.db: ") == true)
        #expect(scratch.names.isEmpty)

        let old = try SQLiteDatabase(path: path + "/neurogrid.db")
        try Migrations.apply(Array(Migrations.all.prefix(4)), to: old)
        old.close()
        let older = storeError { () throws(StoreError) in _ = try LedgerReader.open(path: path) }
        #expect(older?.kind == .foreign)
        #expect(older?.message.contains("schema is 4") == true)

        let other = ScratchDirectory()
        let theirs = try SQLiteDatabase(path: other.path + "/neurogrid.db")
        try theirs.execute("CREATE TABLE theirs (id INTEGER)")
        theirs.close()
        #expect(storeError { () throws(StoreError) in _ = try LedgerReader.open(path: other.path) }?.kind == .foreign)
    }
}
