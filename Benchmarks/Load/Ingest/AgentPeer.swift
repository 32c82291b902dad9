internal import Access
internal import Bytes
internal import Grid
internal import Reactor
internal import Web
internal import Wire

/// What a simulated agent keeps from one connection to the next.
final class AgentIdentity {
    let number: Int
    let joinToken: String
    let key = Ed25519KeyPair.generate()
    let stream = SecureRandom.uuid()
    /// The node that the coordinator challenged it as, and the session that it welcomed last.
    var node: NodeID?
    var session: UUID128?
    /// Samples sent; the last one's number.
    var sent: UInt64 = 0
    /// The number up to which the coordinator acknowledged.
    var acknowledged: UInt64 = 0

    init(number: Int, joinToken: String) {
        self.number = number
        self.joinToken = joinToken
    }
}

/// One connection of a simulated agent: says hello, proves its key, then sends what the run asks for.
final class AgentPeer: Peer {
    let identity: AgentIdentity
    private unowned let fleet: AgentFleet
    /// Samples sent; the last one's number.
    var sent: UInt64 { identity.sent }
    /// The number up to which the coordinator acknowledged.
    var acknowledged: UInt64 { identity.acknowledged }

    init(fileDescriptor: Int32, crowd: Crowd, fleet: AgentFleet, identity: AgentIdentity) {
        self.fleet = fleet
        self.identity = identity
        super.init(fileDescriptor: fileDescriptor, crowd: crowd)
    }

    override func opened() {
        fleet.opened()
        say(
            .hello(
                AgentHello(
                    node: identity.node, joinToken: identity.node == nil ? identity.joinToken : nil,
                    publicKey: identity.key.publicKey, stream: identity.stream, previousSession: identity.session,
                    specifications: SampleTemplate.specifications(of: identity.number), agentVersion: "0.1.0")))
    }

    /// Queues a message.
    func say(_ message: AgentMessage) {
        var buffer = ByteBuffer(capacity: 1024)
        AgentCodec.encode(message, into: &buffer)
        sendText(buffer)
    }

    override func message(_ bytes: UnsafeRawBufferPointer) {
        do {
            switch try AgentCodec.decodeCoordinatorMessage(bytes) {
            case .ack(let sequence):
                identity.acknowledged = sequence
                fleet.acknowledgements += 1
            case .challenge(let challenge):
                let signed = AgentProof.signedBytes(
                    coordinatorID: challenge.coordinatorID, nonce: challenge.nonce, node: challenge.node)
                identity.node = challenge.node
                say(.proof(AgentProof(signature: identity.key.sign(signed))))
            case .welcome(let welcome):
                identity.session = welcome.session
                fleet.welcomed(self)
            case .advice: fleet.advices += 1
            case .refused(let code, let text): fail("the coordinator refuses: \(code), \(text)")
            case .goodbye(let reason): fail("the coordinator says goodbye: \(reason)")
            case .order(let order): fleet.ordered(self, order)
            }
        } catch {
            fail("a message of the coordinator that cannot be read: \(error.refusal.message)")
        }
    }

    /// Queues the next sample; its uptime is the monotonic clock, so that whoever gets it knows its age.
    ///
    /// - Parameter nanoseconds: when it should go out.
    func sendSample(at nanoseconds: UInt64) {
        identity.sent += 1
        fleet.payload.removeAll(keepingCapacity: true)
        fleet.templates[identity.number % fleet.templates.count].append(
            sequence: sent, takenAt: fleet.wallMilliseconds, uptime: nanoseconds, to: &fleet.payload)
        fleet.payload.withBytes { sendFrame(.text, $0) }
    }

    override func pong() { fleet.answered(self) }

    override func lost(_ reason: String) { fleet.lost(self, reason) }
}

/// The simulated agents of a run and what they share.
final class AgentFleet {
    let crowd: Crowd
    let identities: [AgentIdentity]
    let templates = (0..<16).map { SampleTemplate(variant: $0) }
    /// Room for one sample.
    var payload = ByteBuffer(capacity: 4096)
    /// The wall clock, set once a turn.
    var wallMilliseconds: Int64 = 0
    var acknowledgements: UInt64 = 0
    var advices: UInt64 = 0
    /// An agent's ping was answered: everything before it was read.
    var answered: (AgentPeer) -> Void = { _ in }
    /// An agent's WebSocket is open.
    var opened: () -> Void = {}
    /// The session of an agent stands.
    var welcomed: (AgentPeer) -> Void = { $0.ready() }
    /// The coordinator orders something of an agent.
    var ordered: (AgentPeer, TaskOrder) -> Void = { agent, _ in agent.fail("a task nobody asked for") }
    /// An agent's connection was lost, for that reason.
    var lost: (AgentPeer, String) -> Void
    private(set) var agents: [AgentPeer] = []

    /// Enrols the agents through the control socket in `dataDirectory` and connects them.
    init(count: Int, dataDirectory: String, plan: LoadPlan, driver: LoadDriver) throws {
        let enroller = Enroller(count: count)
        enroller.begin(on: driver.loop, socketPath: dataDirectory + "/control.sock")
        driver.turn(forNanoseconds: 5 * LoadPlan.patienceNanoseconds) { enroller.isSettled }
        if let failure = enroller.failure { throw RunFailure(failure) }
        guard enroller.isSettled else { throw RunFailure("only \(enroller.tokens.count) nodes were enrolled in time") }
        identities = enroller.tokens.enumerated().map { AgentIdentity(number: $0.offset, joinToken: $0.element) }
        let crowd = Crowd(loop: driver.loop, plan: plan, count: count)
        self.crowd = crowd
        lost = { _, reason in crowd.failed(reason) }
    }

    /// Connects the agents and waits until all are welcome.
    func connect(driver: LoadDriver, target: SocketAddress) throws {
        crowd.begin(
            make: { [unowned self] descriptor, number in
                AgentPeer(fileDescriptor: descriptor, crowd: crowd, fleet: self, identity: identities[number])
            }, open: { Self.open($0, target) })
        try driver.settle(crowd)
        agents = crowd.peers.compactMap { $0 as? AgentPeer }
        wallMilliseconds = Clock.wallMilliseconds()
    }

    /// Opens an agent's WebSocket.
    static func open(_ peer: Peer, _ target: SocketAddress) {
        peer.open(path: "/agent", host: target.description, subprotocols: [AgentCodec.subprotocol])
    }

    /// Bytes of one sample's text, as the first template has it.
    var sampleBytes: Int {
        var buffer = ByteBuffer()
        templates[0].append(
            sequence: 100, takenAt: Clock.wallMilliseconds(), uptime: Clock.monotonicNanoseconds(), to: &buffer)
        return buffer.count
    }

    /// Samples sent, and those of them that were acknowledged.
    var sent: UInt64 { agents.reduce(0) { $0 + $1.sent } }
    var acknowledged: UInt64 { agents.reduce(0) { $0 + $1.acknowledged } }
}
