internal import Grid

/// What becomes of a wish for a task.
extension Hub {
    /// A wish that may be granted.
    enum Grant: Sendable {
        /// An earlier request of the same name made it already.
        case known(Int32)
        /// So much is to be set aside for it.
        case new(TaskSubmission, holdMicros: Int64)
    }

    /// Looks at wishes that are to be granted together, or none of them; nothing is changed.
    func grants(for wishes: [TaskSubmission]) throws(Refusal) -> [Grant] {
        guard (1...Limits.tasksPerRequest).contains(wishes.count) else {
            throw Refusal(.badRequest, "A request brings 1 to \(Limits.tasksPerRequest) tasks")
        }
        var newcomers = Newcomers()
        var grants: [Grant] = []
        for wish in wishes {
            if let refusal = TaskRules.refusal(of: wish) { throw refusal }
            if let slot = try earlier(wish, among: wishes.count) {
                grants.append(.known(slot))
                continue
            }
            try newcomers.add(wish)
            guard tasks.slot(of: wish.task) == nil else { throw Refusal(.badRequest, "That task is there already") }
            try checkPlace(wish, beside: newcomers)
            try checkGrid(wish)
            guard let micros = Ledger.holdMicros(for: wish.specification, configuration: configuration) else {
                throw Refusal(.badRequest, "The currency \(wish.specification.currency) is not known here")
            }
            try newcomers.set(aside: micros, for: wish, of: ledger)
            grants.append(.new(wish, holdMicros: micros))
        }
        return grants
    }

    /// The task that the same request made before.
    private func earlier(_ wish: TaskSubmission, among count: Int) throws(Refusal) -> Int32? {
        guard let key = wish.key, let slot = tasks.slot(owner: wish.owner, key: key) else { return nil }
        let record = tasks[slot].record
        guard record.specification == wish.specification, record.job == wish.job ?? record.id.description,
            record.requestTaskCount == count
        else {
            throw Refusal(.idempotencyConflict, "This Idempotency-Key was used for another request")
        }
        return slot
    }

    /// Whether there is room for one more, in its job too.
    private func checkPlace(_ wish: TaskSubmission, beside newcomers: Newcomers) throws(Refusal) {
        let name = wish.job ?? wish.task.description
        var inJob = newcomers.jobs[name]?.count ?? 0
        if let job = tasks.jobs.slot(of: name) {
            guard tasks.jobs[job].record.owner == wish.owner else {
                throw Refusal(.forbidden, "The job \(name) is somebody else's")
            }
            inJob += tasks.jobs[job].tasks.count
        }
        guard inJob <= Limits.jobTasks else {
            throw Refusal(.tooManyTasks, "A job has at most \(Limits.jobTasks) tasks")
        }
        let ofOwner = tasks.liveCount(of: wish.owner) + (newcomers.owners[wish.owner] ?? 0)
        guard ofOwner <= configuration.maximumLiveTasksPerUser else {
            throw Refusal(.tooManyTasks, "You have as many unfinished tasks as you may")
        }
        guard tasks.liveCount + newcomers.count <= configuration.maximumLiveTasks else {
            throw Refusal(.tooManyTasks, "The grid has as many unfinished tasks as it may")
        }
    }

    /// Whether any node could ever run it.
    private func checkGrid(_ wish: TaskSubmission) throws(Refusal) {
        let task = wish.specification
        if task.isExternal { return }
        guard router.hasSeen(runner: task.runner) || hasUnheardNodes else {
            throw Refusal(.unknownRunner, "No node has a runner \(task.runner)")
        }
        let record = TaskRecord(
            id: wish.task, number: 0, job: "", owner: wish.owner, specification: task,
            createdAt: Timestamp(milliseconds: 0))
        guard couldEverHold(placementRequest(record)) else {
            throw Refusal(.impossibleRequest, "No node could hold the task, even if it were empty")
        }
    }

    /// Whether the registered nodes could hold it if nobody else were there, those that are offline too.
    func couldEverHold(_ request: PlacementRequest) -> Bool {
        router.couldEverHold(request) { node in
            nodes.index(of: node).map { !nodes.states[$0].hasToldRunners } ?? false
        }
    }

    /// Whether some registered node has not told its runners since the coordinator's start.
    private var hasUnheardNodes: Bool {
        nodes.states.indices.contains { nodes.records[$0].registeredAt != nil && !nodes.states[$0].hasToldRunners }
    }

    // MARK: Granting

    /// Makes the task: its money is set aside, it is stored, told and put in line.
    ///
    /// - Parameter count: how many tasks the request brings.
    mutating func create(
        _ wish: TaskSubmission, among count: Int, holdMicros: Int64, _ now: Now, _ effects: inout [Effect]
    ) -> Int32 {
        if users.insert(wish.owner).inserted {
            effects.append(.persist(.user(UserRecord(id: wish.owner, createdAt: now.wall))))
        }
        var record = record(wish, now, &effects)
        record.requestTaskCount = count
        if holdMicros > 0 {
            precondition(holdFunds(&record, micros: holdMicros, now, &effects), "what was counted is there")
        }
        let slot = tasks.add(record)
        tell(slot, .created, previous: nil, now, &effects)
        if !record.specification.isExternal {
            let request = placementRequest(record)
            precondition(router.enqueue(request, now: now.monotonicNanoseconds), "what is allowed is routed")
            isPlacementOwed = true
        }
        return slot
    }

    /// Makes a task that checks a node: nobody's, free of charge, for that node alone, tried once.
    mutating func submitCheck(_ wish: TaskSubmission, on node: NodeID, _ now: Now, _ effects: inout [Effect]) {
        precondition(wish.specification.gangSize == 1 && !wish.specification.isExternal, "a check is one run")
        precondition(tasks.slot(of: wish.task) == nil, "a check's identifier is its own")
        var record = record(wish, now, &effects)
        record.isCheck = true
        let slot = tasks.add(record)
        pin(slot, to: node, now)
        tell(slot, .created, previous: nil, now, &effects)
        isPlacementOwed = true
    }

    /// Lets a waiting check be run by that node alone.
    mutating func pin(_ slot: Int32, to node: NodeID?, _ now: Now) {
        tasks[slot].pinnedTo = node
        pinned.append(slot)
        if case .copy? = CheckPurpose(key: tasks[slot].record.key) {
            // Somebody's task has ended and waits for it: rather another node than one that is busy for hours.
            tasks[slot].waitsUntil = now.monotonicNanoseconds &+ 2 * configuration.taskLeaseNanoseconds
        }
        wake(slot, at: now.monotonicNanoseconds &+ configuration.taskLeaseNanoseconds)
    }

    /// A new record, with its job.
    private mutating func record(_ wish: TaskSubmission, _ now: Now, _ effects: inout [Effect]) -> TaskRecord {
        var name = wish.job ?? wish.task.description
        if let slot = tasks.jobs.slot(of: name) {
            // A name that differs in how its accents are written names the same job. The store compares bytes, and must
            // be told of one name.
            name = tasks.jobs[slot].record.id
        } else {
            let job = JobRecord(id: name, owner: wish.owner, createdAt: now.wall)
            tasks.add(job)
            effects.append(.persist(.job(job)))
        }
        var record = TaskRecord(
            id: wish.task, number: tasks.takeNumber(), job: name, owner: wish.owner,
            specification: wish.specification, createdAt: now.wall)
        record.key = wish.key
        return record
    }
}

/// What one request brings, while it is looked at.
private struct Newcomers {
    private(set) var count = 0
    private(set) var owners: [UserID: Int] = [:]
    private(set) var jobs: [String: (owner: UserID, count: Int)] = [:]
    private var ids: Set<TaskID> = []
    private var keys: Set<String> = []
    private var aside: [UserID: [Currency: Int64]] = [:]

    mutating func add(_ wish: TaskSubmission) throws(Refusal) {
        guard ids.insert(wish.task).inserted, wish.key.map({ keys.insert($0).inserted }) ?? true else {
            throw Refusal(.badRequest, "Two tasks of the request have the same name")
        }
        let job = wish.job ?? wish.task.description
        guard jobs[job].map({ $0.owner == wish.owner }) ?? true else {
            throw Refusal(.forbidden, "The job \(job) is somebody else's")
        }
        jobs[job] = (wish.owner, (jobs[job]?.count ?? 0) + 1)
        owners[wish.owner, default: 0] += 1
        count += 1
    }

    /// Counts what is to be set aside, as long as the owner has it.
    mutating func set(aside micros: Int64, for wish: TaskSubmission, of ledger: Ledger) throws(Refusal) {
        let currency = wish.specification.currency
        let available = ledger.micros(.available(wish.owner), currency)
        let before = aside[wish.owner]?[currency] ?? 0
        guard micros <= available - before else {
            throw Refusal(.insufficientBalance, "The balance does not cover what the task may cost")
        }
        aside[wish.owner, default: [:]][currency] = before + micros
    }
}
