internal import Fanout
internal import Glibc
internal import Grid
internal import Hub
internal import Reactor
internal import Web

/// One loop of the coordinator: its connections, their events towards the Hub, and what comes back.
///
/// A turn's events go to the Hub together, samples as one; what the Hub answers is handed out before the flush when
/// it runs on this loop, else when its mailbox wakes the loop.
final class Edge {
    let index: Int
    let loop: EventLoop
    let shared: EdgeShared
    let fanout: LoopFanout
    /// Inflates what clients of this loop send compressed.
    let inflater = WebSocketInflater()
    private var events: [HubEvent] = []
    /// The batch that the Hub is being handed, kept for its room.
    private var handed: [HubEvent] = []
    private var samples: [SampleArrival] = []
    private let deliver: ([HubEvent]) -> Bool
    private var listeners: [Listener] = []
    /// Open connections of this loop.
    private(set) var connectionCount = 0
    /// Sessions that begin.
    var gate: UpgradeGate
    private var drain: Drain?
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
        gate = UpgradeGate(perSecond: limits.upgradesPerSecond, handshakes: limits.agentHandshakes)
        loop.onTurnEnd = { [unowned self] in endTurn() }
    }

    // MARK: Connections

    /// Accepts connections on an address.
    ///
    /// - Parameter isControl: the operator's own socket, whose peers may do everything.
    /// - Returns: the address that is bound.
    func listen(on address: SocketAddress, reusePort: Bool, isControl: Bool = false) throws(SystemError)
        -> SocketAddress
    {
        let listener = try Listener(address: address, reusePort: reusePort, backlog: 4096, on: loop) {
            [unowned self] descriptor, peer in
            let connection = EdgeConnection(
                fileDescriptor: descriptor, peer: peer, edge: self, isControl: isControl)
            loop.adopt(connection)
            connection.started()
            connectionCount += 1
        }
        listeners.append(listener)
        return listener.boundAddress
    }

    /// A connection of this loop has ended.
    func connectionEnded() {
        connectionCount -= 1
        // A flush at the turn's end may have ended it: the Hub hears of that in a turn of its own.
        if hasEvents { loop.nextTurn {} }
        endIfDrained()
    }

    // MARK: Towards the Hub

    /// Hands an event to the Hub at the end of this turn, in order.
    func push(_ event: HubEvent) {
        flushSamples()
        events.append(event)
    }

    /// Hands a sample to the Hub at the end of this turn, in order.
    func push(sample: SampleArrival) { samples.append(sample) }

    private func flushSamples() {
        guard !samples.isEmpty else { return }
        events.append(.samplesTaken(samples))
        samples.removeAll(keepingCapacity: true)
    }

    private var hasEvents: Bool { !events.isEmpty || !samples.isEmpty }

    private func endTurn() {
        flushSamples()
        if !events.isEmpty { handOver() }
        fanout.flush()
    }

    /// Hands the turn's events to the Hub. On one loop its effects are performed before this returns, and what they
    /// bring about (the next of several requests, a connection that ends) are events of the next turn.
    private func handOver() {
        swap(&events, &handed)
        if deliver(handed) {
            handed.removeAll(keepingCapacity: true)
            if hasEvents { loop.nextTurn {} }
        } else {
            // The Hub is behind: keep what there is and try again when it has had time to drain its mailbox.
            events.insert(contentsOf: handed, at: 0)
            handed.removeAll()
            loop.schedule(afterNanoseconds: 1_000_000) {}
        }
    }

    // MARK: From the Hub

    /// Takes one message of the Hub's side.
    func receive(_ message: EdgeMessage) {
        switch message {
        case .fanout(.delivery(let delivery)):
            fanout.receive(delivery)
        case .fanout(.viewChanged(let session, let classIndex, let view, let position, let from)):
            // Behind a close frame nothing may follow.
            guard let connection = connection(session), !connection.isSayingGoodbye else { return }
            fanout.setView(of: connection, classIndex: classIndex, view: view, position: position, from: from)
        case .effect(let effect):
            perform(effect)
        case .replay(let session, let room, let frames, let isLast):
            connection(session)?.replay(frames, of: room, isLast: isLast)
        case .streamReplay(let session, let frames, let isLast):
            connection(session)?.replayStream(frames, isLast: isLast)
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
            .roomJoined(let session, _, _, _), .fellBehind(let session), .roomLeft(let session, _),
            .refused(let session, _), .roomLimit(let session, _), .streamOpened(let session, _):
            connection(session)?.perform(effect)
        case .publish, .persist, .viewChanged, .replay, .streamReplay, .streamLive, .audit:
            preconditionFailure("an effect that is not a session's reached a loop")
        }
    }

    /// The connection of a session, unless it is gone meanwhile.
    private func connection(_ session: SessionID) -> EdgeConnection? {
        let address = SessionAddress(session)
        guard let channel = loop.channel(slot: address.slot, generation: address.generation) else { return nil }
        return unsafeDowncast(channel, to: EdgeConnection.self)
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
            if connection.isSession { sessions.append(connection) } else { connection.drain() }
        }
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
    func claim(_ address: SocketAddress) throws(SystemError) -> SocketAddress {
        let listener = try Listener(address: address, reusePort: false, backlog: 1, on: loop) { descriptor, _ in
            _ = Glibc.close(descriptor)
        }
        defer { listener.close() }
        return listener.boundAddress
    }

    /// Stops listening, before the loop is closed.
    func close() {
        for listener in listeners { listener.close() }
        listeners.removeAll()
    }
}
