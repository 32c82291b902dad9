internal import Grid
internal import Hub

/// The rules of what agents are told, at the moment at which they are: it stands on disk, and is for that node.
extension World {
    func checkOrder(_ order: TaskOrder, over session: SessionID) {
        guard let node = watch.nodeOfSession[session], let machine = watch.machines[node] else {
            return violate("T3", "an order over a session that speaks for no node")
        }
        switch order {
        case .assign(let assignment):
            if !watch.toldRuns.contains(session) {
                violate(
                    "X5",
                    "\(text(assignment.run)) is ordered from node \(machine.index), which has not said what it runs")
            }
            guard let task = watch.stored.tasks[assignment.run.task], task.epoch >= assignment.run.epoch else {
                return violate("T6", "\(text(assignment.run)) is ordered before it is on disk")
            }
            guard task.epoch == assignment.run.epoch else { return }
            let lease = task.leases.first { $0.member == assignment.run.member }
            // One commit may hold the assignment and its end; then the order to end it follows.
            if task.state == .assigned || task.state == .running, lease?.node != node {
                violate("T2", "\(text(assignment.run)) is ordered from node \(machine.index), which has no lease")
            }
            if UInt64(assignment.leaseMilliseconds) * 1_000_000 > plan.configuration.taskLeaseNanoseconds {
                violate("T7", "the agent's lease is longer than the coordinator's")
            }
        case .cancel(let run), .stop(let run, _): ground.ordered(run, on: machine.index)
        case .settled(let run, let counted):
            guard agents[machine.index].lie == nil, let task = watch.stored.tasks[run.task], task.epoch == run.epoch,
                let lease = task.leases.first(where: { $0.member == run.member }), lease.node == node
            else { return }
            if !task.state.isTerminal, lease.phase != .ended {
                violate("T6", "\(text(run)) is settled (\(counted)) before that is on disk")
            }
        }
    }

    /// Whether tasks that have ended had reason to end so.
    func checkReasons() {
        for id in watch.takeEnded() {
            guard let task = watch.emitted.tasks[id] else { continue }
            switch task.state {
            case .completed:
                for member in 0..<task.specification.gangSize {
                    let run = RunID(task: id, epoch: task.epoch, member: member)
                    if !ground.knows(run, fault: nil) {
                        violate("T3", "\(text(run)) counts as done, and nobody has said so")
                    }
                }
            case .cancelled:
                if !watch.cancelRequested.contains(id) { violate("T5", "\(text(id)) is cancelled, and nobody asked") }
            case .failed: checkFailure(task)
            case .pending, .assigned, .running, .lost: break
            }
        }
    }

    private func silence(_ task: TaskRecord) -> UInt64 {
        UInt64(task.specification.timeoutSeconds) * Plan.second + plan.configuration.taskLeaseNanoseconds
    }

    private func checkFailure(_ task: TaskRecord) {
        let fault = task.result?.fault
        guard let fault else { return violate("T5", "\(text(task.id)) failed, and of nothing") }
        switch fault {
        case .resultsDisagree: return
        // Nobody has said anything for longer than a run and its lease may last.
        case .timeout where now >= (watch.attemptBegan[task.id] ?? 0) + silence(task): return
        case .attemptsExhausted: break
        case _ where fault.isNodesFault: break
        default:
            let runs = (0..<task.specification.gangSize).map { RunID(task: task.id, epoch: task.epoch, member: $0) }
            if !runs.contains(where: { ground.knows($0, fault: fault) }) {
                violate("T3", "\(text(task.id)) failed by \(fault.rawValue), and nobody has said so")
            }
            return
        }
        if task.attempts < task.specification.attempts {
            violate("T8", "\(text(task.id)) failed after \(task.attempts) of \(task.specification.attempts) attempts")
        }
    }
}
