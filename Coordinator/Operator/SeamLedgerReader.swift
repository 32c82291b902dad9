internal import Grid
internal import Store
// SEAM: replaced by the store branch's type of the same name; this file goes then.
final class LedgerReader {
    static func open(path: String) throws(StoreError) -> LedgerReader { preconditionFailure("SEAM") }
    func forEachTransfer(
        of user: UserID, currency: Currency?, _ body: (LedgerTransfer) throws(StoreError) -> Void
    ) throws(StoreError) { preconditionFailure("SEAM") }
    func close() {}
}
