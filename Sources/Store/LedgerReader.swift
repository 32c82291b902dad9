public import Grid

/// A look at the ledger from outside, while a coordinator writes to it or none runs: needs no lock and changes nothing.
///
/// Everything it tells is of one moment, that of its opening. Used by one thread; to be closed soon, because the
/// coordinator's log cannot begin anew behind what somebody still looks at.
public final class LedgerReader {
    private let database: SQLiteDatabase
    private var records: LedgerRecords { LedgerRecords(database: database) }

    /// Opens the ledger of the data directory at that path.
    ///
    /// Throws ``StoreError/Kind/foreign`` for a database of another program or another version, and
    /// ``StoreError/Kind/failed`` where there is none.
    public static func open(path: String) throws(StoreError) -> LedgerReader {
        let file = DataDirectory.databasePath(in: path)
        do throws(StoreError) {
            return LedgerReader(try openDatabase(file))
        } catch {
            var explained = error
            if !error.message.hasPrefix(file) { explained.message = "\(file): \(error.message)" }
            throw explained
        }
    }

    private init(_ database: SQLiteDatabase) { self.database = database }

    private static func openDatabase(_ file: String) throws(StoreError) -> SQLiteDatabase {
        let database = try SQLiteDatabase(readingFrom: file)
        // The moment of which everything is told begins with the first read.
        try database.execute("BEGIN")
        try Migrations.admit(database)
        let version = try Migrations.version(of: database)
        guard version == Migrations.all.count else {
            throw StoreError(
                .foreign,
                "its schema is \(version), this version's \(Migrations.all.count): use the program that wrote it")
        }
        return database
    }

    /// What the user has, ascending by currency.
    public func balances(of user: UserID) throws(StoreError) -> [Balance] {
        try explaining { () throws(StoreError) in try records.balances(of: user) }
    }

    /// Calls `body` with the user's transfers behind that number, ascending, each checked against the chain.
    ///
    /// - Parameter currency: `nil` = all.
    public func forEachTransfer(
        of user: UserID, currency: Currency? = nil, after number: UInt64 = 0,
        _ body: (LedgerTransfer) throws(StoreError) -> Void
    ) throws(StoreError) {
        try explaining { () throws(StoreError) in
            try records.forEachTransfer(of: user, currency: currency, after: number, body)
        }
    }

    /// Checks the whole chain, and that all transfers add up to the balances as they are kept.
    ///
    /// Throws ``StoreError/Kind/corrupt`` at the first fault.
    public func verify() throws(StoreError) -> LedgerProof {
        try explaining { () throws(StoreError) in try records.verifyAll() }
    }

    /// Gives everything up. Further calls are a fault, but for `close()`.
    public func close() { database.close() }

    private func explaining<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        do throws(StoreError) {
            return try body()
        } catch {
            throw Archive.explained(error, database.path)
        }
    }
}
