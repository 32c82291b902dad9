internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Glibc
internal import Reactor
internal import Service
internal import Store
internal import Wire
import Synchronization

/// The coordinator put together: store, Hub, loops and their threads.
///
/// With one loop the Hub runs on it; with several it has a thread of its own, and every crossing is a mailbox.
final class Coordinator {
    let configuration: CoordinatorConfiguration
    let log: CoordinatorLog
    private let supervisor: Supervisor
    private let directory: DataDirectory
    private let contents: ArchiveContents
    private let storeThread: StoreThread
    private let hubMailbox: Mailbox<HubMessage>
    private let loopMailboxes: [Mailbox<EdgeMessage>]
    private let shared: EdgeShared
    private let failure: Failure

    /// Messages between the Hub and a loop that wait at most.
    private static let mailboxCapacity = Limits.mailboxMessages

    /// Why the coordinator had to end, if it had to.
    final class Failure: Sendable {
        private let text = Mutex<String?>(nil)
        var reason: String? { text.withLock { $0 } }
        func set(_ reason: String) { text.withLock { $0 = $0 ?? reason } }
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

        // Used here once, before the store's thread owns it.
        nonisolated(unsafe) let archive = try Archive(
            in: directory, now: HubDesk.now().wall, drawIdentity: { SecureRandom.uuid() })
        contents = try archive.load()
        let readiness = Readiness()
        shared = EdgeShared(
            configuration: configuration, coordinatorID: contents.coordinatorID, bootID: SecureRandom.uint64(),
            authenticator: Authenticator(verifier: verifier), signer: JWTSigner(secret: secret), log: log,
            readiness: readiness)
        let mailbox = hubMailbox
        let lines = log.log
        storeThread = try StoreThread.start(
            archive: archive,
            answer: { ticket, result in
                switch result {
                case .success: _ = mailbox.post(.committed(ticket: ticket, nil))
                case .failure(let error): _ = mailbox.post(.committed(ticket: ticket, error))
                }
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

    // MARK: The Hub's side

    /// Makes the Hub with what surrounds it, for the thread that is to run it.
    private func makeDesk(sendToLoop: @escaping (Int, EdgeMessage) -> Void) -> HubDesk {
        let publisher = Publisher(
            loops: configuration.loops,
            encode: { dialect, event, buffer in _ = dialect.encode(event, into: &buffer) },
            emit: { loop, message in sendToLoop(loop, .fanout(message)) })
        let log = log
        let perform = Perform(publisher: publisher, sendToLoop: sendToLoop, audit: { log.audit($0) })
        var hubConfiguration = HubConfiguration()
        hubConfiguration.leaseNanoseconds = UInt64(configuration.leaseMilliseconds) * 1_000_000
        hubConfiguration.sampleIntervalMilliseconds = UInt32(configuration.sampleIntervalMilliseconds)
        let hub = Hub(
            configuration: hubConfiguration,
            state: StoredState(
                nodes: contents.nodes, enrolments: contents.enrolments, users: contents.users,
                coordinatorID: contents.coordinatorID),
            seed: SecureRandom.uint64(), now: HubDesk.now())
        let failure = failure
        let mailboxes = loopMailboxes
        return HubDesk(hub: hub, perform: perform, store: storeThread) { reason in
            failure.set(reason)
            for mailbox in mailboxes { _ = mailbox.post(.drain) }
        }
    }

    // MARK: Running

    /// Serves until SIGTERM or SIGINT, drains, and ends in bounded time.
    ///
    /// - Throws: what kept the coordinator from starting, or the failure that ended it.
    func run() throws {
        if configuration.loops == 1 { try runOnOneLoop() } else { try runOnSeveralLoops() }
        storeThread.stop()
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
        // Answers of the Store come through the mailbox; so does the end, when a commit failed.
        hubMailbox.attach(to: loop) { messages in
            for message in messages { _ = desk.receive(message) }
            timer.arm()
        }
        loopMailboxes[0].attach(to: loop) { messages in
            for message in messages { made.receive(message) }
        }
        timer.arm()
        try serve(made, listensForOperator: true, reusePort: false)
        edge = nil
    }

    private func runOnSeveralLoops() throws {
        let mailbox = hubMailbox
        let mailboxes = loopMailboxes
        nonisolated(unsafe) let coordinator = self
        let hubThread = LoopThread.start(name: "hub") {
            let desk = coordinator.makeDesk { loop, message in HubThread.post(message, to: mailboxes[loop]) }
            HubThread.run(desk: desk, mailbox: mailbox)
        }
        var threads: [LoopThread] = []
        // The first loop binds the port, so that the others can share a port that was picked.
        let address = Mutex<SocketAddress>(configuration.listen)
        let first = try EventLoop()
        let edge = makeEdge(index: 0, loop: first)
        let bound = try edge.listen(on: configuration.listen, reusePort: true)
        address.withLock { $0 = bound }
        for index in 1..<configuration.loops {
            threads.append(
                LoopThread.start(name: "loop-\(index)") { coordinator.runFurtherLoop(index, address: bound) })
        }
        defer {
            for thread in threads { thread.join() }
            _ = mailbox.post(.stop)
            hubThread.join()
        }
        try serve(edge, listensForOperator: true, bound: bound)
    }

    private func makeEdge(index: Int, loop: EventLoop) -> Edge {
        let mailbox = hubMailbox
        let edge = Edge(index: index, loop: loop, shared: shared) { events in mailbox.post(.events(events)) }
        loopMailboxes[index].attach(to: loop) { [unowned edge] messages in
            for message in messages { edge.receive(message) }
        }
        return edge
    }

    private func runFurtherLoop(_ index: Int, address: SocketAddress) {
        do {
            let loop = try EventLoop()
            let edge = makeEdge(index: index, loop: loop)
            _ = try edge.listen(on: address, reusePort: true)
            edge.onDrained = { loop.stop() }
            let patience = UInt64(configuration.drainMilliseconds) * 1_000_000
            edge.onDrain = { loop.schedule(afterNanoseconds: patience) { loop.stop() } }
            try loop.run()
            edge.close()
            loop.close()
        } catch {
            failure.set("loop \(index): \(error)")
            for mailbox in loopMailboxes { _ = mailbox.post(.drain) }
        }
    }

    /// Runs the first loop, which also hears signals and the operator.
    private func serve(
        _ edge: Edge, listensForOperator: Bool, reusePort: Bool = false, bound: SocketAddress? = nil
    ) throws {
        let loop = edge.loop
        let address = try bound ?? edge.listen(on: configuration.listen, reusePort: reusePort)
        _ = try edge.listen(on: .unix(path: directory.controlSocketPath), reusePort: false, isControl: true)
        let patience = UInt64(configuration.drainMilliseconds) * 1_000_000
        edge.onDrained = { loop.stop() }
        edge.onDrain = { loop.schedule(afterNanoseconds: patience) { loop.stop() } }
        let mailboxes = loopMailboxes
        let (log, shared, supervisor) = (log.log, shared, supervisor)
        let signals = try Signals([SIGTERM, SIGINT, SIGHUP], on: loop) { signal in
            if signal == SIGHUP {
                log.info("nothing to re-read: settings that can change while running come with TLS")
                return
            }
            log.info("draining")
            shared.readiness.set(false)
            supervisor.stopping(status: "draining")
            for mailbox in mailboxes { _ = mailbox.post(.drain) }
        }
        if let interval = supervisor.watchdogIntervalNanoseconds {
            loop.schedule(afterNanoseconds: interval, repeating: true) { supervisor.alive() }
        }
        shared.readiness.set(true)
        log.info("listening on \(address)")
        supervisor.ready(status: "listening on \(address)")
        try loop.run()
        signals.close()
        edge.close()
        loop.close()
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
