/// One side of a transfer.
public enum LedgerAccount: Hashable, Sendable {
    /// What a user may spend.
    case available(UserID)
    /// What is set aside for a user's tasks.
    case held(UserID)
    /// What the platform has earned.
    case platform
    /// The world outside, where deposits come from: its balance is the negative of everybody else's.
    case world
}

/// Money that moved from one account to another: a debit and a credit of the same amount. Never changed once written.
public struct LedgerTransfer: Hashable, Sendable {
    /// The raw value is the name on disk and in statements.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case deposit
        /// Set aside at a task's submission.
        case hold
        /// Of what was set aside: to the node's owner.
        case payment
        /// Of what was set aside: to the platform.
        case fee
        /// What is left of what was set aside, back to its owner.
        case release
    }
    /// Dense, from 1.
    public var number: UInt64
    public var id: UUID128
    public var at: Timestamp
    public var kind: Kind
    /// Whose balance falls.
    public var debit: LedgerAccount
    /// Whose balance rises.
    public var credit: LedgerAccount
    public var currency: Currency
    /// Positive.
    public var amountMicros: Int64
    public var task: TaskID?
    /// What whoever asked for it named the request.
    public var key: String?

    public init(
        number: UInt64, id: UUID128, at: Timestamp, kind: Kind, debit: LedgerAccount, credit: LedgerAccount,
        currency: Currency, amountMicros: Int64, task: TaskID? = nil, key: String? = nil
    ) {
        self.number = number
        self.id = id
        self.at = at
        self.kind = kind
        self.debit = debit
        self.credit = credit
        self.currency = currency
        self.amountMicros = amountMicros
        self.task = task
        self.key = key
    }
}

/// An account's balance as the stored transfers add up to it.
public struct StoredBalance: Hashable, Sendable {
    public var account: LedgerAccount
    public var currency: Currency
    public var micros: Int64
    public init(account: LedgerAccount, currency: Currency, micros: Int64) {
        self.account = account
        self.currency = currency
        self.micros = micros
    }
}

/// The ledger as the Store kept it.
public struct StoredLedger: Hashable, Sendable {
    public var balances: [StoredBalance] = []
    /// The last transfer's; 0 without one.
    public var lastNumber: UInt64 = 0
    /// Transfers that carry a key: a repeated request finds its answer here.
    public var keyed: [LedgerTransfer] = []
    public init() {}
}

/// An operator's wish to add to a user's balance.
public struct DepositRequest: Hashable, Sendable {
    /// Drawn at random by the caller.
    public var id: UUID128
    public var user: UserID
    public var currency: Currency
    /// 1 to ``Limits/depositMicros``.
    public var amountMicros: Int64
    /// The same key again is the same deposit.
    public var key: String?
    public init(id: UUID128, user: UserID, currency: Currency, amountMicros: Int64, key: String? = nil) {
        self.id = id
        self.user = user
        self.currency = currency
        self.amountMicros = amountMicros
        self.key = key
    }
}
