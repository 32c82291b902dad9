internal import Bytes
internal import Fanout
internal import Grid
internal import Reactor
internal import Wire

/// Who may become what: the limits of an address, and room for all.
extension EdgeConnection {
    /// Makes the connection that is about to be upgraded a client of the session's dialect.
    ///
    /// - Returns: the refusal's answer if the peer's address has too many sessions.
    func become(_ session: SubscriberSession) -> HTTPResponse? {
        begin(.client(session), orSay: overloaded())
    }

    /// Takes a client's role, if there is room for one.
    ///
    /// - Returns: the refusal's answer if there is not: `overload` where the loop has too much to do.
    func begin(_ role: Role, orSay overload: @autoclosure () -> HTTPResponse) -> HTTPResponse? {
        // Asked first and counted last: who is over the limits of its address takes nothing from others.
        guard edge.gate.hasRoom(agent: false, now: edge.loop.now) else { return overload() }
        let dialect = Self.dialect(of: role)
        if dialect == .neurograph {
            guard takePlace() else {
                return refusedUpgrade(
                    role, retryAfterSeconds: RetryDelay.seconds(),
                    limit: edge.shared.configuration.limits.neurographConnections)
            }
            edge.gate.begin(agent: false)
            self.role = role
            return nil
        }
        switch edge.shared.limiter.admit(peer.network, isRateCounted: dialect.countsUpgrades, now: edge.loop.now) {
        case .allowed:
            edge.gate.begin(agent: false)
            // What outlives its connections counts for itself.
            countsAgainstPeer = dialect != .eyenet
            self.role = role
            return nil
        case .tooFrequent(let seconds):
            edge.counters.refusals[.addressRate] += 1
            return refusedUpgrade(
                role, retryAfterSeconds: seconds,
                limit: edge.shared.configuration.limits.connectionsPerIPPerMinute)
        case .tooMany:
            edge.counters.refusals[.addressConnections] += 1
            return refusedUpgrade(
                role, retryAfterSeconds: 60, limit: edge.shared.configuration.limits.connectionsPerIP)
        }
    }

    private static func dialect(of role: Role) -> Dialect {
        switch role {
        case .client(let session): session.dialect
        case .engine: .eyenet
        case .http, .stream, .agent: .native
        }
    }

    /// The answer in the words of what the connection was to become (EVENTS 5).
    private func refusedUpgrade(_ role: Role, retryAfterSeconds: Int, limit: Int) -> HTTPResponse {
        var body = ByteBuffer()
        let now = HubDesk.now().wall
        switch Self.dialect(of: role) {
        case .native:
            let reset = now.adding(milliseconds: Int64(retryAfterSeconds) * 1000)
            NativeCodec.encode(
                .rateLimitExceeded(message: "Rate limit exceeded", resetTime: reset, limit: limit, remaining: 0),
                into: &body)
        case .qubix:
            let refusal = Refusal(.tooManyRequests, "the limit of connections is \(limit)")
            QubixCodec.encode(.error(refusal), at: now, into: &body)
        case .neurograph:
            let refusal = Refusal(.tooManyRequests, "there are \(limit) connections, and no more are let in")
            NeuroGraphCodec.encode(.error(refusal), at: now, into: &body)
        case .triggerx:
            let error = TriggerXError(.rateLimitExceeded, "Too many connections from this address: at most \(limit)")
            TriggerXCodec.encode(.error(error), at: now, into: &body)
        case .eyenet:
            var writer = JSONWriter()
            EyeNetCodec.error(
                Refusal(.tooManyRequests, "the limit of connections is \(limit)"), at: now, to: &writer)
            body = writer.buffer
        }
        edge.shared.log.connectionRefused(peer: peer, reason: "rate limit")
        return .json(429, body, headers: [("Retry-After", "\(retryAfterSeconds)")], closes: true)
    }

    /// Takes one of the places that there are for NeuroGraph (EVENTS 2), if one is left.
    func takePlace() -> Bool {
        guard edge.shared.neurographPlaces.admit() else {
            edge.counters.refusals[.dialectConnections] += 1
            return false
        }
        holdsPlace = true
        return true
    }

    /// Somebody else may have the place.
    func releasePlace() {
        guard holdsPlace else { return }
        holdsPlace = false
        edge.shared.neurographPlaces.release()
    }

    /// Takes back what was counted against the peer's address: its dialect has no such limits.
    func forgivePeer() {
        guard countsAgainstPeer else { return }
        countsAgainstPeer = false
        edge.shared.limiter.release(peer.network, isForgiven: true)
    }

    /// The client turns out to speak another dialect. The Hub may not know of the session yet.
    func speak(_ session: SubscriberSession) {
        edge.counters.open[kind] -= 1
        role = .client(session)
        edge.counters.open[kind] += 1
        session.began()
        if !isSayingGoodbye { deadline = nextDeadline() }
    }

    /// The answer to an upgrade for which there is no room now.
    private func overloaded() -> HTTPResponse {
        edge.counters.refusals[.overload] += 1
        edge.shared.log.connectionRefused(peer: peer, reason: "too many at once")
        return .json(
            503, Routes.errorBody(code: Refusal.Code.unavailable.rawValue, message: "too many at once"),
            headers: [("Retry-After", "\(RetryDelay.seconds())")], closes: true)
    }

    /// Lets an Engine.IO session begin on this connection.
    ///
    /// - Returns: the refusal's answer if the peer's address has too many sessions.
    func admitEngine() -> HTTPResponse? {
        defer { role = .http }
        return begin(.engine, orSay: overloaded())
    }

    /// Makes the connection that is about to be upgraded an agent's link.
    ///
    /// - Returns: the refusal's answer if the peer's address failed too often.
    func becomeAgent() -> HTTPResponse? {
        if let seconds = edge.shared.handshakes.retryAfterSeconds(peer.network, now: edge.loop.now) {
            edge.counters.refusals[.failedHandshakes] += 1
            return refusedUpgrade(
                .http, retryAfterSeconds: seconds, limit: edge.shared.configuration.limits.connectionsPerIPPerMinute)
        }
        guard edge.gate.hasRoom(agent: true, now: edge.loop.now) else { return overloaded() }
        edge.gate.begin(agent: true)
        countsAsHandshake = true
        role = .agent(AgentSession(connection: self, edge: edge))
        return nil
    }
}

extension Dialect {
    /// Whether an address may open only so many of its sessions a minute (EVENTS 2).
    fileprivate var countsUpgrades: Bool {
        switch self {
        case .native, .qubix: true
        case .neurograph, .triggerx, .eyenet: false
        }
    }
}
