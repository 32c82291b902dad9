internal import Access
internal import Fanout
internal import Grid
internal import Reactor
internal import Web
internal import Wire
import Synchronization

/// What all edges of one coordinator have in common; made once at start, never changed but for what says so itself.
final class EdgeShared: Sendable {
    let configuration: CoordinatorConfiguration
    let coordinatorID: UUID128
    /// Drawn at each start; part of the names that clients see of their sessions.
    let bootID: UInt64
    let authenticator: Authenticator
    let revocations: Revocations
    let apiKeys: APIKeyTable
    /// Mints the operator's tokens.
    let signer: JWTSigner
    let limiter: ConnectionLimiter
    let handshakes: HandshakeLimiter
    let budget: ConnectionBudget
    /// Connections that speak NeuroGraph.
    let neurographPlaces: ConnectionBudget
    let clients: ClientTable
    /// What a client may send; `nil` where it may send anything.
    let clientRate: ByteBudget.Rate?
    let pulse: Pulse
    let crossings: Crossings
    let startedAt: Timestamp
    /// Who subscribes to what, a dialect each.
    private let rosters = Dialect.allCases.map { _ in SubscriptionRoster() }
    /// Bytes that all connections keep of unfinished messages.
    let unfinished = UnfinishedBytes()
    let server: ServerSettings
    let engineIO = EngineIOSettings(
        pingIntervalMilliseconds: Limits.engineIOPingIntervalMilliseconds,
        pingTimeoutMilliseconds: Limits.engineIOPingTimeoutMilliseconds, payloadBytes: Limits.engineIOPayloadBytes,
        upgradeTimeoutMilliseconds: Limits.engineIOUpgradeMilliseconds,
        closeTimeoutMilliseconds: Limits.engineIOCloseMilliseconds, queueBytes: Limits.privateQueueBytes,
        answerPackets: Limits.engineIOAnswerPackets)
    let routes: Routes
    let log: CoordinatorLog
    let readiness: Readiness
    /// nil: the listeners speak plainly.
    let tls: EdgeTLS?

    init(
        configuration: CoordinatorConfiguration, coordinatorID: UUID128, bootID: UInt64,
        verifier: JWTVerifier, revocations: Revocations, apiKeys: APIKeyTable = APIKeyTable(), signer: JWTSigner,
        log: CoordinatorLog,
        readiness: Readiness, crossings: Crossings, tls: EdgeTLS?
    ) {
        self.configuration = configuration
        self.coordinatorID = coordinatorID
        self.bootID = bootID
        self.revocations = revocations
        self.apiKeys = apiKeys
        authenticator = Authenticator(verifier: verifier, revocations: revocations)
        self.crossings = crossings
        pulse = Pulse(threads: crossings.loops.count + 1)
        startedAt = HubDesk.now().wall
        let limits = configuration.limits
        clientRate = ByteBudget.Rate(
            messages: limits.messagesPerConnectionPerMinute, messageBytes: limits.messageBytes)
        budget = ConnectionBudget(
            limit: ConnectionBudget.limit(
                configured: limits.connections,
                descriptors: min(ProcessReadings.descriptorLimit, SessionAddress.slots),
                reserve: Limits.reservedDescriptors))
        let places = limits.neurographConnections
        neurographPlaces = ConnectionBudget(limit: places > 0 ? places : .max)
        clients = ClientTable(limit: limits.bufferedEventsPerClient)
        self.signer = signer
        self.log = log
        self.readiness = readiness
        self.tls = tls
        limiter = ConnectionLimiter(
            perMinute: configuration.limits.connectionsPerIPPerMinute,
            concurrent: configuration.limits.connectionsPerIP)
        handshakes = HandshakeLimiter(perMinute: configuration.limits.connectionsPerIPPerMinute)
        server = ServerSettings(
            assemblyNanoseconds: UInt64(configuration.limits.messageAssemblyMilliseconds) * 1_000_000)
        routes = Routes(
            configuration: configuration, authenticator: authenticator, readiness: readiness,
            needsAgentCertificates: tls?.files.clientAuthorities != nil)
    }

    /// Who subscribes to what in a dialect whose statistics tell.
    func roster(_ dialect: Dialect) -> SubscriptionRoster { rosters[Int(dialect.rawValue)] }
}

/// The ways from thread to thread: every loop's mailbox and the Hub's.
struct Crossings: Sendable {
    var hub: Mailbox<HubMessage>
    var loops: [Mailbox<EdgeMessage>]

    /// Asks a thread for a sign of life: the loops by their numbers, behind them the Hub.
    ///
    /// - Returns: `false` while its mailbox is full.
    func beat(_ thread: Int) -> Bool {
        thread < loops.count ? loops[thread].post(.beat) : hub.post(.beat)
    }
}

/// Whether the coordinator takes work: false before the listeners stand and from the start of a drain.
final class Readiness: Sendable {
    private let ready = Atomic<Bool>(false)
    private let stalled = Atomic<Bool>(false)

    var isReady: Bool { ready.load(ordering: .acquiring) }

    /// Whether the store's disk is full, so that nothing new can be promised.
    var isStalled: Bool { stalled.load(ordering: .acquiring) }

    /// Whether work is taken and can be promised: what load balancers ask.
    var isHealthy: Bool { isReady && !isStalled }

    func setStalled(_ value: Bool) { stalled.store(value, ordering: .releasing) }

    func set(_ value: Bool) { ready.store(value, ordering: .releasing) }
}

/// What unfinished messages hold, over all loops.
final class UnfinishedBytes: Sendable {
    private let total = Atomic<Int>(0)

    /// Counts a change of one connection's share. - Returns: whether all of them are more than may be.
    func add(_ change: Int) -> Bool {
        total.add(change, ordering: .relaxed).newValue > Limits.assemblyBytesTotal
    }

    /// All of them.
    var count: Int { total.load(ordering: .relaxed) }
}
