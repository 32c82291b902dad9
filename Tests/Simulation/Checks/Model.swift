internal import Grid
internal import Hub

/// The sequential model: the same story told without nodes, leases, crashes or time. Each task was wished for, and
/// ended once; each ended task moved so much money; each deposit was made once. What everybody has follows from that
/// alone, and must be what the ledger says.
struct Model {
    struct Fault {
        var code: String
        var words: String
    }

    private struct Holding: Hashable {
        var user: UserID
        var currency: Currency
    }

    private(set) var faults: [Fault] = []
    private var available: [Holding: Int64] = [:]
    private var held: [Holding: Int64] = [:]
    private var platform: [Currency: Int64] = [:]
    private var brought: [Currency: Int64] = [:]
    private let configuration: HubConfiguration

    /// - Parameter book: everything that is on disk at the end.
    init(book: Book, configuration: HubConfiguration) {
        self.configuration = configuration
        for transfer in book.transfers where transfer.kind == .deposit { deposit(transfer) }
        var byTask: [TaskID: [LedgerTransfer]] = [:]
        for transfer in book.transfers where transfer.kind != .deposit {
            guard let task = transfer.task, book.tasks[task] != nil else {
                fault("L3", "a \(transfer.kind.rawValue) for no task")
                continue
            }
            byTask[task, default: []].append(transfer)
        }
        for id in book.taskOrder {
            guard let task = book.tasks[id] else { continue }
            live(task, byTask[id] ?? [], book)
        }
        compare(book)
    }

    private mutating func fault(_ code: String, _ words: String) { faults.append(Fault(code: code, words: words)) }

    private mutating func deposit(_ transfer: LedgerTransfer) {
        guard case .available(let user) = transfer.credit, transfer.debit == .world else {
            return fault("L1", "a deposit from \(transfer.debit) to \(transfer.credit)")
        }
        available[Holding(user: user, currency: transfer.currency), default: 0] += transfer.amountMicros
        brought[transfer.currency, default: 0] += transfer.amountMicros
    }

    /// One task's whole life: its hold, and what became of it.
    private mutating func live(_ task: TaskRecord, _ transfers: [LedgerTransfer], _ book: Book) {
        let currency = task.specification.currency
        let owner = Holding(user: task.owner, currency: currency)
        guard !task.isCheck else {
            if !transfers.isEmpty { fault("L3", "a check of a node costs") }
            return
        }
        let holds = transfers.filter { $0.kind == .hold }
        if holds.count > 1 { fault("L3", "\(text(task.id)) is held for \(holds.count) times") }
        for hold in holds where hold.debit != .available(task.owner) || hold.credit != .held(task.owner) {
            fault("L3", "the hold of \(text(task.id)) goes from \(hold.debit) to \(hold.credit)")
        }
        let set = holds.reduce(0) { $0 + $1.amountMicros }
        available[owner, default: 0] -= set
        guard task.state.isTerminal else {
            held[owner, default: 0] += set
            return
        }
        guard task.state == .completed else {
            available[owner, default: 0] += set
            return
        }
        let cost = task.costMicros ?? 0
        available[owner, default: 0] += set - cost
        share(task, cost, transfers, book)
    }

    /// Of what a task cost, the platform gets its fee, and the owners of its nodes the rest, each by its members.
    private mutating func share(_ task: TaskRecord, _ cost: Int64, _ transfers: [LedgerTransfer], _ book: Book) {
        let currency = task.specification.currency
        let fee = transfers.filter { $0.kind == .fee && $0.credit == .platform }.reduce(0) { $0 + $1.amountMicros }
        platform[currency, default: 0] += fee
        var paid: [UserID: Int64] = [:]
        for transfer in transfers where transfer.kind == .payment {
            guard case .available(let user) = transfer.credit else {
                fault("L7", "a payment to \(transfer.credit)")
                continue
            }
            paid[user, default: 0] += transfer.amountMicros
        }
        let weights = task.leases.map { lease in
            Int128(lease.pricePerHourMicros) * Int128(lease.billableMilli) * Int128(lease.ranMilliseconds ?? 0)
        }
        let total = weights.reduce(0, +)
        var expected: [UserID: Int64] = [:]
        for (lease, weight) in zip(task.leases, weights) {
            guard let owner = book.nodes[lease.node]?.owner else {
                fault("L7", "\(text(task.id)) ran on an unknown node")
                continue
            }
            let part = total == 0 ? 0 : Int64(clamping: Int128(cost - fee) * weight / total)
            expected[owner, default: 0] += part
        }
        // Each member's part is rounded by itself.
        let slack = Int64(2 * task.leases.count)
        for owner in Set(paid.keys).union(expected.keys).sorted() {
            let difference = (paid[owner] ?? 0) - (expected[owner] ?? 0)
            if difference.magnitude > UInt64(slack) {
                fault("L7", "\(owner) earned \(paid[owner] ?? 0) with \(text(task.id)), not \(expected[owner] ?? 0)")
            }
            available[Holding(user: owner, currency: currency), default: 0] += paid[owner] ?? 0
        }
    }

    // MARK: The ledger beside it

    private mutating func compare(_ book: Book) {
        var sums: [Currency: Int64] = [:]
        for (purse, micros) in book.balances {
            sums[purse.currency, default: 0] += micros
            let expected: Int64
            switch purse.account {
            case .available(let user): expected = available[Holding(user: user, currency: purse.currency)] ?? 0
            case .held(let user): expected = held[Holding(user: user, currency: purse.currency)] ?? 0
            case .platform: expected = platform[purse.currency] ?? 0
            case .world: expected = -(brought[purse.currency] ?? 0)
            }
            if micros != expected { fault("L5", "\(purse.account) has \(micros) \(purse.currency), not \(expected)") }
        }
        for (currency, sum) in sums where sum != 0 { fault("L1", "all of \(currency) add up to \(sum)") }
        faults.sort { ($0.code, $0.words) < ($1.code, $1.words) }
    }

    /// What everybody has at the end, ascending by user.
    var expectedBalances: [(user: UserID, balances: [Balance])] {
        var result: [UserID: [Balance]] = [:]
        for (holding, micros) in available {
            result[holding.user, default: []].append(
                Balance(currency: holding.currency, availableMicros: micros, lockedMicros: held[holding] ?? 0))
        }
        return result.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted { $0.currency < $1.currency }) }
    }
}
