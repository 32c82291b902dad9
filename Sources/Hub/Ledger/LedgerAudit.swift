public import Grid

/// Watches what is stored of money and tasks, one transaction after the other, and tells what of the ledger's promises
/// does not hold. It knows nothing of how the Hub decides: it adds up the transfers anew, so that whoever tests,
/// simulates or examines a store has a second opinion.
///
/// - L1: what one account loses another gains, between the accounts that such a transfer may touch.
/// - L2: no account but the world's is ever below 0.
/// - L3: what is set aside for a task is set aside once and resolved once, in one transaction, to the last micro-unit.
/// - L4: one deposit for a user and a key.
/// - L5: transfers are numbered without a gap, and an account's balance is the sum of its transfers.
/// - L6: a task has ended if and only if nothing is set aside for it any more.
/// - L7: what a task costs its owner is what its nodes' owners and the platform get.
public struct LedgerAudit: Sendable {
    /// A promise that was broken.
    public struct Violation: Hashable, Sendable, CustomStringConvertible {
        /// `L1` to `L7`.
        public var invariant: String
        public var detail: String
        public var description: String { "\(invariant): \(detail)" }
    }

    private struct Place: Hashable, Sendable {
        var account: LedgerAccount
        var currency: Currency
    }

    private struct DepositName: Hashable, Sendable {
        var user: UserID
        var key: String
    }

    /// What was set aside for a task, and what of it has gone where.
    private struct Hold: Sendable {
        var user: UserID
        var currency: Currency
        var micros: Int64
        var paid: Int64 = 0
        var released: Int64 = 0
        var isOpen: Bool { paid + released < micros }
    }

    private var balances: [Place: Int64] = [:]
    private var holds: [TaskID: Hold] = [:]
    private var named: Set<DepositName> = []
    private var lastNumber: UInt64 = 0
    private var found: [Violation] = []

    public init() {}

    /// Takes in all durable changes of one `apply`, and tells what they break.
    public mutating func note(_ transaction: [StoreChange]) -> [Violation] {
        found.removeAll()
        var touched: [TaskID] = []
        var records: [TaskID: TaskRecord] = [:]
        for change in transaction {
            switch change {
            case .transfer(let transfer):
                take(transfer)
                if let task = transfer.task { touched.append(task) }
            case .task(let record):
                records[record.id] = record
                touched.append(record.id)
            case .node, .enrolment, .user, .revocation, .audit, .event, .eventsTrimmed, .epochBegan, .toldEarly,
                .taskForgotten, .job, .trust, .apiKey, .apiKeyForgotten, .alert, .alertForgotten:
                break
            }
        }
        var seen: Set<TaskID> = []
        for task in touched where seen.insert(task).inserted { compare(task, records[task]) }
        return found
    }

    /// Compares the balances that the Hub holds with the sums of all transfers taken in.
    public func compare(with hub: Hub) -> [Violation] {
        var violations: [Violation] = []
        var told: [Place: Int64] = [:]
        for balance in hub.ledger.stored {
            told[Place(account: balance.account, currency: balance.currency)] = balance.micros
        }
        for place in Set(told.keys).union(balances.keys) where told[place] ?? 0 != balances[place] ?? 0 {
            let detail = "\(place) has \(told[place] ?? 0), its transfers make \(balances[place] ?? 0)"
            violations.append(Violation(invariant: "L5", detail: detail))
        }
        for (currency, sum) in sums(told) where sum != 0 {
            violations.append(Violation(invariant: "L1", detail: "all accounts of \(currency) make \(sum)"))
        }
        if hub.ledger.lastNumber != lastNumber {
            violations.append(
                Violation(invariant: "L5", detail: "number \(hub.ledger.lastNumber) instead of \(lastNumber)"))
        }
        return violations.sorted { $0.description < $1.description }
    }

    private func sums(_ told: [Place: Int64]) -> [Currency: Int64] {
        var sums: [Currency: Int64] = [:]
        for (place, micros) in told { sums[place.currency, default: 0] &+= micros }
        return sums
    }

    private mutating func fail(_ invariant: String, _ detail: String) {
        found.append(Violation(invariant: invariant, detail: detail))
    }

    // MARK: Transfers

    private mutating func take(_ transfer: LedgerTransfer) {
        if transfer.number != lastNumber + 1 { fail("L5", "transfer \(transfer.number) follows \(lastNumber)") }
        lastNumber = transfer.number
        if transfer.amountMicros <= 0 { fail("L1", "transfer \(transfer.number) moves \(transfer.amountMicros)") }
        if !hasRightSides(transfer) { fail("L1", "transfer \(transfer.number) is no \(transfer.kind)") }
        let debit = Place(account: transfer.debit, currency: transfer.currency)
        balances[debit, default: 0] -= transfer.amountMicros
        balances[Place(account: transfer.credit, currency: transfer.currency), default: 0] += transfer.amountMicros
        if transfer.debit != .world, balances[debit, default: 0] < 0 { fail("L2", "\(debit) is below 0") }
        if let key = transfer.key, case .available(let user) = transfer.credit,
            !named.insert(DepositName(user: user, key: key)).inserted
        {
            fail("L4", "the key \(key) of \(user) made a second deposit")
        }
        resolve(transfer)
    }

    /// Whether a transfer of its kind may go between its accounts.
    private func hasRightSides(_ transfer: LedgerTransfer) -> Bool {
        switch (transfer.kind, transfer.debit, transfer.credit) {
        case (.deposit, .world, .available): transfer.task == nil
        case (.hold, .available(let from), .held(let to)), (.release, .held(let from), .available(let to)):
            from == to && transfer.task != nil
        case (.payment, .held, .available), (.fee, .held, .platform): transfer.task != nil
        default: false
        }
    }

    private mutating func resolve(_ transfer: LedgerTransfer) {
        guard let task = transfer.task else { return }
        if transfer.kind == .hold, case .held(let user) = transfer.credit {
            if holds[task] != nil { fail("L3", "\(task) is held for twice") }
            holds[task] = Hold(user: user, currency: transfer.currency, micros: transfer.amountMicros)
            return
        }
        guard var hold = holds[task], transfer.debit == .held(hold.user), transfer.currency == hold.currency else {
            return fail("L3", "transfer \(transfer.number) takes from what is not held for \(task)")
        }
        if !hold.isOpen { fail("L3", "transfer \(transfer.number) resolves \(task) again") }
        if transfer.kind == .release {
            hold.released += transfer.amountMicros
        } else {
            hold.paid += transfer.amountMicros
        }
        if hold.paid + hold.released > hold.micros { fail("L3", "more is taken than was held for \(task)") }
        holds[task] = hold
    }

    // MARK: Tasks

    /// A task at the end of a transaction that moved its money or stored its record.
    private mutating func compare(_ task: TaskID, _ record: TaskRecord?) {
        let hold = holds[task]
        guard let record else { return fail("L6", "money of \(task) moved, and its record was not stored with it") }
        let open = hold.map { $0.isOpen ? $0.micros : 0 } ?? 0
        if let hold, hold.isOpen, hold.paid + hold.released > 0 { fail("L3", "\(task) is resolved in part") }
        if record.heldMicros != open { fail("L6", "\(task) says \(record.heldMicros) is held, it is \(open)") }
        guard record.state.isTerminal || hold == nil || open > 0 else {
            return fail("L6", "\(task) is \(record.state) and its hold is resolved")
        }
        if record.state.isTerminal, open > 0 { fail("L6", "\(task) has ended and its hold is open") }
        let paid = hold?.paid ?? 0
        if record.state == .completed, record.costMicros ?? 0 != paid {
            fail("L7", "\(task) costs \(record.costMicros ?? 0), \(paid) was paid")
        }
        if record.state.isTerminal, record.state != .completed, paid > 0 {
            fail("L7", "\(task) is \(record.state), and \(paid) was paid")
        }
    }
}
