import Grid

@testable import Hub

/// A Hub with money in it, a store that keeps what it is told, and an audit that looks on.
struct LedgerScene {
    var scene: Scene
    var audit = LedgerAudit()
    var violations: [LedgerAudit.Violation] = []
    /// As a Store would hold them.
    var transfers: [LedgerTransfer] = []
    private var requests: UInt32 = 0
    private var tasks: UInt64 = 0

    init(_ configuration: HubConfiguration = HubConfiguration()) { scene = Scene(configuration: configuration) }

    /// Takes in what one `apply` asked for.
    mutating func keep(_ effects: [Effect]) {
        let changes = effects.persisted
        violations += audit.note(changes) + audit.compare(with: scene.hub)
        for case .transfer(let transfer) in changes { transfers.append(transfer) }
    }

    mutating func deposit(_ micros: Int64, to user: String, _ currency: Currency = .usd, key: String? = nil) -> [Effect]
    {
        requests += 1
        let wish = DepositRequest(
            id: UUID128(high: 3, low: UInt64(requests)), user: UserID(user), currency: currency, amountMicros: micros,
            key: key)
        let effects = scene.apply(.depositRequested(RequestID(session: SessionID(bits: 9), number: requests), wish))
        keep(effects)
        return effects
    }

    func task(_ number: UInt64, of owner: String, _ currency: Currency = .usd) -> TaskRecord {
        var specification = TaskSpecification(
            runner: "selftest", resources: ResourceRequest(gpu: .whole(1)), timeoutSeconds: 3600)
        specification.currency = currency
        return TaskRecord(
            id: TaskID(UUID128(high: 4, low: number)), number: number, job: "job", owner: UserID(owner),
            specification: specification, createdAt: scene.now.wall)
    }

    /// A new task for which so much is set aside; `nil` where its owner has not so much.
    mutating func hold(_ micros: Int64, of owner: String, _ currency: Currency = .usd) -> TaskRecord? {
        tasks += 1
        var record = task(tasks, of: owner, currency)
        var effects: [Effect] = []
        guard scene.hub.holdFunds(&record, micros: micros, scene.now, &effects) else {
            scene.effects = effects
            return nil
        }
        effects.append(.persist(.task(record)))
        scene.effects = effects
        keep(effects)
        return record
    }

    @discardableResult
    mutating func settle(_ record: inout TaskRecord, _ shares: [(String, Int64)]) -> [Effect] {
        var effects: [Effect] = []
        scene.hub.settleFunds(
            &record, shares: shares.map { FundsShare(owner: UserID($0.0), micros: $0.1) }, scene.now, &effects)
        record.state = .completed
        effects.append(.persist(.task(record)))
        keep(effects)
        return effects
    }

    @discardableResult
    mutating func release(_ record: inout TaskRecord) -> [Effect] {
        var effects: [Effect] = []
        scene.hub.releaseFunds(&record, scene.now, &effects)
        record.state = .cancelled
        effects.append(.persist(.task(record)))
        keep(effects)
        return effects
    }

    /// The coordinator dies and is rebuilt from what it had asked to keep.
    mutating func restart() {
        var state = Scene.empty
        var sums: [StoredBalance] = []
        func add(_ account: LedgerAccount, _ currency: Currency, _ micros: Int64) {
            if let place = sums.firstIndex(where: { $0.account == account && $0.currency == currency }) {
                sums[place].micros += micros
            } else {
                sums.append(StoredBalance(account: account, currency: currency, micros: micros))
            }
        }
        for transfer in transfers {
            add(transfer.debit, transfer.currency, -transfer.amountMicros)
            add(transfer.credit, transfer.currency, transfer.amountMicros)
        }
        state.ledger.balances = sums
        state.ledger.lastNumber = transfers.last?.number ?? 0
        state.ledger.keyed = transfers.filter { $0.key != nil }
        let configuration = scene.hub.configuration
        scene = Scene(state, configuration: configuration, seed: UInt64(transfers.count) + 2)
        violations += audit.compare(with: scene.hub)
    }

    mutating func balances(_ user: String, asker: String? = nil, isAdmin: Bool = false) -> Answer? {
        requests += 1
        let query = Query.balances(UserID(user), Asker(user: UserID(asker ?? user), isAdmin: isAdmin))
        let effects = scene.apply(.query(RequestID(session: SessionID(bits: 9), number: requests), query))
        guard case .answer(_, let answer)? = effects.first, effects.count == 1 else { return nil }
        return answer
    }

    mutating func balance(_ user: String, _ currency: Currency = .usd) -> Balance? {
        guard case .balances(_, let all)? = balances(user) else { return nil }
        return all.first { $0.currency == currency }
    }
}

extension [Effect] {
    var transfers: [LedgerTransfer] {
        persisted.compactMap { if case .transfer(let transfer) = $0 { transfer } else { nil } }
    }
    var loggedEvents: [RoomEvent] {
        persisted.compactMap { if case .event(let event) = $0 { event.event } else { nil } }
    }
    var balanceEvents: [BalanceUpdated] {
        loggedEvents.compactMap { if case .balanceUpdated(let event) = $0 { event } else { nil } }
    }
    var paymentEvents: [PaymentConfirmed] {
        loggedEvents.compactMap { if case .paymentConfirmed(let event) = $0 { event } else { nil } }
    }
    var deposits: [(LedgerTransfer, Balance)] {
        compactMap {
            if case .answer(_, .deposited(let transfer, let balance)) = $0 { (transfer, balance) } else { nil }
        }
    }
}
