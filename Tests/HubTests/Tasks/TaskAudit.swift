import Grid

@testable import Hub

/// Looks at everything that the Hub stores and tells of tasks, and notes what must not be.
struct TaskAudit {
    /// A reference, so that what is wrong may be put into words from the audit's own state.
    private final class Faults {
        var list: [String] = []
    }

    private let found = Faults()
    var faults: [String] { found.list }
    private(set) var transitions: [String: Int] = [:]
    private var records: [TaskID: TaskRecord] = [:]
    private var told: [TaskID: TaskState] = [:]
    private var percents: [TaskID: (epoch: UInt64, percent: Int)] = [:]
    private var offsets: [BaseRoom: UInt64] = [:]
    /// Of every run that ever had a lease: what it took, in thousandths.
    private var seats: [RunID: Int64] = [:]
    /// Whose result made each task complete.
    private var completions: [TaskID: Int] = [:]

    private func fail(_ what: String) { if found.list.count < 10 { found.list.append(what) } }

    private func expect(_ holds: Bool, _ what: @autoclosure () -> String) { if !holds { fail(what()) } }

    /// The effects of one or several events, in order.
    mutating func note(_ effects: [Effect]) {
        for case .settled(let run, counted: true) in effects.orders.map(\.order) {
            // Of what was assigned by the present attempt alone, by what was known before.
            let epoch = records[run.task]?.epoch ?? 0
            expect(epoch == run.epoch, "T3: a result under epoch \(run.epoch) counts in \(epoch)")
        }
        for effect in effects {
            guard let change = effect.change else { continue }
            switch change {
            case .task(let record): note(record)
            case .event(let event): note(event)
            default: break
            }
        }
        // T6: whatever state is stored was told in the same step.
        for (id, record) in records where told[id] != nil {
            expect(told[id] == record.state, "\(id) is \(record.state) and was told to be \(told[id]!)")
        }
    }

    private mutating func note(_ record: TaskRecord) {
        let former = records.updateValue(record, forKey: record.id)
        if let former, former.state != record.state {
            transitions["\(former.state.name)>\(record.state.name)", default: 0] += 1
            expect(former.state.mayBecome(record.state), "\(former.state) became \(record.state)")
            expect(!former.state.isTerminal, "T5: \(former.state) became \(record.state)")
            if record.state == .completed { completions[record.id, default: 0] += 1 }
            expect(completions[record.id] ?? 0 <= 1, "T3: \(record.id) completed twice")
        }
        let rise = record.epoch - (former?.epoch ?? 0)
        let isAssignment = former?.state == .pending && record.state == .assigned
        expect(rise == (isAssignment ? 1 : 0), "T2: the epoch rose by \(rise) to \(record.state)")
        expect(record.attempts <= record.specification.attempts, "more attempts than allowed")
        switch record.state {
        case .assigned, .running:
            expect(record.leases.map(\.member) == Array(0..<record.specification.gangSize), "a lease a member")
        case .pending: expect(record.leases.isEmpty, "a waiting task holds a lease")
        case .completed: expect(record.leases.allSatisfy { $0.phase == .ended }, "completed while it runs")
        case .failed, .cancelled, .lost: break
        }
        for lease in record.leases {
            seats[RunID(task: record.id, epoch: record.epoch, member: lease.member)] =
                Int64(lease.gpus.nonzeroBitCount * lease.milliPerGPU)
        }
    }

    private mutating func note(_ event: LoggedEvent) {
        let room = event.event.room
        let offset = event.position.offset
        expect(offset == (offsets[room] ?? 0) + 1, "T6: offset \(offset) behind \(offsets[room] ?? 0)")
        offsets[room] = offset
        switch event.event {
        case .taskUpdated(let update):
            if update.kind == .created || update.kind == .status { told[update.task] = update.state }
            expect(event.facts.status == update.state.name, "facts say \(event.facts.status ?? "nothing")")
        case .taskProgressed(let progress):
            let former = percents[progress.task]
            if let former, former.epoch == progress.epoch {
                expect(former.percent <= progress.progress.percent, "T4: \(former.percent)…")
            }
            percents[progress.task] = (progress.epoch, progress.progress.percent)
        default: break
        }
    }

    /// Compares the Hub with what it stored, and its parts with each other.
    func compare(_ hub: Hub, _ memory: Memory) {
        var held: Int64 = 0
        var (live, waiting, members) = (0, 0, 0)
        for (id, stored) in memory.tasks {
            guard let slot = hub.tasks.slot(of: id) else {
                fail("T1: \(id) is not known")
                continue
            }
            let record = hub.tasks[slot].record
            expect(record == stored, "\(id) is \(record.state) and stored as \(stored.state)")
            if !record.state.isTerminal { live += 1 }
            if record.state == .pending { waiting += 1 }
            guard record.state == .assigned || record.state == .running else { continue }
            for lease in record.leases {
                held += Int64(lease.gpus.nonzeroBitCount * lease.milliPerGPU)
                members += lease.phase == .ended ? 0 : 1
            }
        }
        for index in hub.nodes.states.indices {
            let state = hub.nodes.states[index]
            members -= state.runs.count
            for closing in state.closing { held += seats[closing.run] ?? 0 }
            for run in state.runs {
                let lease = hub.tasks[run.slot].record.leases[Int(run.member)]
                expect(lease.node == hub.nodes.records[index].id, "a node lists another's run")
            }
            if hub.nodes.records[index].registeredAt != nil {
                expect(state.status == hub.standing(index), "\(state.status) is told, it is \(hub.standing(index))")
            }
        }
        expect(members == 0, "\(members) runs more than nodes list")
        expect(hub.router.heldGPUMilli == held, "the router holds \(hub.router.heldGPUMilli), leases \(held)")
        expect(hub.tasks.liveCount == live, "\(hub.tasks.liveCount) counted, \(live) live")
        expect(hub.router.waitingCount == waiting, "\(hub.router.waitingCount) in line, \(waiting) waiting")
        expect(hub.tasks.count == memory.tasks.count, "\(hub.tasks.count) kept, \(memory.tasks.count) stored")
    }
}
