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
        /// The WebSocket of an Engine.IO session, or one that is to be.
        case engine
    }

    unowned var edge: Edge
    let isControl: Bool
    var role = Role.http
    private(set) var requestNumber: UInt32 = 0
    /// When it was accepted, and from its upgrade on when that was.
    private(set) var upgradedAt: UInt64
    private var controlFrames = RateWindow()
    var countsAgainstPeer = false
    /// Whether it takes one of the places of its dialect.
    var holdsPlace = false
    /// Whether it is an agent that the loop's gate counts.
    var countsAsHandshake = false
    private var receivedMessages: UInt64 = 0
    private(set) var endCause: CloseCause?
    /// What ``EdgeShared/unfinished`` counts of this connection.
    private var countedBytes = 0
    /// What the success of the operator's present request reveals.
    var secretOfRequest: String?
    /// How the answer to the present request is to be shown.
    var answerForm = AnswerForm.whole
    /// Logs of which more is replayed when everything queued is sent.
    var awaited = BaseRoomSet()
    /// Logs of which a replay has not reached the end.
    var replayed = BaseRoomSet()

    init(fileDescriptor: Int32, peer: PeerAddress, edge: Edge, isControl: Bool) {
        self.edge = edge
        self.isControl = isControl
        upgradedAt = edge.loop.now
        super.init(fileDescriptor: fileDescriptor, peer: peer, settings: edge.shared.server)
    }

    /// The session's identity for the Hub.
    var sessionID: SessionID {
        let (framing, dialect): (Framing, Dialect) =
            switch role {
            case .client(let session): (self.framing, session.dialect)
            case .stream: (.serverSentEvents, .native)
            case .http, .agent, .engine: (self.framing, .native)
            }
        return SessionAddress(
            loop: edge.index, framing: framing, dialect: dialect, slot: slot, generation: generation
        ).id
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

    override func responded(status: Int) {
        edge.counters.responses[min(max(status / 100, 0), 5)] += 1
    }

    /// Beyond so many that rest, who asks has to connect anew for each request.
    override var mayRest: Bool { edge.letsConnectionsRest }

    /// A request of this connection was answered by the edge itself.
    func answer(_ request: RequestID, _ response: HTTPResponse) {
        guard request.number == requestNumber else { return }
        respond(response)
    }

    /// The Hub has answered a request of this connection.
    func answer(_ request: RequestID, _ answer: Answer) {
        guard request.number == requestNumber else { return }
        if let secret = secretOfRequest {
            secretOfRequest = nil
            respond(ControlDesk.response(to: answer, secret: secret))
        } else {
            respond(edge.shared.routes.response(to: answer, as: answerForm))
        }
    }

    // MARK: Upgrade

    override func upgraded() {
        sessionBegan()
        if case .engine = role { engineUpgraded() }
    }

    /// The connection has become what it is to be.
    func sessionBegan() {
        edge.counters.handshakes.observe(edge.loop.now - upgradedAt)
        edge.counters.open[.http] -= 1
        edge.counters.open[kind] += 1
        edge.counters.upgrades[kind] += 1
        upgradedAt = edge.loop.now
        if case .client(let session) = role { session.began() }
        // One that was sent away at once has its goodbye's.
        if !isSayingGoodbye { deadline = nextDeadline() }
        edge.shared.log.connectionOpened(peer: peer, role: kind.rawValue)
    }

    /// Whether it is more than a connection for requests.
    var isSession: Bool { isWebSocket || isEventStream }

    /// What the connection has become.
    var kind: ConnectionRole {
        guard isSession else { return .http }
        switch role {
        case .http: return .http
        case .client(let session): return ConnectionRole(session.dialect)
        case .stream: return .events
        case .agent: return .agent
        case .engine: return .eyenet
        }
    }

    // MARK: Messages

    override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        edge.counters.receivedBytes[kind] += UInt64(bytes.count)
        let byteCount = bytes.count
        super.received(bytes)
        guard !isClosed else { return }
        countUnfinished(unfinishedByteCount)
        if case .client(let session) = role, !isSayingGoodbye, session.countBytes(byteCount) {
            pauseReading()
            deadline = min(deadline, session.resumesAt)
        }
    }

    /// Pings and pongs cost little, but not nothing: beyond those a minute they are not answered, and who goes on is
    /// sent away.
    override func admitsControlFrame() -> Bool {
        let limit = edge.shared.configuration.limits.controlFramesPerMinute
        guard limit > 0 else { return true }
        let most = limit + Limits.refusalsBeforeClose
        if controlFrames.count(now: edge.loop.now, limit: most) != nil {
            punish(.controlRate, "control frames")
            return false
        }
        guard controlFrames.remaining(now: edge.loop.now, limit: most) < Limits.refusalsBeforeClose else { return true }
        edge.counters.violations[.controlRate] += 1
        return false
    }

    override func messageOverdue() {
        guard !edge.isCongested else { return waitForCongestion() }
        punish(.slowMessage, "a message was not whole in time")
    }

    /// Sends a peer away for its behaviour.
    func punish(_ violation: Violation, _ reason: String) {
        edge.counters.violations[violation] += 1
        edge.counters.violations[.punished] += 1
        edge.shared.log.connectionPunished(peer: peer, reason: reason)
        closeWebSocket(code: CloseReason.policy.code, reason: CloseReason.policy.text)
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
        edge.counters.violations[.unfinished] += 1
        edge.shared.log.connectionPunished(peer: peer, reason: "unfinished messages")
        closeWebSocket(code: CloseReason.tooLarge.code, reason: CloseReason.tooLarge.text)
        _ = flushNow()
        close()
    }

    override func text(_ bytes: UnsafeRawBufferPointer) {
        countMessage()
        switch role {
        case .client(let session): session.receive(bytes)
        case .agent(let session): session.receive(bytes)
        case .engine: engineReceived(text: bytes)
        case .http, .stream: preconditionFailure("a message without an upgrade")
        }
    }

    override func binary(_ bytes: UnsafeRawBufferPointer) {
        countMessage()
        switch role {
        case .client(let session): session.receiveBinary()
        case .agent: closeWebSocket(code: CloseReason.unsupportedData.code, reason: CloseReason.unsupportedData.text)
        case .engine: engineReceived(binary: bytes)
        case .http, .stream: preconditionFailure("a message without an upgrade")
        }
    }

    private func countMessage() {
        receivedMessages += 1
        edge.counters.messages[kind] += 1
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
        case .http, .engine: break
        }
    }

    override func writable() {
        super.writable()
        askForReplays()
        switch role {
        case .stream(let session): session.askForMore()
        case .engine: engineWritable()
        case .http, .client, .agent: break
        }
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
        case .http, .agent, .engine: break
        }
    }

    override func leaveViews() {
        if case .client(let session) = role, session.leavesViews() { return }
        super.leaveViews()
    }

    override func fellBehind(_ cause: SlowCause, at positions: [RoomPosition]) {
        edge.shared.log.connectionPunished(peer: peer, reason: "too slow: \(cause)")
        switch role {
        case .client(let session): session.fellBehind(at: positions)
        case .stream(let session): session.giveTicket(.slow)
        case .http, .agent, .engine: break
        }
        super.fellBehind(cause, at: positions)
    }

    // MARK: Deadlines

    override func eventStreamDeadline() {
        if case .stream(let session) = role { session.deadlineReached() }
    }

    override func webSocketDeadline() {
        switch role {
        // An Engine.IO session has a deadline of its own.
        case .http, .stream, .engine:
            break
        case .agent(let session):
            if !session.isEstablished, session.isOurTurn || hasUnreadInput {
                // Our own delay is no fault of the agent's.
                deadline = edge.loop.now + Self.second
                return
            }
            guard session.isEstablished else {
                session.handshakeTimedOut()
                closeWebSocket(code: CloseReason.policy.code, reason: "handshake timeout")
                return
            }
            guard !edge.isCongested else { return waitForCongestion() }
            keepHeartbeat(intervalNanoseconds: UInt64(Limits.heartbeatSeconds) * Self.second)
        case .client(let session):
            if session.endIfOver(since: upgradedAt) { return }
            if edge.loop.now >= session.resumesAt, !edge.isCongested { resumeReading() }
            guard session.keepsHeartbeat else {
                deadline = nextDeadline()
                return
            }
            guard !edge.isCongested else { return waitForCongestion() }
            keepHeartbeat(intervalNanoseconds: settings.heartbeatNanoseconds)
            if !isSayingGoodbye { deadline = min(deadline, nextDeadline()) }
        }
    }

    /// What a peer does not say while nobody reads is not its silence.
    private func waitForCongestion() { deadline = edge.loop.now + Self.second }

    // MARK: The end

    override func closed(_ cause: CloseCause) {
        endCause = cause
        if case .client(let session) = role { _ = session.leavesViews() }
        super.closed(cause)
        switch role {
        case .http, .engine: break
        case .client(let session): session.lost()
        case .stream(let session): session.lost()
        case .agent(let session): session.lost()
        }
        countUnfinished(0)
        handshakeEnded()
        releasePeer()
        releasePlace()
        if !isSession, case .tls(let error) = cause {
            edge.shared.log.tlsRefused(peer: peer, error, now: edge.loop.now)
        }
        edge.counters.open[kind] -= 1
        edge.connectionEnded(isControl: isControl)
    }

    /// The connection's line in the log, while its socket still knows what it carried.
    override func closing(_ cause: CloseCause) {
        guard isSession else { return }
        let ending = ConnectionEnding(code: sentCloseCode, isOurs: closedFirst, cause: cause)
        edge.counters.endings[ending] += 1
        var user: UserID?
        switch role {
        case .client(let session): user = session.user
        case .stream(let session): user = session.user
        case .http, .agent, .engine: break
        }
        edge.shared.log.connectionClosed(
            ConnectionRecord(
                peer: peer, role: kind, user: user, ending: ending, cause: cause,
                milliseconds: (edge.loop.now - upgradedAt) / 1_000_000, messagesIn: receivedMessages,
                bytes: SocketBytes(of: fileDescriptor)))
    }
}
