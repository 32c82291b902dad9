import Testing

@testable import Store

@Suite struct SQLiteStatementTests {
    let scratch = ScratchDirectory()
    let database: SQLiteDatabase

    init() throws { database = try SQLiteDatabase(path: scratch.path + "/test.db") }

    private func error(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error }
    }

    @Test func textsComeBackAsTheyWere() throws {
        for text in ["", "plain", "Zürich 🔑", "a\u{0}b", "'; DROP TABLE item; --"] {
            try database.statement("SELECT ?").forEachRow([.text(text)]) { (row) throws(StoreError) in
                #expect(try row.text(0) == text)
                #expect(try row.optionalText(0) == text)
            }
        }
    }

    @Test func aChangeTellsHowManyRowsItChanged() throws {
        try database.execute("CREATE TABLE item (name TEXT)")
        #expect(try database.statement("INSERT INTO item VALUES ('a'), ('b')").change() == 2)
        #expect(try database.statement("UPDATE item SET name = ?").change([.text("c")]) == 2)
        #expect(try database.statement("DELETE FROM item WHERE name = ?").change([.text("x")]) == 0)
    }

    @Test func numbersComeBackAsTheyWere() throws {
        for number in [0, 1, -1, .max, .min] as [Int64] {
            try database.statement("SELECT ?").forEachRow([.integer(number)]) { (row) throws(StoreError) in
                #expect(try row.integer(0) == number)
                #expect(try row.optionalInteger(0) == number)
            }
        }
        for word in [0, 1, 1 << 63, .max] as [UInt64] {
            try database.statement("SELECT ?").forEachRow([.optional(word)]) { (row) throws(StoreError) in
                #expect(try row.word(0) == word)
                #expect(try row.optionalWord(0) == word)
            }
        }
    }

    @Test func blobsComeBackAsTheyWere() throws {
        for blob in [[], [0], [UInt8](0...255)] as [[UInt8]] {
            try database.statement("SELECT ?").forEachRow([.blob(blob)]) { (row) throws(StoreError) in
                #expect(try row.blob(0) == blob)
                #expect(try row.optionalBlob(0) == blob)
            }
        }
    }

    @Test func absenceStaysAbsence() throws {
        let values: [SQLiteValue] = [
            .null, .optional(String?.none), .optional(Int64?.none), .optional(Int?.none), .optional(UInt64?.none),
        ]
        try database.statement("SELECT ?, ?, ?, ?, ?").forEachRow(values) { (row) throws(StoreError) in
            for column in 0..<5 as Range<Int32> { #expect(row.isNull(column)) }
            #expect(try row.optionalText(0) == nil)
            #expect(try row.optionalInteger(1) == nil)
            #expect(try row.optionalWord(2) == nil)
            #expect(try row.optionalBlob(3) == nil)
        }
    }

    @Test func aValueOfAnotherTypeIsDamage() throws {
        try database.statement("SELECT 1, 'a', x'00', NULL").forEachRow { (row) throws(StoreError) in
            #expect(error { () throws(StoreError) in _ = try row.text(0) }?.kind == .corrupt)
            #expect(error { () throws(StoreError) in _ = try row.integer(1) }?.kind == .corrupt)
            #expect(error { () throws(StoreError) in _ = try row.text(2) }?.kind == .corrupt)
            #expect(error { () throws(StoreError) in _ = try row.integer(3) }?.kind == .corrupt)
            #expect(error { () throws(StoreError) in _ = try row.optionalBlob(1) }?.kind == .corrupt)
        }
    }

    @Test func aTextThatIsNotUTF8IsDamage() throws {
        try database.statement("SELECT CAST(x'61ff' AS TEXT)").forEachRow { (row) throws(StoreError) in
            #expect(error { () throws(StoreError) in _ = try row.text(0) }?.kind == .corrupt)
        }
    }

    @Test func usableAgainAfterAnError() throws {
        try database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY)")
        let insert = try database.statement("INSERT INTO item (id) VALUES (?)")
        try insert.run([.integer(1)])
        #expect(error { () throws(StoreError) in try insert.run([.integer(1)]) }?.kind == .failed)
        try insert.run([.integer(2)])
        let select = try database.statement("SELECT id FROM item ORDER BY id")
        let stopped = error { () throws(StoreError) in
            try select.forEachRow { (_) throws(StoreError) in throw StoreError(.failed, "enough") }
        }
        #expect(stopped?.message == "enough")
        var found: [Int64] = []
        try select.forEachRow { (row) throws(StoreError) in found.append(try row.integer(0)) }
        #expect(found == [1, 2])
    }
}
