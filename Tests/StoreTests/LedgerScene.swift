import Grid

@testable import Store

/// A ledger that grows by random transfers which nothing overdraws, and what it adds up to by another way of counting.
struct LedgerScene {
    struct Key: Hashable {
        var account: LedgerAccount
        var currency: Currency
    }
    private var draw: Draw
    private(set) var transfers: [LedgerTransfer] = []
    private(set) var sums: [Key: Int64] = [:]
    static let users = ["ana", "bea", "Zoë", "o'neill", "available"].map { UserID($0) }

    init(seed: UInt64) { draw = Draw(seed: seed) }

    /// The next transfer: of what there is, or else a deposit.
    mutating func next() -> LedgerTransfer {
        let user = Self.users.randomElement(using: &draw)!
        let other = Self.users.randomElement(using: &draw)!
        let currency = draw.currency()
        let moves: [(LedgerTransfer.Kind, LedgerAccount, LedgerAccount)] = [
            (.deposit, .world, .available(user)), (.hold, .available(user), .held(user)),
            (.payment, .held(user), .available(other)), (.fee, .held(user), .platform),
            (.release, .held(user), .available(user)),
        ]
        var (kind, debit, credit) = moves.randomElement(using: &draw)!
        var most = debit == .world ? 1_000_000 : sums[Key(account: debit, currency: currency), default: 0]
        if most == 0 { (kind, debit, credit, most) = (.deposit, .world, .available(user), 1_000_000) }
        let transfer = LedgerTransfer(
            number: UInt64(transfers.count + 1), id: draw.uuid(), at: draw.time(), kind: kind, debit: debit,
            credit: credit, currency: currency, amountMicros: Int64.random(in: 1...most, using: &draw),
            task: draw.maybe { TaskID($0.uuid()) }, key: draw.maybe { $0.text() })
        sums[Key(account: debit, currency: currency), default: 0] -= transfer.amountMicros
        sums[Key(account: credit, currency: currency), default: 0] += transfer.amountMicros
        transfers.append(transfer)
        return transfer
    }

    mutating func next(_ count: Int) -> [StoreChange] { (0..<count).map { _ in .transfer(next()) } }

    /// What a user has in a currency; `nil` where nothing ever was.
    func balance(of user: UserID, _ currency: Currency) -> Balance? {
        let available = sums[Key(account: .available(user), currency: currency)]
        let held = sums[Key(account: .held(user), currency: currency)]
        guard available != nil || held != nil else { return nil }
        return Balance(currency: currency, availableMicros: available ?? 0, lockedMicros: held ?? 0)
    }

    func transfers(of user: UserID) -> [LedgerTransfer] {
        transfers.filter { $0.debit.user == user || $0.credit.user == user }
    }
}
