import CSQLite

/// A prepared statement of one ``SQLiteDatabase``; used on its thread only, and not after its `close()`.
public final class SQLiteStatement {
    private let database: OpaquePointer
    private var pointer: OpaquePointer?
    public let sql: String

    init(_ database: OpaquePointer, sql: String) throws(StoreError) {
        self.database = database
        self.sql = sql
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK else { throw SQLiteDatabase.error(database, sql: sql) }
        precondition(pointer != nil, "a statement without text")
    }

    /// Gives the statement back to SQLite; called by the database.
    func finalize() {
        sqlite3_finalize(pointer)
        pointer = nil
    }

    /// Sets all parameters, in order.
    public func bind(_ values: [SQLiteValue]) throws(StoreError) {
        precondition(values.count == sqlite3_bind_parameter_count(pointer), "a wrong number of values for \(sql)")
        for (offset, value) in values.enumerated() {
            let index = Int32(offset + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(pointer, index)
                case .integer(let integer): sqlite3_bind_int64(pointer, index, integer)
                case .text(let text): Self.bind(text, pointer, index)
                case .blob(let bytes): Self.bind(bytes, pointer, index)
                }
            guard code == SQLITE_OK else { throw SQLiteDatabase.error(database, sql: sql) }
        }
    }

    /// Goes to the next row; `false` when there is none.
    public func step() throws(StoreError) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            // The message is the connection's; read it before the reset.
            let error = SQLiteDatabase.error(database, sql: sql)
            reset()
            throw error
        }
    }

    /// Binds the values and runs the statement to its end; rows are dropped.
    public func run(_ values: [SQLiteValue] = []) throws(StoreError) {
        defer { reset() }
        try bind(values)
        while try step() {}
    }

    /// Binds the values, runs an `INSERT`, `UPDATE` or `DELETE` to its end and returns how many rows it changed.
    public func change(_ values: [SQLiteValue] = []) throws(StoreError) -> Int64 {
        try run(values)
        return sqlite3_changes64(database)
    }

    /// Binds the values and calls `body` once for each row.
    public func forEachRow(
        _ values: [SQLiteValue] = [], _ body: (SQLiteStatement) throws(StoreError) -> Void
    ) throws(StoreError) {
        defer { reset() }
        try bind(values)
        while try step() { try body(self) }
    }

    /// Makes the statement ready for its next use.
    public func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    // MARK: The current row's columns, from 0

    /// Whether the column is NULL.
    public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    /// An integer; anything else there means that the file is corrupt.
    public func integer(_ column: Int32) throws(StoreError) -> Int64 {
        try expect(SQLITE_INTEGER, column)
        return sqlite3_column_int64(pointer, column)
    }

    /// An unsigned word stored by ``SQLiteValue/optional(_:)``.
    public func word(_ column: Int32) throws(StoreError) -> UInt64 { UInt64(bitPattern: try integer(column)) }

    /// A text of valid UTF-8.
    public func text(_ column: Int32) throws(StoreError) -> String {
        try expect(SQLITE_TEXT, column)
        let start = sqlite3_column_text(pointer, column)
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw StoreError(.corrupt, "a text that is not UTF-8", sql: sql)
        }
        return text
    }

    /// A blob's bytes.
    public func blob(_ column: Int32) throws(StoreError) -> [UInt8] {
        try expect(SQLITE_BLOB, column)
        let start = sqlite3_column_blob(pointer, column)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
    }

    /// An integer, or `nil` for NULL.
    public func optionalInteger(_ column: Int32) throws(StoreError) -> Int64? {
        isNull(column) ? nil : try integer(column)
    }

    /// An unsigned word, or `nil` for NULL.
    public func optionalWord(_ column: Int32) throws(StoreError) -> UInt64? { isNull(column) ? nil : try word(column) }

    /// A text, or `nil` for NULL.
    public func optionalText(_ column: Int32) throws(StoreError) -> String? { isNull(column) ? nil : try text(column) }

    /// A blob's bytes, or `nil` for NULL.
    public func optionalBlob(_ column: Int32) throws(StoreError) -> [UInt8]? { isNull(column) ? nil : try blob(column) }

    private func expect(_ type: Int32, _ column: Int32) throws(StoreError) {
        guard sqlite3_column_type(pointer, column) == type else {
            throw StoreError(.corrupt, "column \(column) has a value of another type", sql: sql)
        }
    }

    /// `SQLITE_TRANSIENT`: SQLite copies the bytes before the call returns.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private static func bind(_ text: String, _ pointer: OpaquePointer?, _ index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty text may have no address, which SQLite would take for NULL.
                characters.isEmpty
                    ? sqlite3_bind_text(pointer, index, "", 0, copied)
                    : sqlite3_bind_text(pointer, index, characters.baseAddress, Int32(characters.count), copied)
            }
        }
    }

    private static func bind(_ bytes: [UInt8], _ pointer: OpaquePointer?, _ index: Int32) -> Int32 {
        bytes.isEmpty
            ? sqlite3_bind_zeroblob(pointer, index, 0)
            : sqlite3_bind_blob(pointer, index, bytes, Int32(bytes.count), copied)
    }
}
