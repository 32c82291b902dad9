internal import Grid
internal import Hub

/// What an agent does with what the coordinator says.
extension World {
    func arrivedDown(_ link: Link, _ message: DownMessage) {
        let agent = agents[link.agent]
        guard link.isOpenAtAgent, agent.link === link, agent.isUp, !broken.contains(link.session) else { return }
        guard !agent.isPaused else { return agent.inbox.append(.arrivesDown(link, message)) }
        switch message {
        case .challenge:
            guard case .greeting = agent.stage else { return }
            agent.stage = .proving
            agent.unanswered = now
            sendUp(.proof, over: link)
        case .welcome(let welcome):
            guard case .proving = agent.stage else { return }
            established(agent, link, welcome)
        case .pong(let sent):
            agent.contact = max(agent.contact, sent)
            agent.unanswered = 0
        case .order(let order): obey(agent, order)
        case .closed:
            link.isOpenAtAgent = false
            agentLostLink(agent, link)
        }
    }

    /// The session has begun: the agent says what it has, then again what it was not told to forget.
    private func established(_ agent: Agent, _ link: Link, _ welcome: AgentWelcome) {
        agent.stage = .established
        agent.contact = max(agent.contact, agent.unanswered)
        agent.unanswered = 0
        agent.isEnrolled = true
        agent.failures = 0
        agent.secret = welcome.session
        var held = agent.runs.filter(\.isAlive).map { RunHolding(run: $0.id, hasEnded: false) }
        held += agent.journal.filter { !$0.isSettled }.map { RunHolding(run: $0.run, hasEnded: true) }
        sendUp(.runs(held), over: link)
        for kept in agent.journal where kept.isOnDisk && !kept.isSettled {
            report(agent, kept.run, .ended(kept.outcome))
        }
    }

    func report(_ agent: Agent, _ run: RunID, _ body: TaskReport.Body) {
        guard agent.isEstablished, let link = agent.link else { return }
        sendUp(.report(TaskReport(run: run, body: body)), over: link)
        guard agent.lie != nil, agent.memory.count < 64 else { return }
        agent.memory.append(TaskReport(run: run, body: body))
    }

    private func obey(_ agent: Agent, _ order: TaskOrder) {
        switch order {
        case .assign(let assignment): takes(agent, assignment)
        case .cancel(let run): endRun(agent, run, .cancelled)
        case .stop(let run, let fault): endRun(agent, run, fault)
        case .settled(let run, _):
            guard let place = agent.keptIndex(run) else { return }
            agent.journal[place].isSettled = true
            if let run = agent.runIndex(run) { agent.runs.remove(at: run) }
        }
    }
}
