import Testing

@testable import Store

@Suite struct SQLiteDatabaseTests {
    let scratch = ScratchDirectory()
    let database: SQLiteDatabase

    init() throws {
        database = try SQLiteDatabase(path: scratch.path + "/test.db")
        try database.useWriteAheadLog()
        try database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, body BLOB)")
    }

    private func error(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error }
    }

    @Test func everyCommitIsOnDiskWhenItReturns() throws {
        #expect(try database.text("PRAGMA journal_mode") == "wal")
        #expect(try database.integer("PRAGMA synchronous") == 2, "2 is FULL")
        #expect(try database.integer("PRAGMA foreign_keys") == 1)
        #expect(try database.integer("PRAGMA trusted_schema") == 0)
    }

    @Test func aTransactionIsWholeOrNothing() throws {
        try database.transaction { () throws(StoreError) in
            try database.execute("INSERT INTO item (id) VALUES (1)")
        }
        let failure = error { () throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                try database.execute("INSERT INTO item (id) VALUES (2)")
                try database.execute("INSERT INTO item (id) VALUES (1)")
            }
        }
        #expect(failure?.kind == .failed)
        #expect(failure?.sql == "INSERT INTO item (id) VALUES (1)")
        #expect(failure?.message.contains("UNIQUE") == true)
        #expect(try database.integer("SELECT count(*) FROM item") == 1)
        try database.transaction { () throws(StoreError) in try database.execute("INSERT INTO item (id) VALUES (3)") }
        #expect(try database.integer("SELECT count(*) FROM item") == 2)
    }

    @Test func badSQLNamesTheStatement() {
        let failure = error { () throws(StoreError) in _ = try database.statement("SELECT nonsense FROM item") }
        #expect(failure?.sql == "SELECT nonsense FROM item")
        #expect(failure?.message == "no such column: nonsense")
        #expect(failure?.code == 1)
    }

    @Test func aFullDiskIsToldApartAndHeals() throws {
        try database.execute("PRAGMA max_page_count = 20")
        let insert = { () throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                try database.execute("INSERT INTO item (body) VALUES (zeroblob(20000))")
            }
        }
        var failure: StoreError?
        var written: Int64 = 0
        while failure == nil {
            failure = error(insert)
            if failure == nil { written += 1 }
        }
        #expect(failure?.kind == .full)
        #expect(try database.integer("SELECT count(*) FROM item") == written)
        try database.execute("PRAGMA max_page_count = 1000")
        #expect(error(insert) == nil)
        #expect(try database.integer("SELECT count(*) FROM item") == written + 1)
    }

    @Test func statementsAreKept() throws {
        #expect(try database.statement("SELECT 1") === database.statement("SELECT 1"))
    }

    @Test func aCheckpointLetsTheLogStartAnew() throws {
        for _ in 0..<50 { try database.execute("INSERT INTO item (body) VALUES (zeroblob(3000))") }
        #expect(database.logPages >= 50)
        try database.checkpoint()
        try database.execute("INSERT INTO item (body) VALUES (zeroblob(3000))")
        #expect(database.logPages < 10)
    }

    @Test func theLogIsWrittenBackAtTheEnd() throws {
        try database.execute("INSERT INTO item (id) VALUES (7)")
        #expect(scratch.names.contains("test.db-wal"))
        database.close()
        #expect(scratch.names == ["test.db"])
        let again = try SQLiteDatabase(path: scratch.path + "/test.db")
        #expect(try again.integer("SELECT id FROM item") == 7)
    }

    @Test func anOverwrittenPageIsNoticed() throws {
        for _ in 0..<50 { try database.execute("INSERT INTO item (body) VALUES (zeroblob(3000))") }
        #expect(error { () throws(StoreError) in try database.checkIntegrity() } == nil)
        database.close()
        var bytes = scratch.read("test.db")
        for index in 8192..<8292 { bytes[index] = 0xA5 }
        scratch.write("test.db", bytes)
        let again = try SQLiteDatabase(path: scratch.path + "/test.db")
        #expect(error { () throws(StoreError) in try again.checkIntegrity() }?.kind == .corrupt)
    }

    @Test func anotherKindOfFileIsNotADatabase() throws {
        scratch.write("text", [UInt8](repeating: 0x41, count: 8192))
        let text = try SQLiteDatabase(path: scratch.path + "/text")
        #expect(error { () throws(StoreError) in try text.checkIntegrity() }?.kind == .corrupt)
    }

    @Test func aDirectoryThatIsNotThereIsAnError() {
        let failure = error { () throws(StoreError) in
            _ = try SQLiteDatabase(path: scratch.path + "/absent/test.db")
        }
        #expect(failure?.kind == .failed)
    }
}
