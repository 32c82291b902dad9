import Grid

/// Transfers are read with the hash of the one before: each is served only if the chain still says that it is what was
/// written.
extension LedgerRecords {
    /// Calls `body` with the user's transfers behind that number, ascending, each once.
    func forEachTransfer(
        of user: UserID, currency: Currency?, after number: UInt64,
        _ body: (LedgerTransfer) throws(StoreError) -> Void
    ) throws(StoreError) {
        try database.statement(Self.selectTransfersOfUser)
            .forEachRow([.text(user.text), .optional(number), .optional(currency?.code)]) { (row) throws(StoreError) in
                try body(try verifiedTransfer(of: row).transfer)
            }
    }

    /// The transfers that carry a key, ascending.
    func keyedTransfers() throws(StoreError) -> [LedgerTransfer] {
        var transfers: [LedgerTransfer] = []
        try database.statement(Self.selectTransfersWithKey)
            .forEachRow { (row) throws(StoreError) in transfers.append(try verifiedTransfer(of: row).transfer) }
        return transfers
    }

    /// Checks the newest transfers, each against the one before and the last against the ledger's end.
    func verifyTail(_ count: Int) throws(StoreError) -> LedgerProof {
        let head = try head()
        let before = head.number > UInt64(count) ? head.number - UInt64(count) : 0
        return try walk(behind: before, to: head) { (_) throws(StoreError) in }
    }

    /// Checks every transfer, and that all of them add up to the balances as they are kept.
    func verifyAll() throws(StoreError) -> LedgerProof {
        var sums: [BalanceKey: Int64] = [:]
        func add(_ amount: Int64, to account: LedgerAccount, _ currency: Currency) throws(StoreError) {
            let key = BalanceKey(account: account, currency: currency)
            let (sum, overflow) = sums[key, default: 0].addingReportingOverflow(amount)
            guard !overflow else { throw StoreError(.corrupt, "the transfers are beyond any sum") }
            sums[key] = sum
        }
        let proof = try walk(behind: 0, to: try head()) { (transfer) throws(StoreError) in
            try add(-transfer.amountMicros, to: transfer.debit, transfer.currency)
            try add(transfer.amountMicros, to: transfer.credit, transfer.currency)
        }
        let kept = try balances()
        for balance in kept {
            let sum = sums[BalanceKey(account: balance.account, currency: balance.currency)]
            guard sum == balance.micros else {
                let user = balance.account.user.map { " of \($0)" } ?? ""
                throw StoreError(
                    .corrupt,
                    "the balance \(balance.account.kindName)\(user) in \(balance.currency) is \(balance.micros), but "
                        + "the transfers make \(sum.map { "\($0)" } ?? "none")")
            }
        }
        guard kept.count == sums.count else {
            throw StoreError(.corrupt, "there are transfers of a balance that is gone")
        }
        return proof
    }

    private func walk(
        behind first: UInt64, to head: Head, _ body: (LedgerTransfer) throws(StoreError) -> Void
    ) throws(StoreError) -> LedgerProof {
        var (number, hash) = (first, LedgerChain.origin)
        try database.statement(Self.selectTransfers + " WHERE t.number > ? ORDER BY t.number")
            .forEachRow([.optional(first)]) { (row) throws(StoreError) in
                let (transfer, own) = try verifiedTransfer(of: row)
                number += 1
                guard transfer.number == number else { throw StoreError(.corrupt, "transfer \(number) is gone") }
                hash = own
                try body(transfer)
            }
        guard number == head.number, hash == head.hash else {
            throw StoreError(.corrupt, "the ledger ends at transfer \(number) otherwise than it did (\(head.number))")
        }
        return LedgerProof(transfers: number, head: hash)
    }

    // MARK: Rows

    private static let selectTransfers = """
        SELECT t.number, t.id, t.at, t.kind, t.debit, t.debit_user, t.credit, t.credit_user, t.currency,
            t.amount_micros, t.task, t.key, t.hash, p.hash
        FROM transfer AS t LEFT JOIN transfer AS p ON p.number = t.number - 1
        """

    static let selectTransfersWithKey = selectTransfers + " WHERE t.key IS NOT NULL ORDER BY t.number"

    /// Parameters: the user, the number behind which it begins, the currency or NULL for all.
    ///
    /// Two walks through an index each, merged by number as they go. A transfer within the user's own accounts is in
    /// both, and told by the first.
    static let selectTransfersOfUser = {
        let own = "t.number > ?2 AND (?3 IS NULL OR t.currency = ?3)"
        return """
            \(selectTransfers) WHERE t.debit_user = ?1 AND \(own)
            UNION ALL \(selectTransfers) WHERE t.credit_user = ?1 AND t.debit_user IS NOT ?1 AND \(own)
            ORDER BY 1
            """
    }()

    /// The row's transfer and its hash, if that is what the one before makes it.
    private func verifiedTransfer(
        of row: SQLiteStatement
    ) throws(StoreError) -> (transfer: LedgerTransfer, hash: Digest256) {
        let number = try row.word(0)
        guard let kind = LedgerTransfer.Kind(rawValue: try row.text(3)),
            let debit = LedgerAccount(kindName: try row.text(4), user: try row.optionalText(5)),
            let credit = LedgerAccount(kindName: try row.text(6), user: try row.optionalText(7)),
            let currency = Currency(try row.text(8))
        else { throw StoreError(.corrupt, "transfer \(number) cannot be read") }
        let transfer = LedgerTransfer(
            number: number, id: try row.uuid(1), at: Timestamp(milliseconds: try row.integer(2)), kind: kind,
            debit: debit, credit: credit, currency: currency, amountMicros: try row.integer(9),
            task: row.isNull(10) ? nil : TaskID(try row.uuid(10)), key: try row.optionalText(11))
        let previous: Digest256
        if number == 1 {
            previous = LedgerChain.origin
        } else {
            guard !row.isNull(13) else { throw StoreError(.corrupt, "transfer \(number - 1) is gone") }
            previous = try row.digest(13)
        }
        let hash = try row.digest(12)
        guard LedgerChain.hash(transfer, after: previous) == hash else {
            throw StoreError(.corrupt, "transfer \(number) is not what was written, or the one before it is not")
        }
        return (transfer, hash)
    }
}
