internal import Grid
internal import Hub

/// What an agent does with its runs.
extension World {
    /// A new run, or one that it has already, which is nothing new.
    func takes(_ agent: Agent, _ assignment: RunAssignment) {
        guard agent.runIndex(assignment.run) == nil, agent.keptIndex(assignment.run) == nil else { return }
        if agent.lie == .inventsResults { return invents(agent, assignment) }
        guard !agent.isLeaving, fits(agent, assignment) else {
            var outcome = RunOutcome()
            outcome.fault = agent.isLeaving ? .agentStopped : .rejected
            return keep(agent, assignment.run, outcome)
        }
        let lease = UInt64(assignment.leaseMilliseconds) * 1_000_000
        guard now < agent.contact + agent.virtual(lease * UInt64(Limits.leaseStopPercent) / 100) else {
            // It was under way for so long that the lease may be somebody else's by now.
            var outcome = RunOutcome()
            outcome.fault = .leaseExpired
            return keep(agent, assignment.run, outcome)
        }
        let work =
            plan.fraud == nil
            ? ground.work(of: assignment, on: agent.index, dice: &dice) : labour(of: assignment, by: agent)
        if work.outcome.fault == .spawn {
            ground.concluded(assignment.run, work.outcome)
            return keep(agent, assignment.run, work.outcome)
        }
        let length = min(work.nanoseconds, agent.virtual(UInt64(assignment.timeoutSeconds) * Plan.second))
        var run = Run(assignment: assignment, startedAt: now, endsAt: now + length, outcome: work.outcome)
        run.isInvented = work.isInvented
        if work.nanoseconds > length {
            run.outcome = RunOutcome()
            run.outcome.fault = .timeout
        }
        agent.runs.append(run)
        ground.begins(assignment, on: agent, now: now)
        report(agent, assignment.run, .started)
        planStep(agent, agent.runs.count - 1)
        leaseChecks(agent)
    }

    /// The agent's own look: whether the devices it was given are free.
    private func fits(_ agent: Agent, _ assignment: RunAssignment) -> Bool {
        for gpu in 0..<64 where assignment.gpus >> UInt64(gpu) & 1 == 1 {
            guard gpu < agent.traits.gpuCount else {
                violate("X3", "node \(agent.index) is given GPU \(gpu) of \(agent.traits.gpuCount)")
                return false
            }
            let taken = agent.runs.filter { $0.isAlive && $0.assignment.gpus >> UInt64(gpu) & 1 == 1 }
                .reduce(0) { $0 + $1.assignment.milliPerGPU }
            if taken + assignment.milliPerGPU > 1000 {
                // A liar has itself to blame: it told of other runs than it has.
                guard agent.lie == nil else { return false }
                violate("X2", "node \(agent.index) is given GPU \(gpu) for \(text(assignment.run)), which is taken")
                return false
            }
        }
        return true
    }

    /// Plans the run's next progress or its end.
    private func planStep(_ agent: Agent, _ place: Int) {
        agent.runs[place].generation += 1
        let run = agent.runs[place]
        let next: UInt64
        switch run.phase {
        case .running: next = min(run.endsAt, now + max((run.endsAt - run.startedAt) / 4, 1))
        case .ending(_, let by): next = by
        case .ended: return
        }
        plan(
            .runSteps(agent.index, start: agent.start, run.id, generation: run.generation), at: max(next, now))
    }

    func runSteps(_ agent: Agent, _ id: RunID, generation: Int) {
        guard let place = agent.runIndex(id), agent.runs[place].generation == generation else { return }
        let run = agent.runs[place]
        switch run.phase {
        case .running where now < run.endsAt:
            agent.runs[place].progressSequence += 1
            let done = (now - run.startedAt) * 100 / max(run.endsAt - run.startedAt, 1)
            agent.runs[place].percent = max(run.percent, min(Int(done), 99))
            report(agent, id, .progress(progress(of: agent.runs[place])))
            if dice.chance(20) {
                report(agent, id, .log(LogChunk(stream: .stdout, offset: UInt64(run.generation) * 5, text: "line\n")))
            }
            planStep(agent, place)
        case .running: conclude(agent, place, run.outcome)
        case .ending(let fault, _):
            var outcome = RunOutcome()
            outcome.fault = fault
            outcome.signal = 15
            conclude(agent, place, outcome)
        case .ended: break
        }
    }

    private func progress(of run: Run) -> ProgressReport {
        var report = ProgressReport(sequence: run.progressSequence, percent: run.percent)
        report.stage = "stage"
        return report
    }

    /// The run is over: its result goes to the agent's disk before anybody is told.
    private func conclude(_ agent: Agent, _ place: Int, _ outcome: RunOutcome) {
        var outcome = outcome
        let run = agent.runs[place]
        outcome.ranMilliseconds = Int64(agent.local(now - run.startedAt) / 1_000_000)
        agent.runs[place].phase = .ended
        agent.runs[place].generation += 1
        ground.ends(run.id, on: agent.index)
        ground.concluded(run.id, outcome)
        ground.took(run, until: now)
        keep(agent, run.id, outcome)
    }

    private func keep(_ agent: Agent, _ run: RunID, _ outcome: RunOutcome) {
        agent.journal.append(KeptResult(run: run, outcome: outcome))
        planKeeping(agent, run)
    }

    private func planKeeping(_ agent: Agent, _ run: RunID) {
        plan(
            .resultKept(agent.index, start: agent.start, run),
            in: agent.isDiskFull ? 1_000_000_000 : dice.within(100_000...20_000_000))
    }

    func resultKept(_ agent: Agent, _ run: RunID) {
        guard let place = agent.keptIndex(run) else { return }
        guard !agent.isDiskFull else { return planKeeping(agent, run) }
        agent.journal[place].isOnDisk = true
        if !agent.journal[place].isSettled { report(agent, run, .ended(agent.journal[place].outcome)) }
    }

    /// Asks a run to end: it does within a grace that it takes or not, and is killed at its end.
    func endRun(_ agent: Agent, _ id: RunID, _ fault: TaskFault, within grace: ClosedRange<UInt64>? = nil) {
        guard let place = agent.runIndex(id), agent.runs[place].isAlive else { return }
        let by = now + dice.within(grace ?? 0...3 * Plan.second)
        if case .ending(let former, let end) = agent.runs[place].phase {
            guard by < end else { return }
            agent.runs[place].phase = .ending(former, by: by)
        } else {
            agent.runs[place].phase = .ending(fault, by: by)
        }
        planStep(agent, place)
    }

    // MARK: Leases

    /// Ends what has outlived the contact that its lease asks for, and plans the next look.
    func leaseChecks(_ agent: Agent) {
        guard agent.isUp else { return }
        var next = UInt64.max
        for run in agent.runs where run.isAlive {
            let lease = UInt64(run.assignment.leaseMilliseconds) * 1_000_000
            let asks = agent.contact + agent.virtual(lease * UInt64(Limits.leaseStopPercent) / 100)
            let kills = agent.contact + agent.virtual(lease * UInt64(Limits.leaseKillPercent) / 100)
            if now >= kills, let place = agent.runIndex(run.id) {
                var outcome = RunOutcome()
                outcome.fault = .leaseExpired
                outcome.signal = 9
                conclude(agent, place, outcome)
            } else if now >= asks {
                endRun(agent, run.id, .leaseExpired, within: 0...kills - now)
                next = min(next, kills)
            } else {
                next = min(next, asks)
            }
        }
        guard next < .max, next < agent.leaseLook ?? .max else { return }
        agent.leaseLook = next
        plan(.leaseChecks(agent.index, start: agent.start), at: next)
    }
}
