internal import Grid

/// Tasks and jobs as they are shown: to their owners and to administrators, and to nobody else.
extension Hub {
    private static let pageSizes = 1...1000
    /// Tasks that one page looks at, at most: a filter that fits few of many gives a short page, and where to go on.
    private static let lookedAt = 20_000

    func summary(_ slot: Int32) -> TaskSummary {
        TaskSummary(record: tasks[slot].record, progress: tasks[slot].progress)
    }

    /// The task, if it is there for that asker.
    func task(_ reference: TaskReference, for asker: Asker) -> Int32? {
        guard let slot = tasks.slot(of: reference), isTheirs(slot, asker) else { return nil }
        return slot
    }

    private func isTheirs(_ slot: Int32, _ asker: Asker) -> Bool {
        asker.isAdmin || (!tasks[slot].record.isCheck && tasks[slot].record.owner == asker.user)
    }

    /// The job, if it is there for that asker.
    func job(_ name: String, for asker: Asker) -> Int32? {
        guard let job = tasks.jobs.slot(of: name), asker.isAdmin || tasks.jobs[job].record.owner == asker.user else {
            return nil
        }
        return job
    }

    func summary(job slot: Int32) -> JobSummary {
        let job = tasks.jobs[slot]
        return JobSummary(
            record: job.record, state: job.state, progressPercent: job.percent, counts: job.counts,
            tasks: job.tasks.first(Limits.jobTasksShown).map { tasks[$0].record.id })
    }

    /// Whether a task or a job is there for who looks; so a room of somebody else's does not exist.
    func isThere(_ room: Room, for subscriber: Subscriber) -> Bool {
        let asker = Asker(user: subscriber.user, isAdmin: subscriber.permissions.contains(.admin))
        switch room {
        case .task(let id): return task(.id(id), for: asker) != nil
        case .job(let name): return job(name, for: asker) != nil
        case .numberedTask(let number): return task(.number(number), for: asker) != nil
        case .tasksOf(let user): return asker.isAdmin || asker.user == user
        case .node(let node): return nodes.registered(node) != nil
        // Who asks for less than a room may ask for what is not there yet.
        case .base, .topics, .nodeTopics, .aboutNode: return true
        }
    }

    // MARK: Lists

    func taskPage(_ filter: TaskFilter, _ limit: Int, _ before: UInt64?, _ asker: Asker) -> Answer {
        let limit = min(max(limit, Self.pageSizes.lowerBound), Self.pageSizes.upperBound)
        guard let roll = roll(filter, asker) else { return .tasks([], next: nil) }
        var found: [TaskSummary] = []
        var next: UInt64?
        var last: UInt64?
        var looked = 0
        var bytes = 0
        roll.newestFirst(before: before) { slot in
            guard found.count < limit, looked < Self.lookedAt, bytes < Limits.pageBytes else {
                next = last
                return false
            }
            looked += 1
            last = tasks[slot].record.number
            if matches(slot, filter, asker) {
                found.append(summary(slot))
                bytes += tasks[slot].record.approximateByteCount
            }
            return true
        }
        return .tasks(found, next: next)
    }

    /// The shortest roll that has all tasks in question.
    private func roll(_ filter: TaskFilter, _ asker: Asker) -> TaskRoll? {
        if let name = filter.job { return job(name, for: asker).map { tasks.jobs[$0].tasks } }
        if asker.isAdmin { return filter.owner.map { tasks.tasks(of: $0) } ?? tasks.all }
        return filter.owner == nil || filter.owner == asker.user ? tasks.tasks(of: asker.user) : nil
    }

    private func matches(_ slot: Int32, _ filter: TaskFilter, _ asker: Asker) -> Bool {
        let record = tasks[slot].record
        if !filter.states.isEmpty, !filter.states.contains(record.state) { return false }
        if let owner = filter.owner, record.owner != owner { return false }
        if let node = filter.node, !record.leases.contains(where: { $0.node == node }) { return false }
        return isTheirs(slot, asker)
    }

    func jobPage(_ limit: Int, _ after: String?, _ asker: Asker) -> Answer {
        let limit = min(max(limit, Self.pageSizes.lowerBound), Self.pageSizes.upperBound)
        let names = asker.isAdmin ? tasks.jobs.names : tasks.jobNames(of: asker.user)
        let page = names.page(limit: limit, after: after)
        let found = page.names.compactMap { tasks.jobs.slot(of: $0).map { summary(job: $0) } }
        return .jobs(found, next: page.isLast ? nil : page.names.last)
    }

    // MARK: Logs

    func log(_ reference: TaskReference, from: UInt64, _ asker: Asker) -> TaskLog? {
        guard let slot = task(reference, for: asker) else { return nil }
        let (chunks, next, missed) = tasks.logs.read(slot, from: from)
        return TaskLog(
            chunks: chunks, next: next, missed: missed, isComplete: tasks[slot].record.state.isTerminal)
    }
}
