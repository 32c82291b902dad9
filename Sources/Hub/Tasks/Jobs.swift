internal import Grid

/// Every job that has a task, in slots that are used again.
struct Jobs: Sendable {
    struct Job: Sendable {
        var record: JobRecord
        var tasks = TaskRoll()
        /// Tasks by their state's raw value.
        var counts = [Int](repeating: 0, count: TaskState.allCases.count)
        /// Of all its tasks together.
        var percentSum = 0

        mutating func count(_ state: TaskState, percent: Int, by step: Int) {
            counts[Int(state.rawValue)] += step
            percentSum += step * percent
        }

        private func count(_ state: TaskState) -> Int { counts[Int(state.rawValue)] }

        /// Whether none of its tasks can change any more.
        var hasEnded: Bool { count(.completed) + count(.failed) + count(.cancelled) == tasks.count }

        /// Of its tasks together. One that failed makes the job a failed one; a job of which some tasks have ended and
        /// others wait is under way.
        var state: TaskState {
            if hasEnded {
                if count(.failed) > 0 { return .failed }
                return count(.cancelled) > 0 ? .cancelled : .completed
            }
            return count(.pending) == tasks.count ? .pending : .running
        }

        /// The mean over its tasks, in percent, rounded down.
        var percent: Int { tasks.isEmpty ? 0 : percentSum / tasks.count }
    }

    private var jobs: [Job] = []
    private var free: [Int32] = []
    private var places: [String: Int32] = [:]
    private(set) var names = JobNames()

    subscript(slot: Int32) -> Job {
        get { jobs[Int(slot)] }
        _modify { yield &jobs[Int(slot)] }
    }

    func slot(of name: String) -> Int32? { places[name] }

    /// What events of its tasks tell of a job.
    func standing(_ slot: Int32) -> JobStanding {
        JobStanding(percent: jobs[Int(slot)].percent, state: jobs[Int(slot)].state)
    }

    mutating func insert(_ record: JobRecord) {
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            jobs[Int(slot)] = Job(record: record)
        } else {
            slot = Int32(jobs.count)
            jobs.append(Job(record: record))
        }
        precondition(places.updateValue(slot, forKey: record.id) == nil, "a job is there twice")
        names.insert(record.id)
    }

    mutating func remove(_ slot: Int32) -> JobRecord {
        let record = self[slot].record
        places[record.id] = nil
        names.remove(record.id)
        free.append(slot)
        return record
    }
}
