internal import Grid
internal import Hub

/// What lies between an agent and the coordinator.
struct Route {
    var isCutUp = false
    var isCutDown = false
    /// By how much messages take longer than usual.
    var slowness: UInt64 = 1
}

extension World {
    func link(_ session: SessionID) -> Link? {
        guard session.bits >= Link.sessionBase else { return nil }
        return links[Int(session.bits - Link.sessionBase)]
    }

    /// A new connection; `nil` where nobody answers.
    func dial(_ agent: Int) -> Link? {
        guard coordinator.isUp, !coordinator.isPaused, !routes[agent].isCutUp, !routes[agent].isCutDown else {
            return nil
        }
        let link = Link(number: UInt64(links.count), agent: agent, coordinatorStart: coordinator.start)
        link.heardAt = now
        links.append(link)
        plan(.edgeLooks(link), in: Self.edgePatience)
        return link
    }

    /// The silence after which the coordinator gives up a connection.
    private static let edgePatience: UInt64 = 13_000_000_000

    // MARK: Sending

    func sendUp(_ message: UpMessage, over link: Link) {
        guard link.isOpenAtAgent else { return }
        if routes[link.agent].isCutUp { return link.stuckUp.append(message) }
        link.lastUp = max(link.lastUp + 1, now + delay(link.agent))
        plan(.arrivesUp(link, message), at: link.lastUp)
    }

    func sendDown(_ message: DownMessage, over link: Link) {
        if routes[link.agent].isCutDown { return link.stuckDown.append(message) }
        link.lastDown = max(link.lastDown + 1, now + delay(link.agent))
        plan(.arrivesDown(link, message), at: link.lastDown)
    }

    private func delay(_ agent: Int) -> UInt64 { dice.within(plan.delay) * routes[agent].slowness }

    /// The agent's end is closed. What it has said may still arrive, and its end is seen behind that.
    func closeAtAgent(_ link: Link, quietly: Bool) {
        guard link.isOpenAtAgent else { return }
        if !quietly { sendUp(.closed, over: link) }
        link.isOpenAtAgent = false
    }

    func closeAtCoordinator(_ link: Link) {
        guard link.isOpenAtCoordinator else { return }
        link.isOpenAtCoordinator = false
        sendDown(.closed, over: link)
        plan(.linkGone(link, start: coordinator.start), in: dice.milliseconds(0...200))
    }

    /// The Hub hears of a session's end, once.
    func linkGone(_ link: Link, goodbye: Bool = false) {
        link.isOpenAtCoordinator = false
        guard link.isKnownToHub else { return }
        link.isKnownToHub = false
        tell(.agentGone(link.session, goodbye: goodbye))
    }

    /// Both ends are told that the connection broke; what was under way is lost.
    func breakLink(_ agent: Int) {
        guard let link = agents[agent].link, link.isOpenAtAgent else { return }
        note("link breaks", agent)
        broken.insert(link.session)
        link.isOpenAtAgent = false
        agentLostLink(agents[agent], link)
        if link.isOpenAtCoordinator {
            plan(.linkGone(link, start: link.coordinatorStart), in: dice.milliseconds(0...9000))
        }
    }

    func setRoute(_ agent: Int, cutUp: Bool? = nil, cutDown: Bool? = nil) {
        if let cutUp { routes[agent].isCutUp = cutUp }
        if let cutDown { routes[agent].isCutDown = cutDown }
        for link in links where link.agent == agent {
            if !routes[agent].isCutUp, !link.stuckUp.isEmpty {
                // The longer a cut, the later its end is noticed: by then the agent may have come in anew.
                link.lastUp = max(link.lastUp, now + dice.milliseconds(dice.pick([0...1, 100...5000, 1000...20_000])))
                for message in link.stuckUp { resendUp(message, over: link) }
                link.stuckUp = []
            }
            if !routes[agent].isCutDown, !link.stuckDown.isEmpty {
                let stuck = link.stuckDown
                link.stuckDown = []
                for message in stuck { sendDown(message, over: link) }
            }
        }
    }

    /// What a cut held back comes late, whatever has become of the agent meanwhile.
    private func resendUp(_ message: UpMessage, over link: Link) {
        link.lastUp = max(link.lastUp + 1, now + delay(link.agent))
        plan(.arrivesUp(link, message), at: link.lastUp)
    }

    // MARK: The coordinator's edge

    func arrivedUp(_ link: Link, _ message: UpMessage) {
        guard coordinator.isUp, link.coordinatorStart == coordinator.start, link.isOpenAtCoordinator,
            !broken.contains(link.session)
        else { return }
        link.heardAt = now
        switch message {
        case .hello: greet(link)
        case .proof:
            let agent = agents[link.agent]
            secrets += 1
            tell(.agentProved(link.session, agent.introduction(session: UUID128(high: 0x5E, low: secrets))))
        case .closed: linkGone(link)
        case .goodbye: linkGone(link, goodbye: true)
        case .sample, .ping, .runs, .report:
            guard link.isEstablishedAtCoordinator else { return }
            pass(link, message)
        }
    }

    private func greet(_ link: Link) {
        guard !coordinator.disk.isFull else { return closeAtCoordinator(link) }
        let agent = agents[link.agent]
        link.isKnownToHub = true
        tell(
            .agentHello(
                link.session,
                AgentGreeting(node: agent.isEnrolled ? agent.node : nil, tokenDigest: agent.token, publicKey: agent.key)
            ))
    }

    private func pass(_ link: Link, _ message: UpMessage) {
        switch message {
        case .sample(let sample): tell(.samplesTaken([SampleArrival(session: link.session, sample: sample)]))
        case .ping(let sent):
            tell(.agentHeard(link.session))
            sendDown(.pong(sent), over: link)
        case .runs(let runs): tell(.runsHeld(link.session, runs))
        case .report(let report): tell(.taskReported(link.session, report))
        case .hello, .proof, .goodbye, .closed: break
        }
    }

    /// A connection over which nothing comes is given up.
    func edgeLooks(_ link: Link) {
        guard coordinator.isUp, link.coordinatorStart == coordinator.start, link.isOpenAtCoordinator else { return }
        if now - link.heardAt >= Self.edgePatience, !coordinator.isPaused {
            sendDown(.closed, over: link)
            linkGone(link)
        } else {
            plan(.edgeLooks(link), at: max(link.heardAt + Self.edgePatience, now + 1_000_000))
        }
    }
}
