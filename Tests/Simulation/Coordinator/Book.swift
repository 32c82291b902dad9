internal import Grid
internal import Hub

/// Everything that was ever asked to be stored, folded: what a Store holds. A value, so that what is on disk and what
/// is still on its way there are two of them.
struct Book {
    struct Purse: Hashable {
        var account: LedgerAccount
        var currency: Currency
    }

    private(set) var nodes: [NodeID: NodeRecord] = [:]
    private(set) var enrolments: [Digest256: EnrolmentRecord] = [:]
    private(set) var users: [UserID: UserRecord] = [:]
    private(set) var jobs: [String: JobRecord] = [:]
    private(set) var tasks: [TaskID: TaskRecord] = [:]
    /// Those that have not ended.
    private(set) var liveTasks: Set<TaskID> = []
    /// In the order of their numbers, forgotten ones included.
    private(set) var taskOrder: [TaskID] = []
    private(set) var transfers: [LedgerTransfer] = []
    private(set) var balances: [Purse: Int64] = [:]
    private(set) var trust: [NodeID: NodeTrust] = [:]
    private(set) var alerts: [AlertID: Alert] = [:]
    private(set) var logs = BaseRoom.allCases.filter(\.isToldEarly).map { StoredLog(room: $0, epoch: 1) }

    var lastTaskNumber: UInt64 { UInt64(taskOrder.count) }

    func log(_ room: BaseRoom) -> StoredLog? { logs.first { $0.room == room } }

    func balance(_ account: LedgerAccount, _ currency: Currency) -> Int64 {
        balances[Purse(account: account, currency: currency)] ?? 0
    }

    mutating func apply(_ changes: [StoreChange]) {
        for change in changes { apply(change) }
    }

    mutating func apply(_ change: StoreChange) {
        switch change {
        case .node(var record):
            // Runners are not stored: without its agent a node runs nothing.
            record.specifications?.runners = []
            nodes[record.id] = record
        case .enrolment(let record): enrolments[record.tokenDigest] = record
        case .user(let record): users[record.id] = record
        case .revocation, .audit, .apiKey, .apiKeyForgotten: break
        case .event(let event): append(event)
        case .eventsTrimmed(let room, let through):
            guard let place = logs.firstIndex(where: { $0.room == room }) else { return }
            let gone = logs[place].events.prefix { $0.position.offset <= through }.count
            logs[place].events.removeFirst(gone)
            logs[place].trimmedThrough = max(logs[place].trimmedThrough, through)
        case .epochBegan(let room, let epoch):
            guard let place = logs.firstIndex(where: { $0.room == room }) else { return }
            logs[place].begin(epoch: epoch)
        case .toldEarly(let room, let isToldEarly):
            guard let place = logs.firstIndex(where: { $0.room == room }) else { return }
            logs[place].isToldEarly = isToldEarly
        case .task(let record):
            if tasks.updateValue(record, forKey: record.id) == nil { taskOrder.append(record.id) }
            if record.state.isTerminal { liveTasks.remove(record.id) } else { liveTasks.insert(record.id) }
        case .taskForgotten(let task): tasks[task] = nil
        case .job(let record): jobs[record.id] = record
        case .transfer(let transfer):
            transfers.append(transfer)
            balances[Purse(account: transfer.debit, currency: transfer.currency), default: 0] -= transfer.amountMicros
            balances[Purse(account: transfer.credit, currency: transfer.currency), default: 0] += transfer.amountMicros
        case .trust(let record): trust[record.node] = record
        case .alert(let alert): alerts[alert.id] = alert
        case .alertForgotten(let alert): alerts[alert] = nil
        }
    }

    private mutating func append(_ event: LoggedEvent) {
        let room = event.event.room
        guard let place = logs.firstIndex(where: { $0.room == room }) else {
            return logs.append(StoredLog(room: room, epoch: event.position.epoch, events: [event]))
        }
        logs[place].events.append(event)
    }

    /// What a coordinator finds at its start.
    func state(coordinatorID: UUID128) -> StoredState {
        var state = StoredState(
            nodes: Array(nodes.values), enrolments: Array(enrolments.values), users: Array(users.values), logs: logs,
            coordinatorID: coordinatorID)
        state.jobs = Array(jobs.values)
        state.tasks = Array(tasks.values)
        state.lastTaskNumber = lastTaskNumber
        state.ledger.balances = balances.map {
            StoredBalance(account: $0.key.account, currency: $0.key.currency, micros: $0.value)
        }
        state.ledger.lastNumber = UInt64(transfers.count)
        state.ledger.keyed = transfers.filter { $0.key != nil }
        state.trust = Array(trust.values)
        state.alerts = Array(alerts.values)
        return state
    }
}
