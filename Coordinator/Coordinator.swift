internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Glibc
internal import Reactor
internal import Service
internal import Store
internal import Wire

/// The coordinator put together: store, Hub, loops and their threads.
///
/// With one loop the Hub runs on it; with several it has a thread of its own, and every crossing is a mailbox.
final class Coordinator {
    let configuration: CoordinatorConfiguration
    let log: CoordinatorLog
    private let supervisor: Supervisor
    private let directory: DataDirectory
    private let state: StoredState
    /// What the disk had no room for at the start.
    private let unstored: [StoreChange]
    private let storeThread: StoreThread
    private let hubMailbox: Mailbox<HubMessage>
    private let loopMailboxes: [Mailbox<EdgeMessage>]
    private let shared: EdgeShared
    private let failure: Failure

    /// Messages between the Hub and a loop that wait at most.
    private static let mailboxCapacity = Limits.mailboxMessages

    /// Why the coordinator had to end, if it had to.
    final class Failure: Sendable {
        private let text = Guarded<String?>(nil)
        var reason: String? { text.withLock { $0 } }

        /// Notes a reason. - Returns: whether it is the first one.
        @discardableResult
        func set(_ reason: String) -> Bool {
            text.withLock { text in
                guard text == nil else { return false }
                text = reason
                return true
            }
        }
    }

    /// Opens the store and makes everything that is shared; nothing listens yet.
    ///
    /// - Parameter directory: locked by the caller.
    init(configuration: CoordinatorConfiguration, directory: DataDirectory, log: CoordinatorLog) throws {
        Limits.checkRelations()
        // Before the first thread: a thread that did not inherit the mask would be ended by a signal.
        Signals.block([SIGTERM, SIGINT, SIGHUP, SIGPIPE])
        self.configuration = configuration
        self.directory = directory
        self.log = log
        supervisor = Supervisor()
        failure = Failure()
        let loops = configuration.loops
        hubMailbox = try Mailbox(capacity: Self.mailboxCapacity)
        var mailboxes: [Mailbox<EdgeMessage>] = []
        for _ in 0..<loops { mailboxes.append(try Mailbox(capacity: Self.mailboxCapacity)) }
        loopMailboxes = mailboxes

        let secret: SigningSecret
        if let path = configuration.jwtSecretFile {
            secret = try SigningSecret.load(from: path)
        } else {
            secret = try SigningSecret.loadOrCreate(directory: directory.path)
        }
        var keys = [JWTKey(secret: secret)]
        if let path = configuration.jwtPublicKeyFile { keys.append(try JWTKey.load(publicKeyFile: path)) }
        keys.removeAll { !configuration.jwtAlgorithms.contains($0.algorithm) }
        let verifier = try JWTVerifier(
            configuration: JWTConfiguration(
                keys: keys, issuer: configuration.jwtIssuer, audience: configuration.jwtAudience))

        let tls = try Self.makeTLS(configuration, directory: directory, log: log.log)
        // Used here once, before the store's thread owns it.
        nonisolated(unsafe) let archive = try Archive(
            in: directory, now: HubDesk.now().wall, drawIdentity: { SecureRandom.uuid() })
        let contents = try archive.load()
        var state = StoredState(contents)
        let begun = state.beginTellingEarly(draw: SecureRandom.uint64)
        self.state = state
        unstored = try Self.store(begun, in: archive, log: log.log)
        let readiness = Readiness()
        shared = EdgeShared(
            configuration: configuration, coordinatorID: contents.coordinatorID, bootID: SecureRandom.uint64(),
            verifier: verifier, revocations: Revocations(contents.revocations),
            apiKeys: APIKeyTable(contents.apiKeys), signer: JWTSigner(secret: secret), log: log, readiness: readiness,
            crossings: Crossings(hub: hubMailbox, loops: loopMailboxes), tls: tls)
        let mailbox = hubMailbox
        let lines = log.log
        storeThread = try StoreThread.start(
            archive: archive,
            answer: { ticket, result in
                var fault: StoreError?
                if case .failure(let error) = result { fault = error }
                HubThread.post(.committed(ticket: ticket, fault), to: mailbox)
            },
            stalled: { error in
                readiness.setStalled(error != nil)
                if let error {
                    lines.error("the store's disk is full, new registrations are refused", ["error": LogValue(error)])
                } else {
                    lines.info("the store has room again")
                }
            })
    }

    /// Stores what a start has decided, so that the first position that is given out is one that the next start knows.
    ///
    /// - Returns: what a full disk has no room for; it waits like every other commit then.
    private static func store(
        _ changes: [StoreChange], in archive: Archive, log: Log
    ) throws(StoreError) -> [StoreChange] {
        do throws(StoreError) {
            try archive.append(changes)
            return []
        } catch  where error.kind == .full {
            log.warn("the store's disk is full at the start", ["error": LogValue(error)])
            return changes
        }
    }

    /// Reads the listener's certificate, or makes one for a developer.
    private static func makeTLS(
        _ configuration: CoordinatorConfiguration, directory: DataDirectory, log: Log
    ) throws -> EdgeTLS? {
        switch configuration.tls {
        case nil:
            if !configuration.listen.isLoopback {
                log.warn(
                    "listening beyond loopback without TLS: tokens and keys travel readable",
                    ["listen": LogValue("\(configuration.listen)")])
            }
            return nil
        case .files(let files):
            return try EdgeTLS(files: files, log: log)
        case .selfSigned(let authorities):
            let made = try SelfSignedCertificate.loadOrCreate(directory: directory.path)
            log.info("clients believe the self-signed certificate by --ca-file \(made.certificateFile)")
            return try EdgeTLS(
                files: TLSFiles(
                    certificate: made.certificateFile, privateKey: made.keyFile, clientAuthorities: authorities),
                log: log)
        }
    }

    // MARK: The Hub's side

    /// Makes the Hub with what surrounds it, for the thread that is to run it.
    private func makeDesk(sendToLoop: @escaping (Int, EdgeMessage) -> Void) -> HubDesk {
        let encode: Publisher.Encoder = { dialect, event, buffer in _ = dialect.encode(event, into: &buffer) }
        let publisher = Publisher(
            loops: configuration.loops, encode: encode,
            emit: { loop, message in sendToLoop(loop, .fanout(message)) })
        let log = log
        let tap = LogTap(mailbox: hubMailbox)
        log.log.setObserver { tap.take($0) }
        let (revocations, apiKeys, loops) = (shared.revocations, shared.apiKeys, configuration.loops)
        let perform = Perform(
            publisher: publisher, replays: ReplayEncoder(encode: encode), sendToLoop: sendToLoop,
            audit: { log.audit($0) },
            revoke: { revocation in
                // First the table: a token shown from now on is refused, and who was let in before is found below.
                revocations.insert(revocation)
                for loop in 0..<loops { sendToLoop(loop, .revoked(revocation)) }
            },
            changeKey: { record in
                apiKeys.set(record)
                guard !record.isActive else { return }
                for loop in 0..<loops { sendToLoop(loop, .apiKeyRevoked(record.id)) }
            }, mayTellEarly: unstored.isEmpty)
        let hub = Hub(
            configuration: configuration.hubConfiguration, state: state, seed: SecureRandom.uint64(),
            now: HubDesk.now())
        let failure = failure
        let mailboxes = loopMailboxes
        let desk = HubDesk(
            hub: hub, perform: perform, store: storeThread, mailbox: hubMailbox, pulse: shared.pulse, tap: tap
        ) { reason in
            // Every later commit fails as well; one drain is enough.
            guard failure.set(reason) else { return }
            for mailbox in mailboxes { HubThread.post(.drain, to: mailbox) }
        }
        desk.store(unstored)
        return desk
    }

    // MARK: Running

    /// Serves until SIGTERM or SIGINT, drains, and ends in bounded time.
    ///
    /// - Throws: what kept the coordinator from starting, or the failure that ended it.
    func run() throws {
        defer { storeThread.stop() }
        if configuration.loops == 1 { try runOnOneLoop() } else { try runOnSeveralLoops() }
        log.log.info("stopped")
        if let reason = failure.reason { throw OperatorCommand.Failure(description: reason) }
    }

    private func runOnOneLoop() throws {
        let loop = try EventLoop()
        var edge: Edge?
        let desk = makeDesk { _, message in edge?.receive(message) }
        let timer = HubTimer(desk: desk, loop: loop)
        let made = Edge(index: 0, loop: loop, shared: shared) { events in
            desk.process(events)
            timer.arm()
            return true
        }
        edge = made
        defer {
            end(made, mailbox: loopMailboxes[0])
            desk.close()
            hubMailbox.close()
            edge = nil
        }
        // Answers of the Store come through the mailbox; so does the end, when a commit failed.
        hubMailbox.attach(to: loop) { messages in
            for message in messages { _ = desk.receive(message) }
            timer.arm()
        }
        loopMailboxes[0].attach(to: loop) { messages in
            for message in messages { made.receive(message) }
        }
        timer.arm()
        try serve(made, at: made.listen(on: configuration.listen, reusePort: false))
    }

    private func runOnSeveralLoops() throws {
        let mailbox = hubMailbox
        let mailboxes = loopMailboxes
        nonisolated(unsafe) let coordinator = self
        let edge = makeEdge(index: 0, loop: try EventLoop())
        edge.siblings = configuration.loops - 1
        let hubThread = LoopThread.start(name: "hub") {
            let desk = coordinator.makeDesk { loop, message in HubThread.post(message, to: mailboxes[loop]) }
            HubThread.run(desk: desk, mailbox: mailbox)
        }
        var threads: [LoopThread] = []
        defer {
            end(edge, mailbox: mailboxes[0])
            // They have heard of an ordinary end already; a start that failed, nobody has told them.
            for other in mailboxes.dropFirst() { HubThread.post(.drain, to: other) }
            for thread in threads { thread.join() }
            HubThread.post(.stop, to: mailbox)
            hubThread.join()
            mailbox.close()
        }
        // The first loop binds the port, so that the others can share a port that was picked.
        let bound = try edge.listen(on: edge.claim(configuration.listen), reusePort: true)
        for index in 1..<configuration.loops {
            threads.append(
                LoopThread.start(name: "loop-\(index)") { coordinator.runFurtherLoop(index, address: bound) })
        }
        try serve(edge, at: bound)
    }

    private func makeEdge(index: Int, loop: EventLoop) -> Edge {
        let mailbox = hubMailbox
        let edge = Edge(index: index, loop: loop, shared: shared) { events in mailbox.post(.events(events)) }
        loopMailboxes[index].attach(to: loop) { [unowned edge] messages in
            for message in messages { edge.receive(message) }
        }
        return edge
    }

    /// Ends an edge with its loop. Nobody reads its mailbox after, so nobody may wait for room in it.
    private func end(_ edge: Edge, mailbox: Mailbox<EdgeMessage>) {
        edge.close()
        edge.loop.close()
        mailbox.close()
    }

    private func runFurtherLoop(_ index: Int, address: SocketAddress) {
        defer { HubThread.post(.siblingEnded, to: loopMailboxes[0]) }
        do {
            let edge = makeEdge(index: index, loop: try EventLoop())
            defer { end(edge, mailbox: loopMailboxes[index]) }
            _ = try edge.listen(on: address, reusePort: true)
            stopWhenDrained(edge)
            try edge.loop.run()
        } catch {
            failure.set("loop \(index): \(error)")
            loopMailboxes[index].close()
            for mailbox in loopMailboxes { HubThread.post(.drain, to: mailbox) }
        }
    }

    /// A drain ends the loop: with its last connection, or when patience does, whatever peers do.
    private func stopWhenDrained(_ edge: Edge) {
        let loop = edge.loop
        let patience = UInt64(configuration.drainMilliseconds) * 1_000_000 + Self.farewellNanoseconds
        edge.onDrained = { [unowned loop] in loop.stop() }
        edge.onDrain = { [unowned loop] in loop.schedule(afterNanoseconds: patience) { [unowned loop] in loop.stop() } }
        edge.onHurry = { [unowned loop] in
            loop.schedule(afterNanoseconds: Self.hurriedFarewellNanoseconds) { [unowned loop] in loop.stop() }
        }
    }

    /// How long the last sessions have for their closing handshakes, and when it is said twice.
    private static let farewellNanoseconds: UInt64 = 3_000_000_000
    private static let hurriedFarewellNanoseconds: UInt64 = 500_000_000

    /// Runs the first loop, which also hears signals and the operator.
    private func serve(_ edge: Edge, at address: SocketAddress) throws {
        let loop = edge.loop
        _ = try edge.listen(on: .unix(path: directory.controlSocketPath), reusePort: false, isControl: true)
        stopWhenDrained(edge)
        let others = Array(loopMailboxes.dropFirst())
        let (log, shared, supervisor) = (log.log, shared, supervisor)
        var isDraining = false
        let signals = try Signals([SIGTERM, SIGINT, SIGHUP], on: loop) { [unowned edge] signal in
            if signal == SIGHUP {
                if let tls = shared.tls {
                    tls.reload(log: log)
                } else {
                    log.info("nothing to re-read: without TLS no setting can change while running")
                }
                return
            }
            // First of all: no loop lets anybody in who comes after the line in the log.
            shared.readiness.set(false)
            let message = isDraining ? EdgeMessage.hurry : .drain
            log.info(isDraining ? "draining at once" : "draining")
            isDraining = true
            supervisor.stopping(status: "draining")
            // The others empty their mailboxes; this one's own could not be waited for here.
            for mailbox in others { HubThread.post(message, to: mailbox) }
            edge.receive(message)
        }
        defer { signals.close() }
        if let interval = supervisor.watchdogIntervalNanoseconds {
            // Twice as often as asked: one beat to ask every thread, the next to tell that all have answered.
            loop.schedule(afterNanoseconds: interval / 2, repeating: true) { [unowned edge] in
                // Loops that have drained answer no more, and need not: the stop has a bound of its own.
                if edge.isDraining || shared.pulse.begin(ask: shared.crossings.beat) { supervisor.alive() }
            }
        }
        var meter = ProcessMeter()
        let interval = UInt64(configuration.systemMetricsMilliseconds) * 1_000_000
        loop.schedule(afterNanoseconds: interval, repeating: true) { [unowned edge] in
            edge.push(.processMeasured(meter.read()))
        }
        shared.readiness.set(true)
        log.info("listening on \(address)")
        supervisor.ready(status: "listening on \(address)")
        try loop.run()
    }
}

/// Wakes the Hub on the only loop when one of its deadlines has come.
private final class HubTimer {
    private let desk: HubDesk
    private let loop: EventLoop
    private var timer: TimerID?
    private var armedFor: UInt64 = 0

    init(desk: HubDesk, loop: EventLoop) {
        self.desk = desk
        self.loop = loop
    }

    /// Looks when the Hub wants to be woken next.
    func arm() {
        guard let deadline = desk.nextDeadlineNanoseconds else { return }
        if timer != nil, armedFor <= deadline { return }
        if let timer { loop.cancel(timer) }
        armedFor = deadline
        let now = Clock.monotonicNanoseconds()
        timer = loop.schedule(afterNanoseconds: deadline > now ? deadline - now : 0) { [unowned self] in
            timer = nil
            desk.timePassed()
            arm()
        }
    }
}
