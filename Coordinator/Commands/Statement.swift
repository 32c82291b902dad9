internal import Grid

/// A user's transfers as rows of CSV (RFC 4180), each with what the user had behind it.
///
/// Balances add up from the first transfer, so all are to be given, also those before ``from``.
struct Statement {
    let user: UserID
    /// `nil` = all.
    var currency: Currency?
    /// Rows not before; `nil` = from the beginning.
    var from: Timestamp?
    /// Rows before; `nil` = to the end.
    var to: Timestamp?
    private var balances: [Currency: (available: Int64, locked: Int64)] = [:]

    init(user: UserID) { self.user = user }

    static let titles =
        "number,time,transfer_id,kind,debit,credit,amount,currency,available_change,locked_change,available,locked,"
        + "task_id,key\r\n"

    /// The row of the next transfer; `nil` where it lies outside the period.
    mutating func row(of transfer: LedgerTransfer) -> String? {
        var change = (available: Int64(0), locked: Int64(0))
        for (account, amount) in [(transfer.debit, -transfer.amountMicros), (transfer.credit, transfer.amountMicros)] {
            switch account {
            case .available(user): change.available += amount
            case .held(user): change.locked += amount
            case .available, .held, .platform, .world: break
            }
        }
        var balance = balances[transfer.currency] ?? (0, 0)
        balance.available += change.available
        balance.locked += change.locked
        balances[transfer.currency] = balance
        if let from, transfer.at < from { return nil }
        if let to, transfer.at >= to { return nil }
        let cells = [
            "\(transfer.number)", transfer.at.iso8601, "\(transfer.id)", transfer.kind.rawValue,
            name(transfer.debit), name(transfer.credit), DecimalAmount.text(transfer.amountMicros),
            transfer.currency.code, DecimalAmount.text(change.available), DecimalAmount.text(change.locked),
            DecimalAmount.text(balance.available), DecimalAmount.text(balance.locked),
            transfer.task.map { "\($0)" } ?? "", transfer.key ?? "",
        ]
        return CSVRow.text(cells)
    }

    private func name(_ account: LedgerAccount) -> String {
        switch account {
        case .available(let user): "available:\(user)"
        case .held(let user): "locked:\(user)"
        case .platform: "platform"
        case .world: "world"
        }
    }
}
