internal import Grid

/// Who has how much of what: every account's balance, as all transfers so far make it.
///
/// The transfers themselves are the Store's; here is only their sum, and what a repeated request must find. A transfer
/// takes from one account exactly what it gives to another, so the balances of a currency add up to nothing. The
/// world's is the negative of all others together, and no lower than −``Limits/balanceMicros``: so no sum can overflow,
/// and money that is in can always be moved.
struct Ledger: Sendable {
    private struct Entry: Hashable, Sendable {
        var currency: Currency
        var micros: Int64
    }

    private struct DepositName: Hashable, Sendable {
        var user: UserID
        var key: String
    }

    /// Ascending by currency; an entry stays when it has come to nothing.
    private var accounts: [LedgerAccount: [Entry]] = [:]
    private var keyed: [DepositName: LedgerTransfer] = [:]
    /// Of the last transfer; 0 before the first.
    private(set) var lastNumber: UInt64 = 0

    init(_ stored: StoredLedger = StoredLedger()) {
        for balance in stored.balances {
            precondition(
                !accounts[balance.account, default: []].contains { $0.currency == balance.currency },
                "the Store holds an account's balance twice")
            add(balance.micros, to: balance.account, balance.currency)
        }
        for transfer in stored.keyed {
            guard let key = transfer.key, case .available(let user) = transfer.credit else { continue }
            if PlantedBug.isActive(.depositKeyForgotten) { continue }
            keyed[DepositName(user: user, key: key)] = transfer
        }
        lastNumber = stored.lastNumber
    }

    /// Accounts that ever had something.
    var accountCount: Int { accounts.count }
    /// Deposits that were named.
    var keyCount: Int { keyed.count }

    func micros(_ account: LedgerAccount, _ currency: Currency) -> Int64 {
        accounts[account]?.first { $0.currency == currency }?.micros ?? 0
    }

    /// A user's balances, ascending by currency: every one in which there ever was anything.
    func balances(of user: UserID) -> [Balance] {
        // Whatever a user has is or was available once.
        (accounts[.available(user)] ?? []).map { entry in
            Balance(
                currency: entry.currency, availableMicros: entry.micros,
                lockedMicros: micros(.held(user), entry.currency))
        }
    }

    func balance(of user: UserID, _ currency: Currency) -> Balance {
        Balance(
            currency: currency, availableMicros: micros(.available(user), currency),
            lockedMicros: micros(.held(user), currency))
    }

    /// The deposit that a user's earlier request of this name made.
    func deposit(to user: UserID, key: String) -> LedgerTransfer? { keyed[DepositName(user: user, key: key)] }

    /// How much more the world may bring in.
    func depositRoom(_ currency: Currency) -> Int64 { Limits.balanceMicros + micros(.world, currency) }

    /// Every balance, for comparison with a sum of transfers; in no order.
    var stored: [StoredBalance] {
        accounts.flatMap { account, entries in
            entries.map { StoredBalance(account: account, currency: $0.currency, micros: $0.micros) }
        }
    }

    /// Moves money. That it is there, and that it is more than nothing, is for the caller to know.
    mutating func move(
        _ amountMicros: Int64, _ currency: Currency, _ kind: LedgerTransfer.Kind, from debit: LedgerAccount,
        to credit: LedgerAccount, task: TaskID? = nil, key: String? = nil, id: UUID128, at now: Timestamp
    ) -> LedgerTransfer {
        precondition(amountMicros > 0, "a transfer moves something")
        precondition(debit != credit, "a transfer has two sides")
        let room = debit == .world ? depositRoom(currency) : micros(debit, currency)
        precondition(amountMicros <= room, "a transfer moves what is there")
        lastNumber += 1
        add(-amountMicros, to: debit, currency)
        add(amountMicros, to: credit, currency)
        let transfer = LedgerTransfer(
            number: lastNumber, id: id, at: now, kind: kind, debit: debit, credit: credit, currency: currency,
            amountMicros: amountMicros, task: task, key: key)
        if let key, case .available(let user) = credit { keyed[DepositName(user: user, key: key)] = transfer }
        return transfer
    }

    private mutating func add(_ micros: Int64, to account: LedgerAccount, _ currency: Currency) {
        let entries = accounts[account, default: []]
        let place = entries.firstIndex { $0.currency >= currency } ?? entries.count
        if place < entries.count, entries[place].currency == currency {
            accounts[account]?[place].micros += micros
        } else {
            accounts[account, default: []].insert(Entry(currency: currency, micros: micros), at: place)
        }
    }
}
