import Grid
import Testing

@testable import Store

@Suite struct MigrationsTests {
    let scratch = ScratchDirectory()

    private func database() throws(StoreError) -> SQLiteDatabase {
        try SQLiteDatabase(path: scratch.path + "/neurogrid.db")
    }

    private func error(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error }
    }

    private func versions(_ database: SQLiteDatabase) throws(StoreError) -> [Int64] {
        var versions: [Int64] = []
        try database.statement("SELECT version FROM schema_version ORDER BY version")
            .forEachRow { (row) throws(StoreError) in versions.append(try row.integer(0)) }
        return versions
    }

    @Test func aFreshFileGetsEveryStepOnce() throws {
        let database = try database()
        try Migrations.apply(to: database)
        try Migrations.apply(to: database)
        #expect(try versions(database) == Migrations.all.map { Int64($0.version) })
        #expect(try database.integer("PRAGMA application_id") == 0x4E47_5244)
    }

    /// A step that has shipped is never changed: databases out there have taken it as it was.
    @Test func shippedStepsStayAsTheyWere() {
        let checksums = Migrations.all.map { step in
            var checksum = RecordChecksum()
            checksum.add(UInt8(step.version), step.sql)
            return checksum.value
        }
        #expect(
            checksums
                == [
                    94_633_089_486_447_186, -5_016_794_941_731_952_154, -2_962_052_442_525_644_577,
                    -1_448_230_293_071_790_821, 7_864_133_568_882_507_589, 8_858_074_802_912_969_493,
                    6_292_420_620_435_865_051, 3_106_712_557_394_439_861, 2_484_906_618_322_347_521,
                ])
    }

    @Test func everyOlderVersionIsBroughtUpWithItsRecords() throws {
        for start in 1..<Migrations.all.count {
            let scratch = ScratchDirectory()
            let old = try SQLiteDatabase(path: scratch.path + "/neurogrid.db")
            try Migrations.apply(Array(Migrations.all.prefix(start)), to: old)
            try old.execute("INSERT INTO user (id, created_at, checksum) VALUES ('ana', 5, \(userChecksum))")
            old.close()
            let archive = try scratch.archive()
            let contents = try archive.load()
            #expect(contents.users == [UserRecord(id: UserID("ana"), createdAt: Timestamp(milliseconds: 5))])
            let entry = AuditEntry(at: Sample.time(1), kind: .agentRefused)
            try archive.append([.audit(entry)])
            #expect(try archive.audit(newest: 1) == [entry])
            #expect(try versions(archive.database).count == Migrations.all.count)
            archive.close()
        }
    }

    private var userChecksum: Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, "ana")
        checksum.add(2, Int64(5))
        return checksum.value
    }

    /// Their checksums know nothing of a term, and hold without one.
    @Test func keysOfBeforeTermsComeBackWithoutOne() throws {
        var keys = [Sample.apiKey(1, used: 50), Sample.apiKey(2, revoked: true), Sample.apiKey(4)]
        let old = try database()
        try Migrations.apply(Array(Migrations.all.prefix(7)), to: old)
        for key in keys {
            try old.statement(
                """
                INSERT INTO api_key
                    (id, digest, owner, name, rate_per_minute, created_at, last_used_at, revoked_at, checksum)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            ).run([
                .text(key.id.description), .blob(key.digest.bytes), .text(key.owner.text), .text(key.name),
                .integer(Int64(key.ratePerMinute)), .integer(key.createdAt.milliseconds),
                .optional(key.lastUsedAt?.milliseconds), .optional(key.revokedAt?.milliseconds),
                .integer(checksumOfBeforeTerms(key)),
            ])
        }
        try Tallies(database: old).add(Int64(keys.count), to: .apiKeys)
        old.close()
        let archive = try scratch.archive()
        #expect(try archive.load().apiKeys == keys.sorted { $0.id < $1.id })
        keys[0].expiresAt = Sample.time(900)
        try archive.append([.apiKey(keys[0])])
        #expect(try archive.load().apiKeys == keys.sorted { $0.id < $1.id })
        archive.close()
    }

    private func checksumOfBeforeTerms(_ key: APIKeyRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, key.id.uuid)
        checksum.add(2, key.digest.bytes)
        checksum.add(3, key.owner.text)
        checksum.add(4, key.name)
        checksum.add(5, Int64(key.ratePerMinute))
        checksum.add(6, key.createdAt.milliseconds)
        checksum.add(7, key.lastUsedAt?.milliseconds)
        checksum.add(8, key.revokedAt?.milliseconds)
        return checksum.value
    }

    @Test func aStepThatFailsLeavesTheVersionBefore() throws {
        let database = try database()
        let first = Migration(version: 1, sql: "CREATE TABLE one (id INTEGER)")
        let broken = Migration(version: 2, sql: "CREATE TABLE two (id INTEGER); CREATE TABLE one (id INTEGER)")
        let failure = error { () throws(StoreError) in try Migrations.apply([first, broken], to: database) }
        #expect(failure?.message.contains("already exists") == true)
        #expect(try versions(database) == [1])
        #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'two'") == 0)
        let mended = Migration(version: 2, sql: "CREATE TABLE two (id INTEGER)")
        try Migrations.apply([first, mended], to: database)
        #expect(try versions(database) == [1, 2])
    }

    @Test func aNewerVersionIsRefused() throws {
        let archive = try scratch.archive()
        try archive.database.execute("INSERT INTO schema_version (version) VALUES (99)")
        archive.close()
        let failure = error { () throws(StoreError) in _ = try scratch.archive() }
        #expect(failure?.kind == .foreign)
        #expect(failure?.message.contains("newer version") == true)
    }

    @Test func anotherProgramsDatabaseIsRefusedAndLeftAsItIs() throws {
        for statement in ["CREATE TABLE theirs (id INTEGER)", "PRAGMA application_id = 1"] {
            let scratch = ScratchDirectory()
            let theirs = try SQLiteDatabase(path: scratch.path + "/neurogrid.db")
            try theirs.execute(statement)
            theirs.close()
            let before = scratch.read("neurogrid.db")
            let failure = error { () throws(StoreError) in _ = try scratch.archive() }
            #expect(failure?.kind == .foreign)
            #expect(scratch.read("neurogrid.db") == before)
        }
    }
}
