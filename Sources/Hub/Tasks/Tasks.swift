internal import Grid

/// Every task that is kept, in slots that are used again, with the ways to find it.
///
/// A value without opinions: it keeps indexes and counts true while the Hub decides what becomes of tasks.
struct Tasks: Sendable {
    /// What a submitter named a request.
    private struct RequestName: Hashable, Sendable {
        var owner: UserID
        var key: String
    }

    /// What one user has here.
    private struct Owner: Sendable {
        var tasks = TaskRoll()
        var jobs = JobNames()
        var liveCount = 0
    }

    private var entries: [TaskEntry] = []
    private var free: [Int32] = []
    private var places: [TaskID: Int32] = [:]
    private var named: [RequestName: Int32] = [:]
    private var owners: [UserID: Owner] = [:]
    private(set) var all = TaskRoll()
    var jobs = Jobs()
    /// Ended tasks by their end, oldest first; those before ``firstEnded`` are forgotten.
    private var ended: [Int32] = []
    private var firstEnded = 0
    private(set) var lastNumber: UInt64 = 0
    /// Tasks that have not ended.
    private(set) var liveCount = 0
    var logs = TaskLogs()

    init(jobs: [JobRecord] = [], tasks: [TaskRecord] = [], lastNumber: UInt64 = 0) {
        self.lastNumber = lastNumber
        for job in jobs.sorted(by: { $0.id < $1.id }) { add(job) }
        for task in tasks.sorted(by: { $0.number < $1.number }) { _ = add(task) }
        let slots = entries.indices.filter { entries[$0].record.state.isTerminal }
        ended = slots.map { Int32($0) }.sorted { left, right in
            let (first, second) = (self[left].record, self[right].record)
            let ends = (first.endedAt ?? first.updatedAt, second.endedAt ?? second.updatedAt)
            return ends.0 != ends.1 ? ends.0 < ends.1 : first.number < second.number
        }
    }

    var count: Int { all.count }
    var endedCount: Int { ended.count - firstEnded }

    subscript(slot: Int32) -> TaskEntry {
        get { entries[Int(slot)] }
        _modify { yield &entries[Int(slot)] }
    }

    // MARK: Finding

    func slot(of task: TaskID) -> Int32? { places[task] }

    func slot(of task: TaskReference) -> Int32? {
        switch task {
        case .id(let id): places[id]
        case .number(let number): all.slot(of: number)
        }
    }

    /// The task that a request of that name made.
    func slot(owner: UserID, key: String) -> Int32? { named[RequestName(owner: owner, key: key)] }

    /// An owner's tasks.
    func tasks(of owner: UserID) -> TaskRoll { owners[owner]?.tasks ?? TaskRoll() }

    /// An owner's jobs.
    func jobNames(of owner: UserID) -> JobNames { owners[owner]?.jobs ?? JobNames() }

    func liveCount(of owner: UserID) -> Int { owners[owner]?.liveCount ?? 0 }

    // MARK: Coming and going

    /// Adds a job that is not there yet.
    mutating func add(_ job: JobRecord) {
        jobs.insert(job)
        owners[job.owner, default: Owner()].jobs.insert(job.id)
    }

    /// The number of the next task.
    mutating func takeNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Adds a task that is not there yet; its job is.
    mutating func add(_ record: TaskRecord) -> Int32 {
        guard let job = jobs.slot(of: record.job) else { preconditionFailure("a task's job is there before it") }
        let slot: Int32
        let entry = TaskEntry(record: record, job: job)
        if let reused = free.popLast() {
            slot = reused
            entries[Int(slot)] = entry
        } else {
            slot = Int32(entries.count)
            entries.append(entry)
        }
        precondition(places.updateValue(slot, forKey: record.id) == nil, "a task is there twice")
        lastNumber = max(lastNumber, record.number)
        all.append(slot, number: record.number)
        jobs[job].tasks.append(slot, number: record.number)
        jobs[job].count(record.state, percent: entry.percent, by: 1)
        // A check's key tells what it is for; it names no request.
        let isRestored = PlantedBug.isActive(.keyForgotten) && record.updatedAt != record.createdAt
        if let key = record.key, !record.isCheck, !isRestored {
            named[RequestName(owner: record.owner, key: key)] = slot
        }
        if !record.isCheck { owners[record.owner, default: Owner()].tasks.append(slot, number: record.number) }
        if !record.state.isTerminal { countLive(record, by: 1) }
        return slot
    }

    private mutating func countLive(_ record: TaskRecord, by step: Int) {
        liveCount += step
        if !record.isCheck { owners[record.owner]?.liveCount += step }
    }

    /// The task that ended longest ago, which is no longer known; `nil` where at most `limit` are kept.
    mutating func forgetOldest(beyond limit: Int) -> TaskID? {
        guard endedCount > limit else { return nil }
        let slot = ended[firstEnded]
        firstEnded += 1
        if firstEnded > 1024, firstEnded * 2 > ended.count {
            ended.removeFirst(firstEnded)
            firstEnded = 0
        }
        let entry = self[slot]
        let record = entry.record
        places[record.id] = nil
        all.remove(number: record.number)
        if let key = record.key, !record.isCheck { named[RequestName(owner: record.owner, key: key)] = nil }
        if !record.isCheck { owners[record.owner]?.tasks.remove(number: record.number) }
        jobs[entry.job].tasks.remove(number: record.number)
        jobs[entry.job].count(record.state, percent: entry.percent, by: -1)
        if jobs[entry.job].tasks.isEmpty {
            let job = jobs.remove(entry.job)
            owners[job.owner]?.jobs.remove(job.id)
        }
        if let owner = owners[record.owner], owner.tasks.isEmpty, owner.jobs.count == 0 { owners[record.owner] = nil }
        logs.remove(slot)
        self[slot].isFree = true
        free.append(slot)
        return record.id
    }

    // MARK: What is counted

    /// Gives the task this state; what follows from it is the Hub's.
    mutating func setState(_ slot: Int32, _ state: TaskState) {
        let (former, job) = (self[slot].record.state, self[slot].job)
        jobs[job].count(former, percent: self[slot].percent, by: -1)
        self[slot].record.state = state
        jobs[job].count(state, percent: self[slot].percent, by: 1)
        guard state.isTerminal, !former.isTerminal else { return }
        countLive(self[slot].record, by: -1)
        ended.append(slot)
    }

    mutating func setProgress(_ slot: Int32, _ progress: ProgressReport?) {
        let job = self[slot].job
        jobs[job].percentSum -= self[slot].percent
        self[slot].show(progress)
        jobs[job].percentSum += self[slot].percent
    }
}
