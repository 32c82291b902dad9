internal import Access
internal import Bytes
internal import Dial
internal import Grid
internal import Reactor
internal import Service
internal import Web
internal import Wire

/// The agent's connection to its coordinator: enrols or proves itself, streams samples, carries orders and reports
/// about runs, and comes back whenever the connection is lost, with full jitter between the attempts.
final class CoordinatorLink {
    private enum Stage {
        case idle
        case dialling(WebSocketDial)
        case greeted(WebSocketClient)
        case proved(WebSocketClient)
        case established(WebSocketClient)
    }

    private let loop: EventLoop
    private let dialer: WebSocketDialer
    private let request: WebSocketRequest
    private let log: Log
    private var state: AgentState
    private let joinToken: Secret<String>?
    private let location: NodeLocation?
    private let stream = SecureRandom.uuid()
    private var previousSession: UUID128?
    private var backlog = SampleBacklog()
    private var backoff: Backoff
    private var stage = Stage.idle
    private var retryTimer: TimerID?
    private var contact = ContactClock()
    /// The hello had no room for the runners' names: they follow the welcome.
    private var owesInventory = false
    /// Whether the last session ended with a code that asks not to come back.
    private var isUnwanted = false
    private var isStopping = false
    /// What the machine is at present, asked for at each hello.
    var specifications: () -> NodeSpecifications = { NodeSpecifications() }
    /// The coordinator wants another interval.
    var intervalChanged: (Int) -> Void = { _ in }
    /// The first welcome of the process has come.
    var welcomed: () -> Void = {}
    /// The coordinator says something about a run.
    var orderReceived: (TaskOrder) -> Void = { _ in }
    /// The runs that the agent has, asked for at each welcome: they are the first thing the coordinator is told. At
    /// most ``Limits/runsPerNode``.
    var runsHeld: () -> [RunHolding] = { [] }

    /// Heartbeat of both sides: a half-open connection is found within two of them.
    private static let heartbeat = Heartbeat(
        intervalMilliseconds: Limits.heartbeatSeconds * 1000, answerMilliseconds: Limits.heartbeatSeconds * 1000)
    /// After a refusal that another try will not change, the agent still tries, but rarely.
    private static let refusedRetryMilliseconds = 30_000

    init(
        loop: EventLoop, url: ServiceURL, state: AgentState, joinToken: Secret<String>?, location: NodeLocation?,
        tls: TLSContext?, log: Log
    ) throws {
        self.loop = loop
        self.state = state
        self.joinToken = joinToken
        self.location = location
        self.log = log
        dialer = WebSocketDialer(on: loop, tls: tls)
        var request = WebSocketRequest(url: try url.with(target: "/agent"))
        request.subprotocols = [AgentCodec.subprotocol]
        request.openTimeoutMilliseconds = Limits.agentHandshakeSeconds * 1000
        request.heartbeat = Self.heartbeat
        self.request = request
        backoff = Backoff(
            baseMilliseconds: Limits.reconnectBaseMilliseconds, capMilliseconds: Limits.reconnectCapMilliseconds,
            seed: SecureRandom.uint64())
    }

    // MARK: Connecting

    /// Begins to connect, and goes on doing so until ``stop()``.
    func start() {
        guard !isStopping else { return }
        isUnwanted = false
        stage = .dialling(dialer.dial(request, delegate: self))
    }

    private func retry(afterSeconds asked: Int? = nil) {
        stage = .idle
        guard !isStopping else { return }
        var delay = backoff.failed(nowNanoseconds: loop.now, retryAfterSeconds: asked)
        if isUnwanted { delay += Self.refusedRetryMilliseconds }
        retryTimer = loop.schedule(afterNanoseconds: UInt64(delay) * 1_000_000) { [unowned self] in
            retryTimer = nil
            start()
        }
    }

    /// Says goodbye and connects no more.
    func stop() {
        isStopping = true
        if let retryTimer { loop.cancel(retryTimer) }
        switch stage {
        case .idle: break
        case .dialling(let dial):
            // A dial that is given up reports nothing.
            dial.cancel()
            stage = .idle
        case .greeted(let client), .proved(let client): client.finish(code: CloseReason.normal.code, reason: "stop")
        case .established(let client):
            send(.goodbye(reason: "stop"), to: client)
            client.finish(code: CloseReason.normal.code, reason: "goodbye")
        }
    }

    /// Whether the link goes through TLS.
    var isSecure: Bool { request.url.isSecure }

    /// Believes, and is, somebody else from the next connection on.
    func use(_ tls: TLSContext) { dialer.use(tls) }

    /// Closes what is left, before the loop is closed.
    func close() { dialer.close() }

    /// Whether nothing of the last connection is left.
    var isIdle: Bool {
        if case .idle = stage { true } else { false }
    }

    // MARK: Sending

    /// Takes a sample: sent now if the session stands, kept until it is acknowledged in any case.
    func take(_ sample: NodeSample) {
        var frame = ByteBuffer(capacity: 1024)
        AgentCodec.encode(sample, into: &frame)
        backlog.append(sequence: sample.sequence, frame: frame, now: Clock.monotonicNanoseconds())
        sendBacklog()
    }

    private func sendBacklog() {
        guard case .established(let client) = stage else { return }
        backlog.sendPending { client.send(text: $0) }
    }

    /// A GPU came or went.
    func inventoryChanged() {
        guard case .established(let client) = stage else { return }
        send(.inventory(specifications()), to: client)
    }

    @discardableResult
    private func send(_ message: AgentMessage, to client: WebSocketClient) -> Bool {
        var buffer = ByteBuffer(capacity: 1024)
        AgentCodec.encode(message, into: &buffer)
        return client.send(text: buffer)
    }

    // MARK: Runs

    /// Tells the coordinator about a run.
    ///
    /// - Returns: `false` where no session stands or its queue is full: nothing was sent. `true` does not mean that it
    ///   arrived; a result is kept until it is settled.
    func report(_ report: TaskReport) -> Bool {
        guard case .established(let client) = stage else { return false }
        return send(.report(report), to: client)
    }

    /// When the newest of what the coordinator is known to have read was sent, in monotonic nanoseconds: never later
    /// than the moment at which it last heard this agent. 0 before the first session.
    var contactNanoseconds: UInt64 {
        guard case .established(let client) = stage else { return contact.nanoseconds }
        var latest = contact
        latest.answered(sentAt: client.answeredPingNanoseconds)
        return latest.nanoseconds
    }

    private func tellRuns(to client: WebSocketClient) {
        var runs = runsHeld()
        if runs.count > Limits.runsPerNode {
            log.error("more runs than the coordinator takes", ["runs": LogValue(runs.count)])
            // What is not told counts as gone: let it be what has ended, and is reported by itself.
            runs = runs.filter { !$0.hasEnded } + runs.filter(\.hasEnded)
        }
        send(.runs(runs), to: client)
    }

    // MARK: Receiving

    private func handle(_ message: CoordinatorMessage, from client: WebSocketClient) {
        switch message {
        case .challenge(let challenge): prove(challenge, to: client)
        case .welcome(let welcome): establish(welcome, client)
        case .ack(let sequence):
            if let takenAt = backlog.acknowledge(through: sequence) { contact.answered(sentAt: takenAt) }
        case .advice(let milliseconds): intervalChanged(Int(milliseconds))
        case .refused(let code, let text):
            log.error("the coordinator refuses", ["code": LogValue(code), "reason": LogValue(text)])
        case .goodbye(let reason):
            log.info("the coordinator says goodbye", ["reason": LogValue(reason)])
        case .order(let order):
            // Before the welcome nobody has proved anything to anybody.
            guard case .established = stage else { return }
            orderReceived(order)
        }
    }

    private func prove(_ challenge: AgentChallenge, to client: WebSocketClient) {
        guard case .greeted = stage else { return }
        do {
            try state.remember(challenge.node)
        } catch {
            log.error("cannot keep the node's identity", ["error": LogValue("\(error)")])
            client.finish(code: CloseReason.fault.code, reason: "state")
            return
        }
        let bytes = AgentProof.signedBytes(
            coordinatorID: challenge.coordinatorID, nonce: challenge.nonce, node: challenge.node)
        stage = .proved(client)
        contact.proofSent(at: loop.now)
        send(.proof(AgentProof(signature: state.key.sign(bytes))), to: client)
    }

    private func establish(_ welcome: AgentWelcome, _ client: WebSocketClient) {
        guard case .proved = stage else { return }
        stage = .established(client)
        contact.welcomed(at: loop.now)
        backoff.opened(nowNanoseconds: loop.now)
        previousSession = welcome.session
        log.info(
            "connected",
            [
                "node": LogValue(state.node?.description ?? ""), "epoch": LogValue(welcome.epoch),
                "acked": LogValue(welcome.acked),
            ])
        tellRuns(to: client)
        if owesInventory { send(.inventory(specifications()), to: client) }
        intervalChanged(Int(welcome.intervalMilliseconds))
        backlog.rewind(acknowledged: welcome.acked)
        sendBacklog()
        welcomed()
    }
}

extension CoordinatorLink: WebSocketClientDelegate {
    func webSocketOpened(_ client: WebSocketClient, agreement: WebSocketAgreement) {
        stage = .greeted(client)
        client.send(text: hello())
    }

    /// The hello, without the runners' names where it would be longer than a stranger's message may be.
    private func hello() -> ByteBuffer {
        var hello = AgentHello(
            node: state.node, joinToken: joinToken?.exposed, publicKey: state.key.publicKey, stream: stream,
            previousSession: previousSession, specifications: specifications(), location: location,
            agentVersion: productVersion)
        var frame = ByteBuffer(capacity: 4096)
        AgentCodec.encode(.hello(hello), into: &frame)
        owesInventory = frame.count > Limits.unauthenticatedMessageBytes
        guard owesInventory else { return frame }
        hello.specifications.runners = []
        frame.removeAll(keepingCapacity: true)
        AgentCodec.encode(.hello(hello), into: &frame)
        return frame
    }

    func webSocketDialFailed(_ dial: WebSocketDial, error: DialError) {
        log.warn("cannot connect", ["coordinator": LogValue(request.url), "error": LogValue("\(error)")])
        retry(afterSeconds: error.retryAfterSeconds)
    }

    func webSocket(_ client: WebSocketClient, text: UnsafeRawBufferPointer) {
        do {
            handle(try AgentCodec.decodeCoordinatorMessage(text), from: client)
        } catch {
            log.warn("a message that cannot be read", ["error": LogValue(error.refusal.message)])
        }
    }

    func webSocket(_ client: WebSocketClient, binary: UnsafeRawBufferPointer) {
        log.warn("a binary message, which the link does not have")
    }

    func webSocketEnded(_ client: WebSocketClient, ending: WebSocketEnding) {
        contact.answered(sentAt: client.answeredPingNanoseconds)
        contact.ended()
        switch ending {
        case .closed(let code, let reason):
            log.info("disconnected", ["code": LogValue(Int(code ?? 1005)), "reason": LogValue(reason)])
            isUnwanted = code.map { CloseReason.unwantedCodes.contains($0) } ?? false
        case .failed(let error):
            log.warn("connection lost", ["error": LogValue("\(error)")])
        }
        retry()
    }
}
