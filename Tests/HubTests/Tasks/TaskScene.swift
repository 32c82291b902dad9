import Grid

@testable import Hub

/// A scene with nodes that run tasks, and short names for what users and agents say about them.
extension Scene {
    static let boss = Asker(user: UserID("boss"), isAdmin: true)
    private static let request = RequestID(session: SessionID(bits: 99), number: 7)

    /// Lets a node in by the session of its number, with its agent's word on what it runs.
    mutating func admitWorker(
        _ number: UInt64, gpus: Int = 1, runners: [String] = ["selftest"], region: String = "r", held: [RunHolding] = []
    ) {
        if hub.nodes.index(of: .test(number)) == nil {
            enrol(.test(number), token: UInt8(number), region: region)
        }
        prove(number, .test(number), token: UInt8(number), specifications: .worker(gpus, runners))
        tellRuns(number, held)
    }

    @discardableResult
    mutating func tellRuns(_ session: UInt64, _ held: [RunHolding]) -> [Effect] {
        apply(.runsHeld(SessionID(bits: session), held))
    }

    func wish(
        _ number: UInt64, _ gpu: GPUDemand = .whole(1), user: String = "anna", job: String? = nil, key: String? = nil,
        _ change: (inout TaskSpecification) -> Void = { _ in }
    ) -> TaskSubmission {
        var resources = ResourceRequest(gpu: gpu, cpuMilli: 1000, memoryMebibytes: 512)
        resources.priceCapMicros = 0
        var specification = TaskSpecification(runner: "selftest", resources: resources, timeoutSeconds: 600)
        change(&specification)
        return TaskSubmission(
            task: .test(number), owner: UserID(user), job: job, key: key, specification: specification)
    }

    @discardableResult
    mutating func submit(_ wishes: TaskSubmission...) -> [Effect] { apply(.tasksSubmitted(Self.request, wishes)) }

    @discardableResult
    mutating func cancel(_ number: UInt64, as asker: Asker = Scene.boss) -> [Effect] {
        apply(.taskCancelRequested(Self.request, .id(.test(number)), asker))
    }

    /// The run of a task's present epoch.
    func run(_ number: UInt64, member: Int = 0, epoch: UInt64? = nil) -> RunID {
        RunID(task: .test(number), epoch: epoch ?? record(number)?.epoch ?? 0, member: member)
    }

    @discardableResult
    mutating func report(_ session: UInt64, _ run: RunID, _ body: TaskReport.Body) -> [Effect] {
        apply(.taskReported(SessionID(bits: session), TaskReport(run: run, body: body)))
    }

    @discardableResult
    mutating func end(_ session: UInt64, _ run: RunID, _ fault: TaskFault? = nil, ran: Int64 = 0) -> [Effect] {
        var outcome = RunOutcome()
        outcome.fault = fault
        outcome.ranMilliseconds = ran
        outcome.output = fault == nil ? "{}" : ""
        return report(session, run, .ended(outcome))
    }

    mutating func ask(_ query: Query) -> Answer? {
        for case .answer(_, let answer) in apply(.query(Self.request, query)) { return answer }
        return nil
    }

    func record(_ number: UInt64) -> TaskRecord? { hub.tasks.slot(of: .test(number)).map { hub.tasks[$0].record } }

    func state(_ number: UInt64) -> TaskState? { record(number)?.state }

    /// The node that has the task's first member, by its number.
    func place(_ number: UInt64) -> UInt64? { record(number)?.node?.uuid.low }

    /// Lets time pass with every session heard each second.
    @discardableResult
    mutating func live(seconds: Int, sessions: [UInt64]) -> [Effect] {
        var all: [Effect] = []
        for _ in 0..<seconds {
            all += run(milliseconds: 1000)
            for session in sessions { all += apply(.agentHeard(SessionID(bits: session))) }
        }
        return all
    }
}

extension NodeSpecifications {
    static func worker(_ gpus: Int, _ runners: [String] = ["selftest"]) -> NodeSpecifications {
        var specifications = NodeSpecifications.gpus(gpus)
        for place in specifications.gpus.indices { specifications.gpus[place].memoryTotalBytes = 80 << 30 }
        specifications.cpuCores = 32
        specifications.memoryTotalBytes = 256 << 30
        specifications.runners = runners
        return specifications
    }
}

/// What was persisted, as a Store would return it at the next start.
struct Memory {
    var nodes: [NodeID: NodeRecord] = [:]
    var enrolments: [Digest256: EnrolmentRecord] = [:]
    var users: [UserRecord] = []
    var jobs: [String: JobRecord] = [:]
    var tasks: [TaskID: TaskRecord] = [:]
    var events: [BaseRoom: [LoggedEvent]] = [:]
    var lastTaskNumber: UInt64 = 0

    mutating func keep(_ effects: [Effect]) {
        for change in effects.persisted {
            switch change {
            case .node(let node): nodes[node.id] = node
            case .enrolment(let enrolment): enrolments[enrolment.tokenDigest] = enrolment
            case .user(let user): users.append(user)
            case .job(let job): jobs[job.id] = job
            case .task(let task):
                tasks[task.id] = task
                lastTaskNumber = max(lastTaskNumber, task.number)
            case .taskForgotten(let task):
                guard let gone = tasks.removeValue(forKey: task) else { continue }
                if !tasks.values.contains(where: { $0.job == gone.job }) { jobs[gone.job] = nil }
            case .event(let event): events[event.event.room, default: []].append(event)
            case .eventsTrimmed(let room, let through): events[room]?.removeAll { $0.position.offset <= through }
            case .audit, .revocation, .transfer, .trust, .apiKey, .apiKeyForgotten, .alert, .alertForgotten,
                .epochBegan, .toldEarly:
                break
            }
        }
    }

    var state: StoredState {
        var nodes = Array(nodes.values)
        // The Store does not keep them.
        for place in nodes.indices { nodes[place].specifications?.runners = [] }
        var state = StoredState(
            nodes: nodes, enrolments: Array(enrolments.values), users: users, coordinatorID: UUID128(high: 7, low: 7))
        state.jobs = Array(jobs.values)
        state.tasks = Array(tasks.values)
        state.lastTaskNumber = lastTaskNumber
        state.logs = BaseRoom.allCases.compactMap { room in
            guard let kept = events[room], let first = kept.first else { return nil }
            return StoredLog(
                room: room, epoch: first.position.epoch, trimmedThrough: first.position.offset - 1, events: kept)
        }
        return state
    }
}

extension [Effect] {
    /// Every event that was logged in a durable room, whether or not anybody looks.
    var logged: [LoggedEvent] { persisted.compactMap { if case .event(let event) = $0 { event } else { nil } } }
    var updates: [TaskUpdated] {
        logged.compactMap { if case .taskUpdated(let update) = $0.event { update } else { nil } }
    }
    /// State changes as `pending>assigned`.
    var moves: [String] {
        updates.filter { $0.kind == .status }.map { "\($0.previous?.name ?? "")>\($0.state.name)" }
    }
    var progresses: [TaskProgressed] {
        logged.compactMap { if case .taskProgressed(let told) = $0.event { told } else { nil } }
    }
    var orders: [(session: UInt64, order: TaskOrder)] {
        compactMap { if case .agentTask(let session, let order) = $0 { (session.bits, order) } else { nil } }
    }
    /// Orders as text: `1 assign`, `2 stop node_lost`.
    var orderNames: [String] {
        orders.map { session, order in
            switch order {
            case .assign: "\(session) assign"
            case .cancel: "\(session) cancel"
            case .stop(_, let fault): "\(session) stop \(fault.rawValue)"
            case .settled(_, let counted): "\(session) settled \(counted)"
            }
        }
    }
    var submitted: [TaskSummary] {
        for case .answer(_, .submitted(let tasks)) in self { return tasks }
        return []
    }
}
