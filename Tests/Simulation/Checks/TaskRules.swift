internal import Grid
internal import Hub

/// The rules of tasks (T1 to T5) and of the money that goes with them (L3, L6, L7), for one transaction.
extension Watch {
    mutating func check(_ transaction: Transaction) {
        for (id, before) in transaction.tasks {
            guard let after = emitted.tasks[id] else { continue }
            checkEpoch(before, after)
            checkSteps(before, after, transaction.steps.filter { $0.task == id })
            checkHold(before, after, transaction.transfers.filter { $0.task == id })
            count(before, after)
        }
        for transfer in transaction.transfers {
            if let task = transfer.task, !transaction.tasks.contains(where: { $0.id == task }) {
                fail("L6", "a \(transfer.kind.rawValue) of \(text(task)) without a change of the task")
            }
        }
    }

    private mutating func checkEpoch(_ before: TaskRecord?, _ after: TaskRecord) {
        let name = text(after.id)
        if after.state == .lost { fail("T1", "\(name) is stored as lost") }
        if let before {
            if before.state.isTerminal, after.state != before.state {
                fail("T5", "\(name) was \(before.state) and is \(after.state)")
            }
            if after.epoch < before.epoch { fail("T2", "\(name) falls from epoch \(before.epoch) to \(after.epoch)") }
            if after.specification != before.specification || after.owner != before.owner {
                fail("T1", "\(name) has become another task")
            }
            if case .stale(let stale) = standing, stale == after.id, before.state != .pending,
                after.state != before.state || after.epoch != before.epoch || after.leases != before.leases
            {
                fail("T3", "\(name) changes by a report that counts for nothing")
            }
        }
        if after.attempts > after.specification.attempts, !after.isCheck {
            fail("T8", "\(name) has \(after.attempts) attempts of \(after.specification.attempts)")
        }
        switch after.state {
        case .pending:
            if !after.leases.isEmpty { fail("T2", "\(name) waits with leases") }
            checkExclusion(before, after)
        case .assigned, .running: checkLeases(before, after)
        case .completed, .failed, .cancelled, .lost: break
        }
    }

    /// A node where a run ended by the node's own fault does not get the task again, unless no other could hold it.
    private mutating func checkExclusion(_ before: TaskRecord?, _ after: TaskRecord) {
        guard case .current(let task) = standing, task == after.id, let node = reporter,
            before?.leases.contains(where: { $0.node == node }) == true, !after.excludedNodes.contains(node)
        else { return }
        let resources = after.specification.resources
        let others = machines.filter { $0.key != node && before?.excludedNodes.contains($0.key) != true }
        let seats = others.values.reduce(0) { $0 + $1.seats(resources) }
        if seats >= after.specification.gangSize {
            fail("R1", "\(text(after.id)) may go back to node \(machines[node]?.index ?? -1), where it failed")
        }
    }

    private mutating func checkLeases(_ before: TaskRecord?, _ after: TaskRecord) {
        let name = text(after.id)
        let specification = after.specification
        if after.leases.map(\.member) != Array(0..<specification.gangSize) {
            fail("T2", "\(name) has leases for \(after.leases.map(\.member))")
        }
        guard before?.epoch != after.epoch || before?.state == .pending else {
            if before?.leases.map(\.node) != after.leases.map(\.node) {
                fail("T2", "\(name) moves within epoch \(after.epoch)")
            }
            return
        }
        if after.epoch == before?.epoch { fail("T2", "\(name) is assigned again under epoch \(after.epoch)") }
        for lease in after.leases {
            if after.excludedNodes.contains(lease.node) {
                fail("R1", "\(name) goes back to a node where it failed")
            }
            if emitted.trust[lease.node]?.quarantine != nil, !after.isCheck {
                fail("R2", "\(name) goes to a quarantined node")
            }
            if let cap = specification.resources.priceCapMicros, lease.pricePerHourMicros > cap {
                fail("R3", "\(name) costs more than its cap")
            }
            let milli = lease.gpus.nonzeroBitCount * lease.milliPerGPU
            let asked = specification.resources.gpu.milli
            if lease.gpus.nonzeroBitCount == 0 ? asked != 0 : milli < asked {
                fail("R4", "\(name) asked for \(asked) thousandths of a GPU and got \(milli)")
            }
            checkRoom(lease.node)
        }
    }

    /// Whether the leases of a node fit on it together.
    private mutating func checkRoom(_ node: NodeID) {
        guard let machine = machines[node] else { return fail("R5", "a lease on an unknown node") }
        var milli = [Int](repeating: 0, count: 64)
        var cpu = 0
        var memory = 0
        for id in emitted.liveTasks {
            guard let task = emitted.tasks[id] else { continue }
            for lease in task.leases where lease.node == node && lease.phase != .ended {
                cpu += task.specification.resources.cpuMilli
                memory += task.specification.resources.memoryMebibytes
                var gpus = lease.gpus
                while gpus != 0 {
                    milli[gpus.trailingZeroBitCount] += lease.milliPerGPU
                    gpus &= gpus - 1
                }
            }
        }
        if milli.contains(where: { $0 > 1000 }) { fail("X1", "a GPU of node \(machine.index) is given away twice") }
        if milli[machine.gpuCount...].contains(where: { $0 > 0 }) {
            fail("X3", "node \(machine.index) has not so many GPUs")
        }
        if cpu > machine.cpuMilli || memory > machine.memoryMebibytes {
            fail("X4", "node \(machine.index) has not so much processor or memory")
        }
    }

    /// Every change of state is told, in order, in the same transaction (T6), and is one that may be.
    private mutating func checkSteps(_ before: TaskRecord?, _ after: TaskRecord, _ steps: [TaskUpdated]) {
        let name = text(after.id)
        var state = before?.state
        for step in steps {
            switch step.kind {
            case .created:
                if state != nil { fail("T6", "\(name) comes to be twice") }
                state = step.state
            case .status:
                if step.previous != state { fail("T6", "\(name) is told to have been otherwise than it was") }
                if let state, !Self.follows(step.state, state) {
                    fail("T5", "\(name) goes from \(state) to \(step.state)")
                }
                state = step.state
            case .result, .fee, .execution: break
            }
        }
        if state != after.state { fail("T6", "\(name) is \(after.state), and nobody is told") }
        if after.state == .completed, before?.state != .completed, !steps.contains(where: { $0.kind == .result }) {
            fail("T6", "\(name) is completed, and its result is not told")
        }
    }

    private static func follows(_ next: TaskState, _ state: TaskState) -> Bool {
        switch state {
        case .pending: [.assigned, .cancelled, .failed].contains(next)
        case .assigned: next != .assigned
        case .running: ![.running, .assigned].contains(next)
        case .lost: [.pending, .failed].contains(next)
        case .completed, .failed, .cancelled: false
        }
    }

    // MARK: Money

    private mutating func checkHold(_ before: TaskRecord?, _ after: TaskRecord, _ transfers: [LedgerTransfer]) {
        let name = text(after.id)
        let out = transfers.filter { [.payment, .fee, .release].contains($0.kind) }
        let resolved = out.reduce(0) { $0 + $1.amountMicros }
        let set = transfers.filter { $0.kind == .hold }.reduce(0) { $0 + $1.amountMicros }
        if before == nil {
            let least = Money.hold(after.specification, configuration)
            let isFree = after.isCheck || after.specification.isExternal
            if isFree ? set != 0 : !(least...least + Int64(after.specification.gangSize)).contains(set) {
                fail("L3", "\(set) is held for \(name), not \(least)")
            }
        } else if set != 0 {
            fail("L3", "more is held for \(name) later")
        }
        let held = (before?.heldMicros ?? 0) + set
        if after.state.isTerminal {
            if before?.state.isTerminal == true {
                if !transfers.isEmpty { fail("L3", "\(name) is settled twice") }
            } else if resolved != held {
                fail("L6", "\(name) ends, and of \(held) held \(resolved) is given back or paid")
            }
            if after.heldMicros != 0 { fail("L6", "\(name) has ended and holds \(after.heldMicros)") }
            checkCost(before, after, out)
        } else {
            if resolved != 0 { fail("L6", "\(name) has not ended, and \(resolved) of its hold is gone") }
            if after.heldMicros != held { fail("L3", "\(name) holds \(after.heldMicros), not \(held)") }
        }
    }

    private mutating func checkCost(_ before: TaskRecord?, _ after: TaskRecord, _ out: [LedgerTransfer]) {
        guard before?.state.isTerminal != true, !after.isCheck else { return }
        let name = text(after.id)
        let paid = out.filter { $0.kind != .release }.reduce(0) { $0 + $1.amountMicros }
        guard after.state == .completed else {
            if paid != 0 { fail("L7", "\(name) is \(after.state), and \(paid) is paid for it") }
            return
        }
        let cost = Money.cost(after, configuration)
        let fee = out.filter { $0.kind == .fee }.reduce(0) { $0 + $1.amountMicros }
        let members = Int64(after.leases.count)
        if paid != after.costMicros ?? 0 { fail("L7", "\(name) costs \(after.costMicros ?? 0), and \(paid) is paid") }
        let ceiling = min(cost + members, before?.heldMicros ?? 0)
        if !(min(cost, ceiling)...ceiling).contains(paid) { fail("L7", "\(name) should cost \(cost), not \(paid)") }
        let most = paid * configuration.platformFeeBasisPoints / 10_000
        if !(max(0, most - members)...most).contains(fee) { fail("L7", "the fee of \(name) is \(fee), not \(most)") }
    }
}
