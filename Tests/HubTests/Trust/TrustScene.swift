import Grid

@testable import Hub

/// A Hub with nodes 1, 2, … of owners `u1`, `u2`, …, all of which offer `selftest`; what the Hub asks to keep is kept.
struct TrustScene {
    var scene: Scene
    var nodes: [NodeID: NodeRecord] = [:]
    var trust: [NodeID: NodeTrust] = [:]
    /// Checks that were submitted and have not ended here.
    var checks: [TaskRecord] = []
    private var tasks: UInt64 = 0

    init(nodes count: UInt8, _ change: (inout HubConfiguration) -> Void = { _ in }) {
        var configuration = HubConfiguration()
        change(&configuration)
        scene = Scene(configuration: configuration)
        for number in UInt8(1)..<(count + 1) {
            keep(scene.enrol(.test(UInt64(number)), token: number, owner: "u\(number)"))
            keep(hello(number, token: number))
        }
    }

    @discardableResult
    mutating func hello(
        _ number: UInt8, token: UInt8? = nil, session: UInt64? = nil, _ specifications: NodeSpecifications? = nil
    ) -> [Effect] {
        var facts = specifications ?? .oneGPU
        facts.runners = ["selftest"]
        let effects = scene.prove(
            session ?? UInt64(number), .test(UInt64(number)), token: token, key: number, specifications: facts)
        keep(effects)
        return effects
    }

    mutating func keep(_ effects: [Effect]) {
        for change in effects.persisted {
            switch change {
            case .node(let record): nodes[record.id] = record
            case .trust(let record): trust[record.node] = record
            case .task(let record) where record.isCheck && record.state == .pending:
                if !checks.contains(where: { $0.id == record.id }) { checks.append(record) }
            default: break
            }
        }
    }

    mutating func run(milliseconds: Int64) {
        // The nodes are heard in between, as often as their leases want it.
        var rest = milliseconds
        while rest > 0 {
            let step = min(rest, 5000)
            rest -= step
            for number in 1...UInt64(nodes.count) { keep(scene.apply(.agentHeard(SessionID(bits: number)))) }
            keep(scene.run(milliseconds: step))
        }
    }

    /// A task that ran on a node and gave that.
    mutating func task(on node: UInt8, _ output: String) -> TaskRecord {
        tasks += 1
        let specification = TaskSpecification(
            runner: "selftest", resources: ResourceRequest(gpu: .none), timeoutSeconds: 60)
        var record = TaskRecord(
            id: TaskID(UUID128(high: 6, low: tasks)), number: 1_000_000 + tasks, job: "j", owner: UserID("tenant"),
            specification: specification, createdAt: scene.now.wall)
        record.state = .running
        record.leases = [ended(on: .test(UInt64(node)))]
        record.result = TaskResult()
        record.result?.output = output
        return record
    }

    func ended(on node: NodeID) -> TaskLease {
        let terms = CostTerms(price: 0, hazard: 0, fragmentation: 0)
        var lease = TaskLease(
            member: 0, node: node, gpus: 0, milliPerGPU: 0, billableMilli: 1, pricePerHourMicros: 0,
            explanation: PlacementExplanation(winner: terms, runnerUp: nil, runnerUpTerms: nil, isBackfill: false))
        lease.phase = .ended
        return lease
    }

    /// What is made of a task at its end, with all that follows from it.
    mutating func judge(_ record: TaskRecord) -> ResultVerdict {
        var outcome = RunOutcome()
        outcome.output = record.result?.output ?? ""
        var effects: [Effect] = []
        let verdict = scene.hub.judge(record, outcomes: [outcome], scene.now, &effects)
        scene.hub.carryOutTrust(scene.now, &effects)
        keep(effects)
        return verdict
    }

    /// Takes out the check that waits and lets its node answer.
    @discardableResult
    mutating func answer(_ output: (TaskRecord) -> String) -> NodeID? {
        guard !checks.isEmpty else { return nil }
        var check = checks.removeFirst()
        guard let node = CheckPurpose(key: check.key)?.node else { return nil }
        check.state = .running
        check.assignedAt = scene.now.wall
        check.leases = [ended(on: node)]
        var result = TaskResult()
        result.output = output(check)
        check.result = result
        _ = judge(check)
        return node
    }

    /// Takes out the check that waits and lets it fail.
    @discardableResult
    mutating func fail(_ fault: TaskFault) -> NodeID? {
        guard !checks.isEmpty else { return nil }
        var check = checks.removeFirst()
        check.state = .failed
        check.result = TaskResult()
        check.result?.fault = fault
        var effects: [Effect] = []
        scene.hub.noteEnd(of: check, scene.now, &effects)
        scene.hub.carryOutTrust(scene.now, &effects)
        keep(effects)
        return CheckPurpose(key: check.key)?.node
    }

    mutating func quarantine(_ node: UInt8, _ isQuarantined: Bool, detail: String = "") -> [Effect] {
        let effects = scene.apply(
            .nodeQuarantineRequested(
                RequestID(session: SessionID(bits: 99), number: 1), .test(UInt64(node)), isQuarantined: isQuarantined,
                detail: detail, by: UserID("root")))
        keep(effects)
        return effects
    }

    func reason(_ node: UInt8) -> NodeTrust.Quarantine? { trust[.test(UInt64(node))]?.quarantine }
    func verified(_ node: UInt8) -> UInt32 { trust[.test(UInt64(node))]?.verifiedResults ?? 0 }

    /// The coordinator dies and is rebuilt from what it had asked to keep, and from these tasks.
    mutating func restart(_ tasks: [TaskRecord] = []) {
        var state = Scene.empty
        state.nodes = nodes.values.sorted { $0.id > $1.id }
        state.trust = trust.values.sorted { $0.node > $1.node }
        // The scene's own tasks and the Hub's checks are counted apart.
        for (place, task) in tasks.enumerated() {
            var task = task
            task.number = UInt64(place) + 1
            state.tasks.append(task)
        }
        state.jobs = Set(tasks.map(\.job)).sorted().map {
            JobRecord(id: $0, owner: UserID("anna"), createdAt: scene.now.wall)
        }
        let former = scene.now
        scene = Scene(state, configuration: scene.hub.configuration, seed: 5)
        scene.now = former
    }
}
