internal import Grid
internal import Hub

/// An agent's process: it starts, dials, ticks, stands still, leaves, crashes.
extension World {
    /// Without an answer for so long the agent gives a connection up.
    private static let patience: UInt64 = 7_000_000_000

    func agentStarts(_ agent: Agent) {
        guard !agent.isUp else { return }
        agent.start += 1
        agent.stage = .waiting
        agent.isLeaving = false
        agent.runs = []
        agent.inbox = []
        agent.link = nil
        agent.secret = nil
        agent.failures = 0
        agent.contact = 0
        agent.sequence = 0
        agent.leaseLook = nil
        note("agent starts", agent.index)
        plan(.agentDials(agent.index, start: agent.start), in: dice.milliseconds(1...300))
        plan(.agentTicks(agent.index, start: agent.start), in: dice.within(1...plan.tick))
    }

    func agentDials(_ agent: Agent) {
        guard case .waiting = agent.stage, agent.link == nil, !agent.isLeaving else { return }
        guard let link = dial(agent.index) else { return agentBacksOff(agent) }
        agent.link = link
        agent.stage = .greeting
        agent.unanswered = now
        sendUp(.hello, over: link)
    }

    private func agentBacksOff(_ agent: Agent) {
        let bound: UInt64 = min(250 << min(agent.failures, 5), 5000)
        agent.failures += 1
        plan(.agentDials(agent.index, start: agent.start), in: dice.milliseconds(1...bound))
    }

    /// The connection is of no use any more.
    func agentLostLink(_ agent: Agent, _ link: Link) {
        guard agent.link === link else { return }
        agent.link = nil
        guard agent.isUp else { return }
        agent.stage = .waiting
        agent.unanswered = 0
        agentBacksOff(agent)
    }

    func agentTicks(_ agent: Agent) {
        plan(.agentTicks(agent.index, start: agent.start), in: agent.virtual(plan.tick))
        agent.ticks += 1
        guard let link = agent.link else { return }
        if agent.unanswered > 0, now - agent.unanswered > Self.patience {
            closeAtAgent(link, quietly: false)
            return agentLostLink(agent, link)
        }
        guard agent.isEstablished else { return }
        agent.sequence += 1
        sendUp(.sample(sample(agent)), over: link)
        if agent.ticks % plan.heartbeatTicks == 0 {
            if agent.unanswered == 0 { agent.unanswered = now }
            sendUp(.ping(now), over: link)
        }
        if agent.lie != nil { lies(agent, link) }
    }

    private func sample(_ agent: Agent) -> NodeSample {
        var sample = NodeSample(
            sequence: agent.sequence, takenAt: hubNow.wall, intervalMilliseconds: UInt32(plan.tick / 1_000_000))
        sample.host.filesystemUsedPercent = 40
        sample.gpus = (0..<agent.traits.gpuCount).map { index in
            var gpu = GPUSample(index: index)
            gpu.temperatureCelsius = 60
            gpu.throttleReasons = 0
            gpu.uncorrectedErrors = 0
            return gpu
        }
        makeUp(&sample, of: agent)
        return sample
    }

    // MARK: Ends

    /// The process is gone and its runs with it; what was not on disk is lost.
    func agentCrashes(_ agent: Agent, for nanoseconds: UInt64) {
        guard agent.isUp else { return }
        note("agent crashes", agent.index)
        agent.stage = .down
        agent.isPaused = false
        for run in agent.runs where run.isAlive {
            ground.ends(run.id, on: agent.index)
            ground.took(run, until: now)
        }
        agent.runs = []
        agent.journal.removeAll { !$0.isOnDisk }
        // What was let go since the last write may still be there.
        let forgets = dice.chance(50)
        agent.journal.removeAll { $0.isSettled && forgets }
        for place in agent.journal.indices { agent.journal[place].isSettled = false }
        if let link = agent.link {
            closeAtAgent(link, quietly: dice.chance(50))
            agent.link = nil
        }
        plan(.agentStarts(agent.index), in: nanoseconds)
    }

    func agentPauses(_ agent: Agent, for nanoseconds: UInt64) {
        guard agent.isUp, !agent.isPaused else { return }
        agent.isPaused = true
        note("agent stands still", agent.index)
        ground.freezes(agent.index)
    }

    func agentWakes(_ agent: Agent) {
        guard agent.isPaused else { return }
        agent.isPaused = false
        note("agent goes on", agent.index)
        // Its deadlines have passed meanwhile, and come first.
        leaseChecks(agent)
        ground.thaws(agent.index)
        let inbox = agent.inbox
        agent.inbox = []
        for matter in inbox { happen(matter) }
    }

    /// In good order: runs end first, then goodbye.
    func agentLeaves(_ agent: Agent) {
        guard agent.isUp else { return }
        if !agent.isLeaving {
            agent.isLeaving = true
            note("agent leaves", agent.index)
            for run in agent.runs where run.isAlive { endRun(agent, run.id, .agentStopped) }
        }
        if agent.runs.contains(where: \.isAlive) || agent.journal.contains(where: { !$0.isOnDisk }) {
            return plan(.agentLeaves(agent.index, start: agent.start), in: 200_000_000)
        }
        if let link = agent.link {
            if agent.isEstablished { sendUp(.goodbye, over: link) }
            closeAtAgent(link, quietly: true)
            agent.link = nil
        }
        agent.stage = .down
        agent.runs = []
        plan(.agentStarts(agent.index), in: dice.milliseconds(500...15_000))
    }
}
