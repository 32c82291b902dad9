internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Web
internal import Wire

/// A connection of the coordinator: HTTP first; then a client of a dialect, or an agent.
final class EdgeConnection: ServerConnection {
    enum Role {
        case http
        case client(SubscriberSession)
        case stream(StreamSession)
        case agent(AgentSession)
    }

    unowned let edge: Edge
    let isControl: Bool
    var role = Role.http
    private var requestNumber: UInt32 = 0
    private var upgradedAt: UInt64 = 0
    private var countsAgainstPeer = false
    /// Whether it is an agent that the loop's gate counts.
    private var countsAsHandshake = false
    /// What ``EdgeShared/unfinished`` counts of this connection.
    private var countedBytes = 0
    /// What the success of the operator's present request reveals.
    var secretOfRequest: String?
    /// Logs of which more is replayed when everything queued is sent.
    private var awaited = BaseRoomSet()
    /// Logs of which a replay has not reached the end.
    private var replayed = BaseRoomSet()

    init(fileDescriptor: Int32, peer: PeerAddress, edge: Edge, isControl: Bool) {
        self.edge = edge
        self.isControl = isControl
        super.init(fileDescriptor: fileDescriptor, peer: peer, settings: edge.shared.server)
    }

    /// The session's identity for the Hub.
    var sessionID: SessionID {
        let framing = if case .stream = role { Framing.serverSentEvents } else { framing }
        return SessionAddress(loop: edge.index, framing: framing, slot: slot, generation: generation).id
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
        begin(.client(SubscriberSession(connection: self, edge: edge)), orSay: Self.overloaded)
    }

    /// Takes a role of a client's, if there is room for one.
    ///
    /// - Returns: the refusal's answer if there is not: `overload` where the loop has too much to do.
    func begin(_ role: Role, orSay overload: @autoclosure () -> HTTPResponse) -> HTTPResponse? {
        // Asked first and counted last: who is over the limits of its address takes nothing from others.
        guard edge.gate.hasRoom(agent: false, now: edge.loop.now) else {
            edge.shared.log.connectionRefused(peer: peer, reason: "too many at once")
            return overload()
        }
        switch edge.shared.limiter.admit(peer.withoutPort, now: edge.loop.now) {
        case .allowed:
            edge.gate.begin(agent: false)
            countsAgainstPeer = true
            self.role = role
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

    /// The answer to an upgrade for which there is no room now.
    private static var overloaded: HTTPResponse {
        .json(
            503, Routes.errorBody(code: Refusal.Code.unavailable.rawValue, message: "too many at once"),
            headers: [("Retry-After", "\(RetryDelay.seconds())")], closes: true)
    }

    /// Makes the connection that is about to be upgraded an agent's link.
    ///
    /// - Returns: the refusal's answer if the peer's address failed too often.
    func becomeAgent() -> HTTPResponse? {
        if let seconds = edge.shared.handshakes.retryAfterSeconds(peer.withoutPort, now: edge.loop.now) {
            return refusedUpgrade(
                retryAfterSeconds: seconds, limit: edge.shared.configuration.limits.connectionsPerIPPerMinute)
        }
        guard edge.gate.hasRoom(agent: true, now: edge.loop.now) else {
            edge.shared.log.connectionRefused(peer: peer, reason: "too many at once")
            return Self.overloaded
        }
        edge.gate.begin(agent: true)
        countsAsHandshake = true
        role = .agent(AgentSession(connection: self, edge: edge))
        return nil
    }

    override func upgraded() {
        upgradedAt = edge.loop.now
        deadline = nextDeadline()
        edge.shared.log.connectionOpened(peer: peer, role: roleName)
    }

    /// Whether it is more than a connection for requests.
    var isSession: Bool { isWebSocket || isEventStream }

    var roleName: String {
        switch role {
        case .http: "http"
        case .client: "native"
        case .stream: "events"
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
        case .http, .stream: preconditionFailure("a message without an upgrade")
        }
    }

    override func binary(_ bytes: UnsafeRawBufferPointer) {
        switch role {
        case .client(let session): session.receiveBinary()
        case .agent: closeWebSocket(code: CloseReason.unsupportedData.code, reason: CloseReason.unsupportedData.text)
        case .http, .stream: preconditionFailure("a message without an upgrade")
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
        case .stream(let session): session.perform(effect)
        case .agent(let session): session.perform(effect)
        case .http: break
        }
    }

    // MARK: Replays

    /// Sends frames of what the session missed. Unless they are the last, more are asked for once they are sent, so
    /// that a slow reader never has more than a piece of each log waiting.
    func replay(_ frames: ByteBuffer, of room: BaseRoom, isLast: Bool) {
        guard !isSayingGoodbye, !isClosed else { return }
        frames.withBytes { _ = send($0) }
        if isLast {
            replayed.remove(room)
        } else {
            replayed.insert(room)
            awaited.insert(room)
        }
        askForReplays()
    }

    /// The log let go of events that the session was still to be shown.
    func overtaken() { fellBehind(.overflow, at: withdraw()) }

    /// Positions that a resume may begin from. Where a replay has not reached the log's end, what the session saw
    /// live lies behind what it was still to be shown: there its client knows best what it has had.
    private func resumable(_ positions: [RoomPosition]) -> [RoomPosition] {
        positions.filter { !replayed.contains($0.room) }
    }

    private func askForReplays() {
        guard !awaited.isEmpty, !isSayingGoodbye, !isClosed, queuedByteCount == 0 || flushNow() else { return }
        for room in awaited.takeAll() { edge.push(.replayWanted(sessionID, room)) }
    }

    override func writable() {
        super.writable()
        askForReplays()
        if case .stream(let session) = role { session.askForMore() }
    }

    /// The agent's handshake is over: from now on the heartbeat counts, and messages may be large.
    func establishAgent() {
        handshakeEnded()
        maximumMessageBytes = Limits.messageBytes
        deadline = nextDeadline()
    }

    private func handshakeEnded() {
        guard countsAsHandshake else { return }
        countsAsHandshake = false
        edge.gate.agentSettled()
    }

    // MARK: The fan-out

    override func conflated(_ skipped: SkippedFrames, in room: BaseRoom?) {
        switch role {
        case .client(let session): if let room { session.tell(skipped, in: room) }
        case .stream(let session): session.tell(skipped)
        case .http, .agent: break
        }
    }

    override func fellBehind(_ cause: SlowCause, at positions: [RoomPosition]) {
        edge.shared.log.connectionPunished(peer: peer, reason: "too slow: \(cause)")
        switch role {
        case .client(let session): session.giveTicket(.slow, resumable(positions))
        case .stream(let session): session.giveTicket(.slow)
        case .http, .agent: break
        }
        super.fellBehind(cause, at: positions)
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
            return min(expiry(of: expiresAt), now + settings.heartbeatNanoseconds)
        case .stream(let session):
            return min(expiry(of: session.expiresAt), session.heartbeatDue)
        }
    }

    /// When to look whether a token has expired. It may live for thousands of years, which nanoseconds cannot tell.
    private func expiry(of expiresAt: Timestamp) -> UInt64 {
        let left = min(expiresAt.milliseconds - HubDesk.now().wall.milliseconds, Self.longestWaitMilliseconds)
        return edge.loop.now + UInt64(max(left, 0) + 1) * 1_000_000
    }

    override func eventStreamDeadline() {
        if case .stream(let session) = role { session.deadlineReached() }
    }

    override func webSocketDeadline() {
        switch role {
        case .http, .stream:
            break
        case .agent(let session):
            guard session.isEstablished else {
                session.handshakeTimedOut()
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
        case .stream(let session): session.lost()
        case .agent(let session): session.lost()
        }
        countUnfinished(0)
        handshakeEnded()
        releasePeer()
        if isSession { edge.shared.log.connectionClosed(peer: peer, role: roleName, cause: "\(cause)") }
        edge.connectionEnded()
    }

    /// The session that counts against the limits of the peer's address is over.
    func releasePeer() {
        guard countsAgainstPeer else { return }
        countsAgainstPeer = false
        edge.shared.limiter.release(peer.withoutPort)
    }

    /// The coordinator drains: say so and close.
    func drain() {
        guard isSession else {
            finishRequests()
            return
        }
        guard !isSayingGoodbye else { return }
        switch role {
        case .client(let session): session.drain(at: resumable(withdraw()))
        case .stream(let session): session.drain()
        case .agent(let session): session.drain()
        case .http: break
        }
        closeWebSocket(code: CloseReason.drain.code, reason: CloseReason.drain.text)
    }
}
