internal import Grid

extension Hub {
    /// An agent proved that it holds its key: its session begins, an older one of the node is fenced. The first
    /// time, the node exists from now on. Everything that must survive is stored before anybody is told.
    mutating func onAgentProved(
        _ session: SessionID, _ introduction: AgentIntroduction, _ now: Now, _ effects: inout [Effect]
    ) {
        if let refusal = outOfPlace(session) {
            return turnAway(session, introduction.node, refusal, now, &effects)
        }
        let index: Int
        var token: Digest256?
        let admission = admission(
            node: introduction.node, tokenDigest: introduction.tokenDigest, publicKey: introduction.publicKey,
            at: now.wall)
        switch admission {
        case .known(let known): index = known
        case .enrols(let enrolled, let digest): (index, token) = (enrolled, digest)
        case .refused(let refusal): return turnAway(session, introduction.node, refusal, now, &effects)
        }
        guard nodes.records[index].id == introduction.node else {
            let refusal = Refusal(.invalidProof, "The proof is for another node than the join token's")
            return turnAway(session, introduction.node, refusal, now, &effects)
        }

        let isFirst = nodes.records[index].registeredAt == nil
        let record = introduced(index, introduction, now)
        nodes.update(index, record)
        claimGPUs(index)
        effects.append(.persist(.node(record)))
        if let token {
            effects.append(.persist(.enrolment(enrolments.use(token, at: now.wall))))
            account(
                AuditEntry(at: now.wall, kind: .enrolmentUsed, node: record.id, user: record.owner), now, &effects)
        }
        let fenced = fenceFormer(index, introduction, now, &effects)
        agents.bind(session, to: index)
        begin(index, session, introduction, now)
        if isFirst { register(index, introduction.keyFingerprint, now, &effects) }
        heard(index, now, &effects)
        refreshCapacity(of: index, now, &effects)
        if let fenced { effects.append(.agentFenced(fenced)) }
        effects.append(
            .agentWelcome(
                session,
                AgentWelcome(
                    node: record.id, session: introduction.session, epoch: record.sessionEpoch,
                    intervalMilliseconds: configuration.sampleIntervalMilliseconds,
                    acked: nodes.states[index].stream.last)))
    }

    /// The node's record as the introduction makes it. What the operator said of the place stands.
    private func introduced(_ index: Int, _ introduction: AgentIntroduction, _ now: Now) -> NodeRecord {
        var record = nodes.records[index]
        record.publicKey = introduction.publicKey
        record.specifications = introduction.specifications
        record.sessionEpoch += 1
        record.registeredAt = record.registeredAt ?? now.wall
        if let place = introduction.location {
            if record.location.region.isEmpty { record.location.region = place.region }
            if record.location.city.isEmpty { record.location.city = place.city }
            if record.location.country.isEmpty { record.location.country = place.country }
        }
        return record
    }

    /// Takes the node away from the session that holds it. Who knows that session's secret is the same agent
    /// come back over a new connection; anybody else has a copy of the key, which the log says.
    private mutating func fenceFormer(
        _ index: Int, _ introduction: AgentIntroduction, _ now: Now, _ effects: inout [Effect]
    ) -> SessionID? {
        guard let former = nodes.states[index].session else { return nil }
        agents.fence(former)
        let isSame = introduction.previousSession != nil && introduction.previousSession == nodes.states[index].secret
        account(
            AuditEntry(
                at: now.wall, kind: .agentFenced, node: introduction.node,
                detail: isSame ? "the agent came back" : "the newer session does not know the older one's secret"), now,
            &effects)
        return former
    }

    private mutating func begin(_ index: Int, _ session: SessionID, _ introduction: AgentIntroduction, _ now: Now) {
        nodes.states[index].session = session
        nodes.states[index].sessionBegan = now.monotonicNanoseconds
        nodes.states[index].secret = introduction.session
        nodes.states[index].stream.resume(introduction.stream)
        nodes.states[index].window = AcknowledgementWindow()
        nodes.states[index].hasToldRuns = false
        nodes.states[index].hasToldRunners = true
    }

    private mutating func register(
        _ index: Int, _ fingerprint: Digest256?, _ now: Now, _ effects: inout [Effect]
    ) {
        let record = nodes.records[index]
        scheduleChallenge(index, now)
        nodes.states[index].facts.status = NodeStatus.online.name
        var event = NodeRegistered(
            node: record.id, name: record.name, owner: record.owner,
            specifications: record.specifications ?? NodeSpecifications(), location: record.location,
            registeredAt: record.registeredAt ?? now.wall)
        event.pricePerHourMicros = record.pricePerHourMicros
        event.keyFingerprint = fingerprint
        rooms.publish(.nodeRegistered(event), nodes.states[index].facts, now, &effects)
    }
}
