public import Grid

/// Where the ledger stood when it was found whole: all transfers of one moment.
public struct LedgerProof: Hashable, Sendable {
    /// The last transfer's number, and so how many there are.
    public var transfers: UInt64
    /// The last transfer's hash. Who has noted it elsewhere can tell whether anything before it was changed since.
    public var head: Digest256
}

/// The ledger's tables: transfers, chained and never changed; where the chain ends; and every account's balance, kept
/// in the same transaction, so that a start need not add up all that ever was.
struct LedgerRecords {
    let database: SQLiteDatabase

    /// Where the chain ends.
    struct Head {
        var number: UInt64
        var hash: Digest256
    }

    /// An account in one currency.
    struct BalanceKey: Hashable {
        var account: LedgerAccount
        var currency: Currency
    }

    // MARK: Writing

    /// Appends a transfer, links it to the one before, and moves its amount between the balances.
    func append(_ transfer: LedgerTransfer) throws(StoreError) {
        let head = try head()
        precondition(transfer.number == head.number + 1, "a ledger has no holes")
        precondition(transfer.amountMicros > 0 && transfer.debit != transfer.credit, "a transfer moves something")
        let hash = LedgerChain.hash(transfer, after: head.hash)
        try database.statement(
            """
            INSERT INTO transfer (number, id, at, kind, debit, debit_user, credit, credit_user, currency,
                amount_micros, task, key, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run([
            .optional(transfer.number), .text(transfer.id.description), .integer(transfer.at.milliseconds),
            .text(transfer.kind.rawValue), .text(transfer.debit.kindName), .optional(transfer.debit.user?.text),
            .text(transfer.credit.kindName), .optional(transfer.credit.user?.text), .text(transfer.currency.code),
            .integer(transfer.amountMicros), .optional(transfer.task?.description), .optional(transfer.key),
            .blob(hash.bytes),
        ])
        try database.statement("UPDATE ledger_head SET last_number = ?, hash = ?, checksum = ?").run([
            .optional(transfer.number), .blob(hash.bytes), .integer(checksum(of: transfer.number, hash)),
        ])
        try change(BalanceKey(account: transfer.debit, currency: transfer.currency), by: -transfer.amountMicros)
        try change(BalanceKey(account: transfer.credit, currency: transfer.currency), by: transfer.amountMicros)
    }

    private func change(_ key: BalanceKey, by amount: Int64) throws(StoreError) {
        let account: [SQLiteValue] = [
            .text(key.account.kindName), .text(key.account.user?.text ?? ""), .text(key.currency.code),
        ]
        var before: Int64?
        try database.statement(
            "SELECT micros, checksum FROM balance WHERE account = ? AND user = ? AND currency = ?"
        ).forEachRow(account) { (row) throws(StoreError) in
            let micros = try row.integer(0)
            try row.verify(1, checksum(of: key, micros), of: "the balance of \(Self.name(of: key))")
            before = micros
        }
        let micros = (before ?? 0) + amount
        precondition(micros >= 0 || key.account == .world, "an account is overdrawn")
        let values: [SQLiteValue] = [.integer(micros), .integer(checksum(of: key, micros))] + account
        if before != nil {
            try database.statement(
                "UPDATE balance SET micros = ?, checksum = ? WHERE account = ? AND user = ? AND currency = ?"
            ).run(values)
        } else {
            try database.statement(
                "INSERT INTO balance (micros, checksum, account, user, currency) VALUES (?, ?, ?, ?, ?)"
            ).run(values)
            try Tallies(database: database).add(1, to: .balances)
        }
    }

    // MARK: Reading

    func head() throws(StoreError) -> Head {
        var found: Head?
        try database.statement("SELECT last_number, hash, checksum FROM ledger_head")
            .forEachRow { (row) throws(StoreError) in
                let head = Head(number: try row.word(0), hash: try row.digest(1))
                try row.verify(2, checksum(of: head.number, head.hash), of: "the ledger's end")
                found = head
            }
        guard let found else { throw StoreError(.corrupt, "the record of the ledger's end is gone") }
        return found
    }

    /// All balances, by kind of account, user and currency. Those of one currency must be zero together.
    func balances() throws(StoreError) -> [StoredBalance] {
        var balances: [StoredBalance] = []
        var sums: [Currency: Int64] = [:]
        try database.statement(Self.selectBalances + " ORDER BY account, user, currency")
            .forEachRow { (row) throws(StoreError) in
                let balance = try self.balance(of: row)
                let (sum, overflow) = sums[balance.currency, default: 0].addingReportingOverflow(balance.micros)
                guard !overflow else { throw StoreError(.corrupt, "the balances are beyond any sum") }
                sums[balance.currency] = sum
                balances.append(balance)
            }
        try Tallies(database: database).verify(.balances, found: balances.count)
        for (currency, sum) in sums.sorted(by: { $0.key < $1.key }) where sum != 0 {
            throw StoreError(.corrupt, "the balances in \(currency) make \(sum) together instead of 0")
        }
        return balances
    }

    /// What a user has, ascending by currency.
    func balances(of user: UserID) throws(StoreError) -> [Balance] {
        var balances: [Balance] = []
        try database.statement(
            Self.selectBalances + " WHERE account IN ('available', 'held') AND user = ? ORDER BY currency"
        ).forEachRow([.text(user.text)]) { (row) throws(StoreError) in
            let stored = try balance(of: row)
            if balances.last?.currency != stored.currency {
                balances.append(Balance(currency: stored.currency, availableMicros: 0, lockedMicros: 0))
            }
            let last = balances.count - 1
            if case .held = stored.account {
                balances[last].lockedMicros = stored.micros
            } else {
                balances[last].availableMicros = stored.micros
            }
        }
        return balances
    }

    private static let selectBalances = "SELECT account, user, currency, micros, checksum FROM balance"

    private func balance(of row: SQLiteStatement) throws(StoreError) -> StoredBalance {
        let (kind, user, micros) = (try row.text(0), try row.text(1), try row.integer(3))
        // A user's name is never empty.
        guard let account = LedgerAccount(kindName: kind, user: user.isEmpty ? nil : user),
            let currency = Currency(try row.text(2))
        else { throw StoreError(.corrupt, "the balance of an account that is none", sql: row.sql) }
        let key = BalanceKey(account: account, currency: currency)
        try row.verify(4, checksum(of: key, micros), of: "the balance of \(Self.name(of: key))")
        return StoredBalance(account: account, currency: currency, micros: micros)
    }

    private static func name(of key: BalanceKey) -> String {
        let user = key.account.user.map { " of \($0)" } ?? ""
        return "\(key.account.kindName)\(user) in \(key.currency)"
    }

    private func checksum(of number: UInt64, _ hash: Digest256) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, number)
        checksum.add(2, hash.bytes)
        return checksum.value
    }

    private func checksum(of key: BalanceKey, _ micros: Int64) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, key.account.kindName)
        checksum.add(2, key.account.user?.text)
        checksum.add(3, key.currency.code)
        checksum.add(4, micros)
        return checksum.value
    }
}

extension SQLiteStatement {
    /// A SHA-256 digest.
    func digest(_ column: Int32) throws(StoreError) -> Digest256 {
        let bytes = try blob(column)
        guard bytes.count == 32 else { throw StoreError(.corrupt, "a digest of a wrong length", sql: sql) }
        return Digest256(bytes: bytes)
    }
}
