public import Grid

/// The ledger, read by whoever owns the archive. Others read it through a ``LedgerReader``.
extension Archive {
    private var ledger: LedgerRecords { LedgerRecords(database: database) }

    func write(_ transfer: LedgerTransfer) throws(StoreError) { try ledger.append(transfer) }

    /// What the Hub needs of the ledger, with the newest transfers' chain checked.
    func readLedger(checking count: Int = Limits.transfersCheckedAtStart) throws(StoreError) -> StoredLedger {
        var stored = StoredLedger()
        stored.lastNumber = try ledger.verifyTail(count).transfers
        stored.balances = try ledger.balances()
        stored.keyed = try ledger.keyedTransfers()
        return stored
    }

    /// Checks the whole chain, and that all transfers add up to the balances as they are kept.
    ///
    /// Takes as long as it takes to read the whole ledger. Throws ``StoreError/Kind/corrupt`` at the first fault.
    public func verifyLedger() throws(StoreError) -> LedgerProof {
        do throws(StoreError) {
            return try ledger.verifyAll()
        } catch {
            throw Self.explained(error, directory.databasePath)
        }
    }

    /// Calls `body` with the user's transfers behind that number, ascending, each checked against the chain.
    ///
    /// - Parameter currency: `nil` = all.
    public func forEachTransfer(
        of user: UserID, currency: Currency? = nil, after number: UInt64 = 0,
        _ body: (LedgerTransfer) throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            try ledger.forEachTransfer(of: user, currency: currency, after: number, body)
        } catch {
            throw Self.explained(error, directory.databasePath)
        }
    }
}
