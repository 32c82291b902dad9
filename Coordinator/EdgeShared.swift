internal import Access
internal import Fanout
internal import Grid
internal import Reactor
import Synchronization

/// What all edges of one coordinator have in common; made once at start, never changed but for what says so itself.
final class EdgeShared: Sendable {
    let configuration: CoordinatorConfiguration
    let coordinatorID: UUID128
    /// Drawn at each start; part of the names that clients see of their sessions.
    let bootID: UInt64
    let authenticator: Authenticator
    /// Mints the operator's tokens.
    let signer: JWTSigner
    let limiter: ConnectionLimiter
    let handshakes: HandshakeLimiter
    /// Bytes that all connections keep of unfinished messages.
    let unfinished = UnfinishedBytes()
    let server: ServerSettings
    let routes: Routes
    let log: CoordinatorLog
    let readiness: Readiness
    /// nil: the listeners speak plainly.
    let tls: EdgeTLS?

    init(
        configuration: CoordinatorConfiguration, coordinatorID: UUID128, bootID: UInt64,
        authenticator: Authenticator, signer: JWTSigner, log: CoordinatorLog, readiness: Readiness, tls: EdgeTLS?
    ) {
        self.configuration = configuration
        self.coordinatorID = coordinatorID
        self.bootID = bootID
        self.authenticator = authenticator
        self.signer = signer
        self.log = log
        self.readiness = readiness
        self.tls = tls
        limiter = ConnectionLimiter(
            perMinute: configuration.limits.connectionsPerIPPerMinute,
            concurrent: configuration.limits.connectionsPerIP)
        handshakes = HandshakeLimiter(perMinute: configuration.limits.connectionsPerIPPerMinute)
        server = ServerSettings()
        routes = Routes(
            configuration: configuration, authenticator: authenticator, readiness: readiness,
            needsAgentCertificates: tls?.files.clientAuthorities != nil)
    }
}

/// Whether the coordinator takes work: false before the listeners stand and from the start of a drain.
final class Readiness: Sendable {
    private let ready = Atomic<Bool>(false)
    private let stalled = Atomic<Bool>(false)

    var isReady: Bool { ready.load(ordering: .acquiring) }

    /// Whether the store's disk is full, so that nothing new can be promised.
    var isStalled: Bool { stalled.load(ordering: .acquiring) }

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
}
