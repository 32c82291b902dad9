internal import Access
internal import Fanout
internal import Glibc
internal import Grid
internal import Hub
internal import Reactor
internal import Web
internal import Wire

/// One loop of the coordinator: its connections, their events towards the Hub, and what comes back.
///
/// A turn's events go to the Hub together, samples as one; what the Hub answers is handed out before the flush when
/// it runs on this loop, else when its mailbox wakes the loop.
final class Edge {
    let index: Int
    let loop: EventLoop
    let shared: EdgeShared
    let fanout: LoopFanout
    /// The Engine.IO sessions of this loop.
    let engines: EngineLinks
    /// Inflates what clients of this loop send compressed.
    let inflater = WebSocketInflater()
    /// What the agents of this loop decode their samples into, one at a time.
    var sample = NodeSample(sequence: 0, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
    private var events: [HubEvent] = []
    /// The batch that the Hub is being handed, kept for its room.
    private var handed: [HubEvent] = []
    private var samples: [SampleArrival] = []
    /// When samples last came, and whose came last.
    private var samplesAt: UInt64 = 0
    private var samplesOf: SessionID?
    private let deliver: ([HubEvent]) -> Bool
    private var listeners: [Listener] = []
    /// What the loop counts for `/metrics`.
    var counters = EdgeCounters()
    private var scrapes: [UInt64: Scrape] = [:]
    private var scrapeNumber: UInt64 = 0
    /// The Hub has had no room for the last turn's events: nothing is read until it has.
    private(set) var isCongested = false
    /// Open connections of this loop.
    private(set) var connectionCount = 0
    /// Sessions that begin.
    var gate: UpgradeGate
    private var drain: Drain?
    var isDraining: Bool { drain != nil }
    /// Loops that must have ended before this one may.
    var siblings = 0
    /// Called when a drain begins, when it must be over soon, and when it has closed the last connection.
    var onDrain: (() -> Void)?
    var onHurry: (() -> Void)?
    var onDrained: (() -> Void)?

    /// - Parameter deliver: hands a turn's events to the Hub; `false` if there is no room for them now.
    init(index: Int, loop: EventLoop, shared: EdgeShared, deliver: @escaping ([HubEvent]) -> Bool) {
        self.index = index
        self.loop = loop
        self.shared = shared
        self.deliver = deliver
        let limits = shared.configuration.limits
        fanout = LoopFanout(limits: shared.configuration.fanoutLimits)
        engines = EngineLinks(
            on: loop, number: index, settings: shared.engineIO, drawBytes: { SecureRandom.bytes($0) })
        gate = UpgradeGate(perSecond: limits.upgradesPerSecond, handshakes: limits.agentHandshakes)
        loop.onTurnEnd = { [unowned self] in endTurn() }
    }

    // MARK: Connections

    /// Accepts connections on an address.
    ///
    /// - Parameter isControl: the operator's own socket, whose peers may do everything.
    /// - Returns: the address that is bound.
    func listen(on address: SocketAddress, reusePort: Bool, isControl: Bool = false) throws(ListenFailure)
        -> SocketAddress
    {
        let listener = try open(address, reusePort: reusePort, backlog: 4096) { [unowned self] descriptor, peer in
            // The operator comes in through a full house as well.
            let isCounted = !isControl
            guard !isCounted || shared.budget.admit() else {
                counters.refusals[.full] += 1
                Self.turnAway(descriptor)
                return
            }
            let connection = EdgeConnection(
                fileDescriptor: descriptor, peer: peer, edge: self, isControl: isControl)
            // The operator's socket is a file of mode 0600: nobody is between its ends.
            if !isControl, let tls = shared.tls { connection.secure(with: tls.context) }
            connectionCount += 1
            counters.open[.http] += 1
            loop.adopt(connection)
            guard !connection.isClosed else { return }
            connection.started()
            if isCongested { connection.pauseReading() }
        }
        listeners.append(listener)
        return listener.boundAddress
    }

    /// Tells a peer for whom there is no room so, as far as its socket's buffer allows, and closes.
    private static func turnAway(_ descriptor: Int32) {
        let answer: StaticString =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        _ = send(descriptor, answer.utf8Start, answer.utf8CodeUnitCount, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        _ = Glibc.close(descriptor)
    }

    /// A connection of this loop has ended.
    ///
    /// - Parameter isControl: whether it was the operator's.
    func connectionEnded(isControl: Bool) {
        connectionCount -= 1
        if !isControl { shared.budget.release() }
        // A flush at the turn's end may have ended it: the Hub hears of that in a turn of its own.
        if hasEvents { loop.nextTurn {} }
        endIfDrained()
    }

    /// A connection has come from another loop.
    func enter() { connectionCount += 1 }

    /// A connection has gone to another loop.
    func leave() {
        connectionCount -= 1
        endIfDrained()
    }

    // MARK: Towards the Hub

    /// Hands an event to the Hub at the end of this turn, in order.
    func push(_ event: HubEvent) {
        flushSamples()
        events.append(event)
    }

    /// Hands a sample to the Hub at the end of this turn, in order.
    func push(sample: NodeSample, of session: SessionID) {
        samples.append(SampleArrival(session: session, sample: sample, receivedNanoseconds: loop.now))
    }

    /// Events that wait for the Hub.
    var waitingEventCount: Int { events.count }

    private func flushSamples() {
        guard !samples.isEmpty else { return }
        restIfDense()
        events.append(.samplesTaken(samples))
        samples.removeAll(keepingCapacity: true)
    }

    /// Turns with samples that follow each other sooner are too many …
    private static let denseNanoseconds: UInt64 = 1_000_000
    /// … if they bring fewer samples than this, and …
    private static let denseSamples = 16
    /// … the next one waits so long for more of them. A tenth of what a sample's way takes otherwise, and half its
    /// price.
    private static let restNanoseconds: UInt64 = 500_000

    /// Thousands of agents, each with a sample now and then, would wake the loop thousands of times a second. Samples
    /// of one agent alone come as it sends them: whoever waits for their echo would only wait longer.
    private func restIfDense() {
        let session = samples[samples.count - 1].session
        if loop.now &- samplesAt < Self.denseNanoseconds, samples.count < Self.denseSamples, session != samplesOf {
            loop.rest(nanoseconds: Self.restNanoseconds)
        }
        samplesAt = loop.now
        samplesOf = session
    }

    private var hasEvents: Bool { !events.isEmpty || !samples.isEmpty }

    private func endTurn() {
        flushSamples()
        if !events.isEmpty { handOver() }
        engines.flush()
        fanout.flush()
    }

    /// Hands the turn's events to the Hub. On one loop its effects are performed before this returns, and what they
    /// bring about (the next of several requests, a connection that ends) are events of the next turn.
    private func handOver() {
        swap(&events, &handed)
        if deliver(handed) {
            handed.removeAll(keepingCapacity: true)
            if isCongested { readAgain() }
            if hasEvents { loop.nextTurn {} }
        } else {
            // The Hub is behind: keep what there is and try again when it has had time to drain its mailbox.
            events.insert(contentsOf: handed, at: 0)
            handed.removeAll()
            if !isCongested { stopReading() }
            loop.schedule(afterNanoseconds: 1_000_000) {}
        }
    }

    /// Leaves what peers say in their sockets, so that no more events come than connections end: their own senders
    /// wait then, and nothing that was promised is dropped.
    private func stopReading() {
        isCongested = true
        counters.congestions += 1
        for case let connection as EdgeConnection in loop.channels where !connection.isControl {
            connection.pauseReading()
        }
    }

    private func readAgain() {
        isCongested = false
        // Who was paused for a reason of its own is paused again by that at its next bytes.
        for channel in loop.channels { channel.resumeReading() }
    }

    // MARK: From the Hub

    /// Takes one message of the Hub's side.
    func receive(_ message: EdgeMessage) {
        switch message {
        case .fanout(.delivery(let delivery)):
            fanout.receive(delivery)
        case .fanout(.viewChanged(let session, let classIndex, let view, let position, let from)):
            // Behind a close frame nothing may follow.
            guard let subscriber = subscriber(session) else { return }
            fanout.setView(of: subscriber, classIndex: classIndex, view: view, position: position, from: from)
        case .effect(let effect):
            perform(effect)
        case .replay(let session, let room, let frames, let isLast):
            connection(session)?.replay(frames, of: room, isLast: isLast)
        case .streamReplay(let session, let frames, let isLast):
            connection(session)?.replayStream(frames, isLast: isLast)
        case .revoked(let revocation):
            for channel in loop.channels {
                (channel as? EdgeConnection)?.endIfRevoked(revocation)
                (channel as? EyeNetSession)?.endIfRevoked(revocation)
            }
        case .apiKeyRevoked(let key):
            for case let connection as EdgeConnection in loop.channels { connection.endIfOpened(with: key) }
        case .fence(let session): neurograph(session)?.fence()
        case .predecessorLeft(let session): neurograph(session)?.predecessorLeft()
        case .letter(let session, let client, let message): handOver(message, to: client, in: session)
        case .moved(let connection): take(connection)
        case .measure(let request):
            _ = shared.crossings.loops[request.loop].post(.measured(request.number, .loop(measures(request.askedAt))))
        case .measured(let number, let measures):
            take(measures, of: number)
        case .beat:
            shared.pulse.answer()
        case .drain:
            beginDrain()
        case .hurry:
            drain?.hurry()
            onHurry?()
        case .siblingEnded:
            siblings -= 1
            endIfDrained()
        }
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .answer(let request, let answer):
            connection(request.session)?.answer(request, answer)
        case .agentChallenge(let session, _), .agentRefused(let session, _), .agentWelcome(let session, _),
            .agentAck(let session, _), .agentAdvice(let session, _), .agentFenced(let session),
            .agentTask(let session, _), .roomJoined(let session, _, _, _), .fellBehind(let session),
            .roomLeft(let session, _), .refused(let session, _), .joinRefused(let session, _, _),
            .roomLimit(let session, _), .returned(let session, _), .streamOpened(let session, _):
            if SessionAddress(session).dialect == .eyenet {
                eyenetSession(session)?.perform(effect)
            } else {
                connection(session)?.perform(effect)
            }
        case .publish, .persist, .persistLater, .viewChanged, .replay, .streamReplay, .streamLive, .audit, .revoked,
            .apiKeyChanged:
            preconditionFailure("an effect that is not a session's reached a loop")
        }
    }

    // MARK: Measures

    /// Asks every thread for its measures; the connection answers the request when they are there.
    ///
    /// - Returns: whether it will; not while too many such requests are under way.
    func scrape(for request: RequestID) -> Bool {
        guard scrapes.count < Scrape.limit else { return false }
        scrapeNumber += 1
        let number = scrapeNumber
        let others = shared.crossings.loops.indices.filter { $0 != index }
        let scrape = Scrape(request: request, awaited: others.count + 2)
        scrapes[number] = scrape
        let question = MeasureRequest(loop: index, number: number, askedAt: loop.now)
        // One that takes no message now does not answer in time either.
        for other in others { _ = shared.crossings.loops[other].post(.measure(question)) }
        _ = shared.crossings.hub.post(.measure(question))
        scrape.timer = loop.schedule(afterNanoseconds: Scrape.patienceNanoseconds) { [unowned self] in finish(number) }
        take(.loop(measures(loop.now)), of: number)
        return true
    }

    private func measures(_ askedAt: UInt64) -> LoopMeasures {
        LoopMeasures(
            index: index, loop: loop.statistics, fanout: fanout.statistics, laggards: fanout.summary(now: loop.now),
            counters: counters,
            now: loop.now, mailboxDepth: shared.crossings.loops[index].count,
            mailboxNanoseconds: loop.now > askedAt ? loop.now - askedAt : 0,
            unfinishedBytes: shared.unfinished.count)
    }

    private func take(_ measures: Measures, of number: UInt64) {
        guard let scrape = scrapes[number], scrape.take(measures) else { return }
        finish(number)
    }

    private func finish(_ number: UInt64) {
        guard let scrape = scrapes.removeValue(forKey: number) else { return }
        if let timer = scrape.timer { loop.cancel(timer) }
        let page = MetricsPage.write(
            loops: scrape.loops, hub: scrape.hub, unanswered: scrape.awaited, startedAt: shared.startedAt,
            isReady: shared.readiness.isHealthy)
        connection(scrape.request.session)?.answer(
            scrape.request,
            HTTPResponse(
                status: 200, headers: [("Content-Type", MetricsText.contentType), ("Cache-Control", "no-store")],
                body: page))
    }

    // MARK: Drain

    /// Lets no session begin any more and sends away those there are, one after the other. Meanwhile the listeners
    /// tell whoever comes when to come back.
    private func beginDrain() {
        guard drain == nil else { return }
        shared.readiness.set(false)
        push(.drainStarted)
        onDrain?()
        var sessions: [EdgeConnection] = []
        for case let connection as EdgeConnection in loop.channels {
            if connection.isSession {
                sessions.append(connection)
            } else if connection.requestNumber > 0 {
                // Who has only just come is told when to come back as well, as long as somebody else is here.
                connection.drain()
            }
        }
        // Those whose client is between two polls have no connection that could be sent away.
        for case let link as EyeNetLink in engines.all where link.transport == .polling { link.drain() }
        let window = UInt64(shared.configuration.drainMilliseconds) * 1_000_000
        let begun = Drain(of: sessions.shuffled(), on: self, windowNanoseconds: window)
        drain = begun
        begun.start()
    }

    /// Everybody was told: no more questions are answered, and the loop ends with its last connection.
    func drainFinished() {
        close()
        for case let connection as EdgeConnection in loop.channels { connection.drain() }
        endIfDrained()
    }

    private func endIfDrained() {
        guard let drain, connectionCount == 0, siblings == 0 else { return }
        if drain.isFinished { onDrained?() } else { drain.hurry() }
    }

    // MARK: Bounds

    /// The unfinished messages of the process are more than they may be together: ends the connection of this loop
    /// that holds most of them.
    func closeLargestUnfinished() {
        var largest: EdgeConnection?
        for case let connection as EdgeConnection in loop.channels
        where connection.unfinishedByteCount > largest?.unfinishedByteCount ?? 0 { largest = connection }
        largest?.closeTooLarge()
    }

    /// Finds an address to listen on that nobody else listens on.
    ///
    /// Sockets that share a port for several loops would also share it with another coordinator of the same user,
    /// without a word. - Returns: the address, its port picked if it was 0.
    func claim(_ address: SocketAddress) throws(ListenFailure) -> SocketAddress {
        let listener = try open(address, reusePort: false, backlog: 1) { descriptor, _ in _ = Glibc.close(descriptor) }
        defer { listener.close() }
        return listener.boundAddress
    }

    private func open(
        _ address: SocketAddress, reusePort: Bool, backlog: Int32, accept: @escaping (Int32, PeerAddress) -> Void
    ) throws(ListenFailure) -> Listener {
        do throws(SystemError) {
            return try Listener(address: address, reusePort: reusePort, backlog: backlog, on: loop, accept: accept)
        } catch {
            throw ListenFailure(address: address, cause: error)
        }
    }

    /// Stops listening, before the loop is closed.
    func close() {
        for listener in listeners { listener.close() }
        listeners.removeAll()
    }
}
