internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Web
internal import Wire

/// A connection of the coordinator: HTTP first; then a client of a dialect, or an agent.
final class EdgeConnection: ServerConnection {
    private enum Role {
        case http
        case client(SubscriberSession)
        case agent(AgentSession)
    }

    unowned let edge: Edge
    let isControl: Bool
    private var role = Role.http
    private var requestNumber: UInt32 = 0
    private var upgradedAt: UInt64 = 0
    private var countsAgainstPeer = false
    /// What ``EdgeShared/unfinished`` counts of this connection.
    private var countedBytes = 0
    /// What the success of the operator's present request reveals.
    var secretOfRequest: String?

    init(fileDescriptor: Int32, peer: PeerAddress, edge: Edge, isControl: Bool) {
        self.edge = edge
        self.isControl = isControl
        super.init(fileDescriptor: fileDescriptor, peer: peer, settings: edge.shared.server)
    }

    /// The session's identity for the Hub.
    var sessionID: SessionID {
        SessionAddress(loop: edge.index, framing: framing, slot: slot, generation: generation).id
    }

    /// The session's name for its client.
    var sessionName: UUID128 {
        UUID128(randomHigh: edge.shared.bootID, randomLow: sessionID.bits &* 0x9E37_79B9_7F4A_7C15)
    }

    // MARK: HTTP

    override func decide(_ head: HTTPRequestHead, body: ByteBuffer) -> HTTPDecision {
        requestNumber &+= 1
        let request = RequestID(session: sessionID, number: requestNumber)
        return edge.shared.routes.decide(head, body: body, request: request, connection: self)
    }

    override func refusalBody(code: String, message: String) -> ByteBuffer {
        Routes.errorBody(code: code, message: message)
    }

    /// The Hub has answered a request of this connection.
    func answer(_ request: RequestID, _ answer: Answer) {
        guard request.number == requestNumber else { return }
        if let secret = secretOfRequest {
            secretOfRequest = nil
            respond(ControlDesk.response(to: answer, secret: secret))
        } else {
            respond(edge.shared.routes.response(to: answer))
        }
    }

    // MARK: Upgrade

    /// Makes the connection that is about to be upgraded a client of the native dialect.
    ///
    /// - Returns: the refusal's answer if the peer's address has too many sessions.
    func becomeClient() -> HTTPResponse? {
        switch edge.shared.limiter.admit(peer.withoutPort, now: edge.loop.now) {
        case .allowed:
            countsAgainstPeer = true
            role = .client(SubscriberSession(connection: self, edge: edge))
            return nil
        case .tooFrequent(let seconds):
            return refusedUpgrade(
                retryAfterSeconds: seconds, limit: edge.shared.configuration.limits.connectionsPerIPPerMinute)
        case .tooMany:
            return refusedUpgrade(retryAfterSeconds: 60, limit: edge.shared.configuration.limits.connectionsPerIP)
        }
    }

    private func refusedUpgrade(retryAfterSeconds: Int, limit: Int) -> HTTPResponse {
        var body = ByteBuffer()
        let reset = HubDesk.now().wall.adding(milliseconds: Int64(retryAfterSeconds) * 1000)
        NativeCodec.encode(
            .rateLimitExceeded(message: "Rate limit exceeded", resetTime: reset, limit: limit, remaining: 0),
            into: &body)
        edge.shared.log.connectionRefused(peer: peer, reason: "rate limit")
        return .json(429, body, headers: [("Retry-After", "\(retryAfterSeconds)")], closes: true)
    }

    /// Makes the connection that is about to be upgraded an agent's link.
    ///
    /// - Returns: the refusal's answer if the peer's address failed too often.
    func becomeAgent() -> HTTPResponse? {
        if let seconds = edge.shared.handshakes.retryAfterSeconds(peer.withoutPort, now: edge.loop.now) {
            return refusedUpgrade(
                retryAfterSeconds: seconds, limit: edge.shared.configuration.limits.connectionsPerIPPerMinute)
        }
        role = .agent(AgentSession(connection: self, edge: edge))
        return nil
    }

    override func upgraded() {
        upgradedAt = edge.loop.now
        deadline = nextDeadline()
        edge.shared.log.connectionOpened(peer: peer, role: roleName)
    }

    private var roleName: String {
        switch role {
        case .http: "http"
        case .client: "native"
        case .agent: "agent"
        }
    }

    // MARK: Messages

    override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        super.received(bytes)
        if !isClosed { countUnfinished(unfinishedByteCount) }
    }

    private func countUnfinished(_ bytes: Int) {
        guard bytes != countedBytes else { return }
        let isTooMuch = edge.shared.unfinished.add(bytes - countedBytes)
        let grows = bytes > countedBytes
        countedBytes = bytes
        if isTooMuch, grows { edge.closeLargestUnfinished() }
    }

    /// Ends the connection because of what it keeps of an unfinished message. The memory goes at once.
    func closeTooLarge() {
        edge.shared.log.connectionPunished(peer: peer, reason: "unfinished messages")
        closeWebSocket(code: CloseReason.tooLarge.code, reason: CloseReason.tooLarge.text)
        _ = flushNow()
        close()
    }

    override func text(_ bytes: UnsafeRawBufferPointer) {
        switch role {
        case .client(let session): session.receive(bytes)
        case .agent(let session): session.receive(bytes)
        case .http: preconditionFailure("a message before the upgrade")
        }
    }

    override func binary(_ bytes: UnsafeRawBufferPointer) {
        switch role {
        case .client(let session): session.receiveBinary()
        case .agent: closeWebSocket(code: CloseReason.unsupportedData.code, reason: CloseReason.unsupportedData.text)
        case .http: preconditionFailure("a message before the upgrade")
        }
    }

    override func heartbeat() {
        if case .agent(let session) = role { session.heard() }
    }

    /// Carries out one of the Hub's effects on this session.
    func perform(_ effect: Effect) {
        guard !isSayingGoodbye else { return }
        switch role {
        case .client(let session): session.perform(effect)
        case .agent(let session): session.perform(effect)
        case .http: break
        }
    }

    /// The agent's handshake is over: from now on the heartbeat counts, and messages may be large.
    func establishAgent() {
        maximumMessageBytes = Limits.messageBytes
        deadline = nextDeadline()
    }

    // MARK: Deadlines

    private static let second: UInt64 = 1_000_000_000
    private static let longestWaitMilliseconds: Int64 = 86_400_000

    /// The next moment at which something may be due.
    func nextDeadline() -> UInt64 {
        let now = edge.loop.now
        switch role {
        case .http:
            return deadline
        case .agent(let session):
            return session.isEstablished
                ? now + UInt64(Limits.heartbeatSeconds) * Self.second
                : upgradedAt + UInt64(Limits.agentHandshakeSeconds) * Self.second
        case .client(let session):
            guard let expiresAt = session.expiresAt else {
                return upgradedAt + UInt64(Limits.authenticationSeconds) * Self.second
            }
            // A token may live for thousands of years, which nanoseconds cannot tell.
            let left = min(expiresAt.milliseconds - HubDesk.now().wall.milliseconds, Self.longestWaitMilliseconds)
            let expiry = now + UInt64(max(left, 0) + 1) * 1_000_000
            return min(expiry, now + settings.heartbeatNanoseconds)
        }
    }

    override func webSocketDeadline() {
        switch role {
        case .http:
            break
        case .agent(let session):
            guard session.isEstablished else {
                closeWebSocket(code: CloseReason.policy.code, reason: "handshake timeout")
                return
            }
            keepHeartbeat(intervalNanoseconds: UInt64(Limits.heartbeatSeconds) * Self.second)
        case .client(let session):
            if session.endIfDue(now: HubDesk.now().wall, since: upgradedAt) { return }
            guard session.expiresAt != nil else {
                deadline = nextDeadline()
                return
            }
            keepHeartbeat(intervalNanoseconds: settings.heartbeatNanoseconds)
            if !isSayingGoodbye { deadline = min(deadline, nextDeadline()) }
        }
    }

    // MARK: The end

    override func closed(_ cause: CloseCause) {
        super.closed(cause)
        switch role {
        case .http: break
        case .client(let session): session.lost()
        case .agent(let session): session.lost()
        }
        countUnfinished(0)
        if countsAgainstPeer { edge.shared.limiter.release(peer.withoutPort) }
        if !isWebSocket, case .tls(let error) = cause {
            edge.shared.log.tlsRefused(peer: peer, error, now: edge.loop.now)
        }
        if isWebSocket { edge.shared.log.connectionClosed(peer: peer, role: roleName, cause: "\(cause)") }
        edge.connectionEnded()
    }

    /// The coordinator drains: say so and close.
    func drain() {
        guard isWebSocket else {
            finishRequests()
            return
        }
        guard !isSayingGoodbye else { return }
        switch role {
        case .client(let session): session.drain()
        case .agent(let session): session.drain()
        case .http: break
        }
        closeWebSocket(code: CloseReason.drain.code, reason: CloseReason.drain.text)
    }
}
