internal import Grid
internal import Hub

/// Looks at every event and every effect for a rule that does not hold. It believes nothing that the Hub says of
/// itself: it folds the changes and compares.
struct Watch {
    struct Machine {
        var index: Int
        var gpuCount: Int
        var cpuMilli: Int
        var memoryMebibytes: Int
        var isHonest: Bool
        var model = ""
        var priceMicros: Int64 = 0

        /// How many members a task could surely have here, were nobody else here.
        func seats(_ resources: ResourceRequest) -> Int {
            guard priceMicros <= resources.priceCapMicros ?? .max,
                resources.models.isEmpty || resources.models.contains(model)
            else { return 0 }
            var seats = min(
                cpuMilli / max(resources.cpuMilli, 1), memoryMebibytes / max(resources.memoryMebibytes, 1))
            if case .whole(let count) = resources.gpu { seats = min(seats, gpuCount / count) }
            if case .share = resources.gpu { seats = min(seats, gpuCount) }
            return seats
        }
    }

    /// What the agent's report that is being handled may change.
    enum Standing {
        case noReport
        /// It is of a run that the node of that session holds at present.
        case current(TaskID)
        /// It counts for nothing.
        case stale(TaskID)
    }

    let configuration: HubConfiguration
    /// What the Hub has asked to store, and what is on disk.
    private(set) var emitted = Book()
    private(set) var stored = Book()
    private(set) var liveCount = 0
    var machines: [NodeID: Machine] = [:]
    /// The node of every session that was ever welcome, and of every node its present one.
    private(set) var nodeOfSession: [SessionID: NodeID] = [:]
    private(set) var presentSession: [NodeID: SessionID] = [:]
    /// Sessions over which the agent has said which runs it has.
    private(set) var toldRuns: Set<SessionID> = []
    private(set) var standing = Standing.noReport
    /// The node whose agent's end of a run by a fault is being handled.
    private(set) var reporter: NodeID?
    /// Tasks that somebody who may has asked to cancel.
    private(set) var cancelRequested: Set<TaskID> = []
    /// The newest progress of each task: its epoch and percent.
    private var progress: [TaskID: (epoch: UInt64, percent: Int)] = [:]
    private var violations: [(String, String)] = []
    /// Tasks that have ended since they were last asked for.
    private(set) var ended: [TaskID] = []
    /// Runs that lost their lease in the latest `apply`, since others of their gang failed or their node is kept out:
    /// the task goes on elsewhere though they may not have ended. Not so a run whose node fell silent or denied it.
    private(set) var dropped: [(run: RunID, node: NodeID)] = []
    /// When each task's newest attempt began, in virtual nanoseconds.
    private(set) var attemptBegan: [TaskID: UInt64] = [:]

    init(configuration: HubConfiguration) { self.configuration = configuration }

    mutating func know(_ agent: Agent) {
        machines[agent.node] = Machine(
            index: agent.index, gpuCount: agent.traits.gpuCount,
            cpuMilli: Agent.coresPerGPU * agent.traits.gpuCount * 1000,
            memoryMebibytes: Agent.mebibytesPerGPU * agent.traits.gpuCount, isHonest: agent.lie == nil,
            model: agent.specifications.gpus.first?.name ?? "", priceMicros: agent.traits.milliPerGPUHour * 1000)
    }

    mutating func fail(_ code: String, _ words: String) { violations.append((code, words)) }

    mutating func takeViolation() -> (String, String)? { violations.first }

    mutating func takeEnded() -> [TaskID] {
        defer { ended.removeAll(keepingCapacity: true) }
        return ended
    }

    // MARK: Events

    mutating func before(_ event: HubEvent) {
        standing = .noReport
        reporter = nil
        switch event {
        case .taskReported(let session, let report):
            if case .ended(let outcome) = report.body, outcome.fault?.isNodesFault == true {
                reporter = nodeOfSession[session]
            }
            standing = isCurrent(session, report.run) ? .current(report.run.task) : .stale(report.run.task)
        case .taskCancelRequested(_, .id(let id), let asker):
            guard let task = emitted.tasks[id], asker.isAdmin || asker.user == task.owner else { return }
            cancelRequested.insert(id)
        case .jobCancelRequested(_, let job, let asker):
            for task in emitted.tasks.values where task.job == job && (asker.isAdmin || asker.user == task.owner) {
                cancelRequested.insert(task.id)
            }
        case .runsHeld(let session, _): toldRuns.insert(session)
        case .agentGone(let session, _):
            if let node = nodeOfSession[session], presentSession[node] == session { presentSession[node] = nil }
        default: break
        }
    }

    /// Whether the run is one that the session's node holds: the compare-and-set of T3.
    private func isCurrent(_ session: SessionID, _ run: RunID) -> Bool {
        guard let task = emitted.tasks[run.task], !task.state.isTerminal, task.epoch == run.epoch,
            let lease = task.leases.first(where: { $0.member == run.member })
        else { return false }
        return presentSession[lease.node] == session && lease.phase != .ended
    }

    mutating func after(_ event: HubEvent, _ effects: [Effect], now: UInt64) {
        var transaction = Transaction()
        for effect in effects {
            switch effect {
            case .agentWelcome(let session, let welcome):
                nodeOfSession[session] = welcome.node
                presentSession[welcome.node] = session
            case .persist(let change), .persistLater(let change): take(change, &transaction)
            default: break
            }
        }
        for (id, before) in transaction.tasks where emitted.tasks[id]?.epoch != before?.epoch {
            attemptBegan[id] = now
        }
        noteDropped(transaction)
        check(transaction)
    }

    private mutating func noteDropped(_ transaction: Transaction) {
        dropped.removeAll(keepingCapacity: true)
        for (id, before) in transaction.tasks {
            guard let before, let after = emitted.tasks[id], after.state == .pending else { continue }
            for lease in before.leases
            where before.leases.count > 1 || emitted.trust[lease.node]?.quarantine != nil {
                dropped.append((RunID(task: id, epoch: before.epoch, member: lease.member), lease.node))
            }
        }
    }

    mutating func stored(_ changes: [StoreChange]) {
        for change in changes { stored.apply(change) }
    }

    /// What a coordinator asks to store at its start.
    mutating func began(_ changes: [StoreChange]) {
        for change in changes { emitted.apply(change) }
    }

    /// Whatever was not on disk has never been.
    mutating func coordinatorCrashed() {
        emitted = stored
        presentSession = [:]
        liveCount = emitted.tasks.values.reduce(0) { $0 + ($1.isWatched && !$1.state.isTerminal ? 1 : 0) }
        progress = [:]
        for case .taskProgressed(let event) in emitted.log(.tasks)?.events.map(\.event) ?? [] { note(event) }
    }

    // MARK: Changes

    /// The changes of one `apply`, as far as rules speak of them together.
    struct Transaction {
        /// Tasks that it touches, in order, each as it was before.
        var tasks: [(id: TaskID, before: TaskRecord?)] = []
        var steps: [TaskUpdated] = []
        var transfers: [LedgerTransfer] = []
    }

    private mutating func take(_ change: StoreChange, _ transaction: inout Transaction) {
        switch change {
        case .task(let record):
            let before = emitted.tasks[record.id]
            if !transaction.tasks.contains(where: { $0.id == record.id }) {
                transaction.tasks.append((record.id, before))
            }
            if before == nil, record.number != emitted.lastTaskNumber + 1 {
                fail("T1", "task number \(record.number) follows \(emitted.lastTaskNumber)")
            }
            emitted.apply(change)
        case .transfer(let transfer):
            transaction.transfers.append(transfer)
            check(transfer)
            emitted.apply(change)
            if transfer.debit != .world, emitted.balance(transfer.debit, transfer.currency) < 0 {
                fail("L2", "a balance falls below zero: \(transfer)")
            }
        case .event(let event):
            check(event)
            if case .taskUpdated(let step) = event.event { transaction.steps.append(step) }
            if case .taskProgressed(let step) = event.event { check(step) }
            emitted.apply(change)
        default: emitted.apply(change)
        }
    }

    private mutating func check(_ transfer: LedgerTransfer) {
        if transfer.number != UInt64(emitted.transfers.count) + 1 {
            fail("L5", "transfer \(transfer.number) follows \(emitted.transfers.count)")
        }
        if transfer.amountMicros <= 0 { fail("L1", "a transfer of \(transfer.amountMicros)") }
        if transfer.debit == transfer.credit { fail("L1", "a transfer from an account to itself") }
        if transfer.kind == .deposit, let key = transfer.key,
            emitted.transfers.contains(where: { $0.key == key && $0.credit == transfer.credit })
        {
            fail("L4", "the deposit \(key) was made twice")
        }
    }

    private mutating func check(_ event: LoggedEvent) {
        guard let log = emitted.log(event.event.room) else {
            if event.position.offset != 1 { fail("T6", "a log begins at \(event.position.offset)") }
            return
        }
        let last = log.events.last?.position.offset ?? log.trimmedThrough
        if event.position.offset != last + 1 || event.position.epoch != log.epoch {
            fail("T6", "in \(event.event.room) offset \(event.position.offset) follows \(last)")
        }
    }

    private mutating func check(_ step: TaskProgressed) {
        let percent = step.progress.percent
        if !(0...100).contains(percent) { fail("T4", "\(percent) percent") }
        if let former = progress[step.task], former.epoch == step.epoch, percent < former.percent {
            fail("T4", "task \(text(step.task)) falls from \(former.percent) to \(percent) percent")
        }
        guard let task = emitted.tasks[step.task], task.epoch == step.epoch, !task.state.isTerminal else {
            return fail("T4", "progress of \(text(step.task)) under epoch \(step.epoch), which is over")
        }
        if case .stale(let stale) = standing, stale == step.task {
            fail("T3", "a report that counts for nothing is told as progress of \(text(step.task))")
        }
        note(step)
    }

    private mutating func note(_ step: TaskProgressed) { progress[step.task] = (step.epoch, step.progress.percent) }

    /// A task came to be, or came to its end.
    mutating func count(_ before: TaskRecord?, _ after: TaskRecord) {
        guard after.isWatched else { return }
        let wasLive = before.map { !$0.state.isTerminal } ?? false
        if wasLive != !after.state.isTerminal { liveCount += wasLive ? -1 : 1 }
        if after.state.isTerminal, before?.state.isTerminal != true { ended.append(after.id) }
    }
}

extension TaskRecord {
    /// Whether its owner waits for its end; checks of nodes come and go for ever.
    var isWatched: Bool { !isCheck }
}

extension Ground {
    mutating func takeViolation() -> (String, String)? { violations.first }
}
