internal import Grid

/// What a completed task's result is worth.
enum ResultVerdict: Hashable, Sendable {
    /// It is paid for.
    case counts
    /// Another node runs it too; ``Hub/finishJudged(_:_:_:_:)`` will say.
    case awaitsCopy
    /// It is not what others got, or nobody knows which result is right.
    case disagrees
}

/// What trust has decided in the middle of something else, to be done at the end of the `apply`: so that no task
/// changes under the hands of who is ending it.
enum TrustStep: Hashable, Sendable {
    case quarantine(NodeID, NodeTrust.Quarantine, detail: String)
    case copy(TaskID)
    case finish(TaskID, ResultVerdict)
}

/// What the Hub thinks of its nodes' honesty, and how it finds out.
struct Trust: Sendable {
    private(set) var records: [NodeID: NodeTrust] = [:]
    var claims = GPUClaims()
    /// By the task whose result is in question.
    var comparisons: [TaskID: Comparison] = [:]
    /// Nodes whose challenge has not ended, and that challenge's task.
    var challenged: [NodeID: TaskID] = [:]
    var answerTimes: [NodeID: AnswerTimes] = [:]
    var usualCost = UsualCost()
    /// When each node is challenged next.
    var challenges = DeadlineHeap()
    var steps: [TrustStep] = []

    init(_ stored: [NodeTrust]) {
        for record in stored { records[record.node] = record }
    }

    func record(_ node: NodeID) -> NodeTrust { records[node] ?? NodeTrust(node: node) }

    func isQuarantined(_ node: NodeID) -> Bool { records[node]?.quarantine != nil }

    /// Nodes that are kept out or once were, in the order of their identifiers.
    var suspects: [NodeTrust] {
        records.values.filter { $0.quarantine != nil || !$0.detail.isEmpty }.sorted { $0.node < $1.node }
    }

    mutating func keep(_ record: NodeTrust) { records[record.node] = record }

    /// Takes over who has which GPU, as the nodes last told: who was let in again by an operator first, then the others
    /// in the order of their registration, last those kept out for a GPU that another one has.
    mutating func restoreClaims(_ nodes: [NodeRecord]) {
        func rank(_ node: NodeRecord) -> (Int, Int64, NodeID) {
            let record = record(node.id)
            if record.quarantine == nil, let since = record.since { return (0, -since.milliseconds, node.id) }
            let isDouble = record.quarantine == .duplicateGPU
            return (isDouble ? 2 : 1, node.registeredAt?.milliseconds ?? 0, node.id)
        }
        let registered = nodes.filter { $0.registeredAt != nil }
        for node in registered.sorted(by: { rank($0) < rank($1) }) {
            _ = claims.claim(node.specifications?.gpus ?? [], for: node.id)
        }
    }

    /// Takes up what was being compared and checked when the coordinator stopped: it stands in the tasks' records.
    mutating func restoreChecks(_ tasks: [TaskRecord], owner: (NodeID) -> UserID?) {
        let sorted = tasks.sorted { $0.number < $1.number }
        for task in sorted where task.awaitsCopy {
            guard let node = task.node, let owner = owner(node), let mark = task.result.flatMap(ResultMark.init) else {
                steps.append(.finish(task.id, .counts))
                continue
            }
            let vote = Comparison.Vote(node: node, owner: owner, mark: mark)
            comparisons[task.id] = Comparison(of: task.specification, vote)
        }
        for check in sorted where check.isCheck {
            switch CheckPurpose(key: check.key) {
            case .challenge(let node)? where !check.state.isTerminal: challenged[node] = check.id
            case .copy(let original, let node)?:
                guard comparisons[original] != nil else { continue }
                if !check.state.isTerminal {
                    comparisons[original]?.copy = check.id
                } else if let owner = owner(node), let mark = check.result.flatMap(ResultMark.init) {
                    comparisons[original]?.add(Comparison.Vote(node: node, owner: owner, mark: mark))
                } else {
                    comparisons[original]?.noteVain()
                }
            case .challenge, nil: break
            }
        }
        restoreUsualCost(sorted)
        for task in sorted where comparisons[task.id]?.copy == nil && comparisons[task.id] != nil {
            steps.append(.copy(task.id))
        }
    }

    /// Takes up what results usually cost, from the copies that are kept.
    private mutating func restoreUsualCost(_ sorted: [TaskRecord]) {
        var costs: [TaskID: Int64] = [:]
        for task in sorted where task.state == .completed && !task.isCheck { costs[task.id] = task.costMicroCredits }
        for check in sorted where check.state == .completed && check.isCheck {
            // A task with several copies counts once.
            guard case .copy(let original, _)? = CheckPurpose(key: check.key),
                let cost = costs.removeValue(forKey: original)
            else { continue }
            usualCost.note(cost)
        }
    }
}

extension TaskRecord {
    /// Whether all its runs have ended and it has not: its result waits for others'.
    var awaitsCopy: Bool {
        state == .running && !isCheck && !leases.isEmpty && leases.allSatisfy { $0.phase == .ended }
    }
}
