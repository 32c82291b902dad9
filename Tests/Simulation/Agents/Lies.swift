internal import Grid

/// What agents say that is not so. Their words reach the Hub like anybody's.
extension World {
    /// Done, without ever having run.
    func invents(_ agent: Agent, _ assignment: RunAssignment) {
        var outcome = RunOutcome()
        outcome.ranMilliseconds = dice.pick([0, 1, assignment.timeoutSeconds * 1000, .max, .min, -5])
        outcome.output = "\"invented\""
        outcome.digest = Digest256(bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: dice.next()), count: 32))
        if dice.chance(20) { outcome.fault = dice.pick(TaskFault.allCases) }
        claim(agent, assignment.run, .started)
        claim(agent, assignment.run, .ended(outcome))
    }

    /// Says it, and notes that it is a lie.
    private func claim(_ agent: Agent, _ run: RunID, _ body: TaskReport.Body) {
        if case .ended(let outcome) = body { ground.claimed(run, outcome, by: agent.index) }
        report(agent, run, body)
    }

    /// One lie a tick, now and then.
    func lies(_ agent: Agent, _ link: Link) {
        guard dice.chance(40), let lie = agent.lie else { return }
        switch lie {
        case .inventsResults: break
        case .replays:
            guard !agent.memory.isEmpty else { return }
            let old = dice.pick(agent.memory)
            claim(agent, old.run, old.body)
        case .meddles:
            guard let run = anyRun() else { return }
            if dice.chance(20) { sendUp(.runs([RunHolding(run: run, hasEnded: dice.chance(50))]), over: link) }
            claim(agent, run, body())
        case .exaggerates:
            guard var run = anyRun(of: agent) ?? anyRun() else { return }
            run.epoch = dice.pick([run.epoch, run.epoch &+ 1, run.epoch &- 1, 0, .max])
            run.member = dice.pick([run.member, run.member + 1, -1, .max, .min])
            claim(agent, run, body())
        case .regresses:
            guard let run = anyRun(of: agent) else { return }
            var progress = ProgressReport(sequence: dice.next() >> 56, percent: dice.within(0...100))
            progress.etaSeconds = dice.pick([nil, 0, .max, .min])
            report(agent, run, .progress(progress))
        }
    }

    private func body() -> TaskReport.Body {
        switch dice.below(4) {
        case 0: return .started
        case 1: return .progress(ProgressReport(sequence: dice.pick([0, 7, .max]), percent: dice.within(0...100)))
        case 2: return .log(LogChunk(stream: .stderr, offset: dice.pick([0, 9, .max]), text: "x"))
        default:
            var outcome = RunOutcome()
            outcome.ranMilliseconds = dice.pick([0, 1, .max, .min, 3_600_000])
            outcome.exitStatus = dice.pick([nil, 0, .max])
            if dice.chance(40) { outcome.fault = dice.pick(TaskFault.allCases) }
            return .ended(outcome)
        }
    }

    /// A run that the coordinator believes in, of this agent or of anybody.
    private func anyRun(of agent: Agent? = nil) -> RunID? {
        if let agent { return agent.runs.isEmpty ? nil : dice.pick(agent.runs).id }
        guard !watch.emitted.taskOrder.isEmpty else { return nil }
        let id = dice.pick(watch.emitted.taskOrder)
        guard let task = watch.emitted.tasks[id] else { return nil }
        return RunID(task: id, epoch: task.epoch, member: 0)
    }
}
