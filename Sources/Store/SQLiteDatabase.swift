import CSQLite

/// One connection to an SQLite file. Used by one thread at a time; may be handed from one to another.
public final class SQLiteDatabase {
    private var pointer: OpaquePointer?
    private var statements: [String: SQLiteStatement] = [:]
    public let path: String
    /// Pages in the write-ahead log after the last commit.
    public private(set) var logPages = 0

    /// How long a write waits for a reader that checkpoints or backs up, in milliseconds.
    private static let busyMilliseconds: Int32 = 5000

    /// Opens the file, creating an empty database where there is none.
    public convenience init(path: String) throws(StoreError) {
        try self.init(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
    }

    /// Opens a file that is there to read from it, beside whoever writes to it.
    public convenience init(readingFrom path: String) throws(StoreError) {
        try self.init(path, SQLITE_OPEN_READONLY)
    }

    private init(_ path: String, _ mode: Int32) throws(StoreError) {
        self.path = path
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK else {
            let error = Self.error(opened, sql: nil)
            sqlite3_close_v2(opened)
            throw error
        }
        pointer = opened
        do throws(StoreError) {
            try configure()
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    /// Writes the log back into the file and gives everything up. Further calls are a fault, but for `close()`.
    public func close() {
        for statement in statements.values { statement.finalize() }
        statements = [:]
        sqlite3_close_v2(pointer)
        pointer = nil
    }

    private func configure() throws(StoreError) {
        sqlite3_busy_timeout(pointer, Self.busyMilliseconds)
        try execute("PRAGMA trusted_schema = OFF")
        try execute("PRAGMA cell_size_check = ON")
        try execute("PRAGMA foreign_keys = ON")
    }

    /// Keeps commits in a write-ahead log from now on, each on disk when it returns (`synchronous=FULL`).
    ///
    /// Changes the file; so it comes after the check whose file it is.
    public func useWriteAheadLog() throws(StoreError) {
        let mode = try text("PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw StoreError(.failed, "\(path): this file system has no write-ahead log (journal mode \(mode))")
        }
        try execute("PRAGMA synchronous = FULL")
        // The owner checkpoints between commits, so that no commit waits for one: see `checkpoint()`.
        try execute("PRAGMA wal_autocheckpoint = 0")
        let me = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            pointer,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<SQLiteDatabase>.fromOpaque(context).takeUnretainedValue().logPages = Int(pages)
                return SQLITE_OK
            }, me)
    }

    /// Runs statements without parameters, separated by semicolons.
    public func execute(_ sql: String) throws(StoreError) {
        guard sqlite3_exec(open, sql, nil, nil, nil) == SQLITE_OK else { throw Self.error(pointer, sql: sql) }
    }

    /// The statement, prepared at its first use and kept.
    public func statement(_ sql: String) throws(StoreError) -> SQLiteStatement {
        if let statement = statements[sql] { return statement }
        let statement = try SQLiteStatement(open, sql: sql)
        statements[sql] = statement
        return statement
    }

    /// The first column of the only row, as text.
    public func text(_ sql: String) throws(StoreError) -> String {
        let statement = try SQLiteStatement(open, sql: sql)
        defer { statement.finalize() }
        guard try statement.step() else { throw StoreError(.failed, "no row", sql: sql) }
        return try statement.text(0)
    }

    /// The first column of the only row, as an integer.
    public func integer(_ sql: String) throws(StoreError) -> Int64 {
        let statement = try SQLiteStatement(open, sql: sql)
        defer { statement.finalize() }
        guard try statement.step() else { throw StoreError(.failed, "no row", sql: sql) }
        return try statement.integer(0)
    }

    /// Runs `body` in one transaction: all of it is on disk when this returns, or nothing when this throws.
    public func transaction<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        try execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // SQLite has rolled back by itself after some failures, a full disk among them.
            if sqlite3_get_autocommit(open) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Writes what is in the log back into the file, as far as readers let it, so that the log starts anew.
    public func checkpoint() throws(StoreError) {
        let code = sqlite3_wal_checkpoint_v2(open, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw Self.error(pointer, sql: "checkpoint") }
    }

    /// Throws ``StoreError/Kind/corrupt`` unless every page of the file is well-formed.
    public func checkIntegrity() throws(StoreError) {
        let verdict = try text("PRAGMA quick_check(1)")
        guard verdict == "ok" else {
            throw StoreError(.corrupt, verdict, sql: "PRAGMA quick_check")
        }
    }

    private var open: OpaquePointer {
        guard let pointer else { preconditionFailure("a database used after its close") }
        return pointer
    }

    /// The connection's last failure.
    static func error(_ database: OpaquePointer?, sql: String?) -> StoreError {
        guard let database else { return StoreError(.failed, code: SQLITE_NOMEM, "out of memory", sql: sql) }
        let code = sqlite3_extended_errcode(database)
        let kind = StoreError.kind(ofResult: code, systemError: sqlite3_system_errno(database))
        return StoreError(kind, code: code, String(cString: sqlite3_errmsg(database)), sql: sql)
    }
}
