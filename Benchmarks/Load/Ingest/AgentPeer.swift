internal import Access
internal import Bytes
internal import Grid
internal import Reactor
internal import Web
internal import Wire

/// One simulated agent: enrols with a join token, proves its key, then sends what the run asks for.
final class AgentPeer: Peer {
    private let joinToken: String
    private var key: Ed25519KeyPair? = .generate()
    private unowned let fleet: AgentFleet
    /// Samples sent; the last one's number.
    private(set) var sent: UInt64 = 0
    /// The number up to which the coordinator acknowledged.
    private(set) var acknowledged: UInt64 = 0
    private let template: Int
    private var isWelcome = false

    init(fileDescriptor: Int32, crowd: Crowd, fleet: AgentFleet, number: Int) {
        self.fleet = fleet
        joinToken = fleet.joinTokens[number]
        template = number % fleet.templates.count
        super.init(fileDescriptor: fileDescriptor, crowd: crowd)
    }

    override func opened() {
        guard let key else { return }
        send(
            .hello(
                AgentHello(
                    joinToken: joinToken, publicKey: key.publicKey, stream: SecureRandom.uuid(),
                    specifications: SampleTemplate.specifications, agentVersion: "0.1.0")))
    }

    private func send(_ message: AgentMessage) {
        var buffer = ByteBuffer(capacity: 1024)
        AgentCodec.encode(message, into: &buffer)
        sendText(buffer)
    }

    override func message(_ bytes: UnsafeRawBufferPointer) {
        do {
            switch try AgentCodec.decodeCoordinatorMessage(bytes) {
            case .ack(let sequence):
                acknowledged = sequence
                fleet.acknowledgements += 1
            case .challenge(let challenge):
                let signed = AgentProof.signedBytes(
                    coordinatorID: challenge.coordinatorID, nonce: challenge.nonce, node: challenge.node)
                guard let key else { return fail("challenged twice") }
                send(.proof(AgentProof(signature: key.sign(signed))))
            case .welcome:
                // A key of OpenSSL's weighs kilobytes; thousands of agents need theirs no more.
                key = nil
                ready()
            case .advice: fleet.advices += 1
            case .refused(let code, let text): fail("the coordinator refuses: \(code), \(text)")
            case .goodbye(let reason): fail("the coordinator says goodbye: \(reason)")
            case .task: fail("a task nobody asked for")
            }
        } catch {
            fail("a message of the coordinator that cannot be read: \(error.refusal.message)")
        }
    }

    /// Queues the next sample; its uptime is the monotonic clock, so that whoever gets it knows its age.
    ///
    /// - Parameter nanoseconds: when it should go out.
    func sendSample(at nanoseconds: UInt64) {
        sent += 1
        fleet.payload.removeAll(keepingCapacity: true)
        fleet.templates[template].append(
            sequence: sent, takenAt: fleet.wallMilliseconds, uptime: nanoseconds, to: &fleet.payload)
        fleet.payload.withBytes { sendFrame(.text, $0) }
    }

    override func pong() { fleet.answered(self) }
}

/// The simulated agents of a run and what they share.
final class AgentFleet {
    let crowd: Crowd
    let joinTokens: [String]
    let templates = (0..<16).map { SampleTemplate(variant: $0) }
    /// Room for one sample.
    var payload = ByteBuffer(capacity: 4096)
    /// The wall clock, set once a turn.
    var wallMilliseconds: Int64 = 0
    var acknowledgements: UInt64 = 0
    var advices: UInt64 = 0
    /// An agent's ping was answered: everything before it was read.
    var answered: (AgentPeer) -> Void = { _ in }
    private(set) var agents: [AgentPeer] = []

    /// Enrols the agents through the control socket in `dataDirectory` and connects them.
    init(count: Int, dataDirectory: String, plan: LoadPlan, driver: LoadDriver) throws {
        let enroller = Enroller(count: count)
        enroller.begin(on: driver.loop, socketPath: dataDirectory + "/control.sock")
        driver.turn(forNanoseconds: 5 * LoadPlan.patienceNanoseconds) { enroller.isSettled }
        if let failure = enroller.failure { throw RunFailure(failure) }
        guard enroller.isSettled else { throw RunFailure("only \(enroller.tokens.count) nodes were enrolled in time") }
        joinTokens = enroller.tokens
        crowd = Crowd(loop: driver.loop, plan: plan, count: count)
    }

    /// Connects the agents and waits until all are welcome.
    func connect(driver: LoadDriver, target: SocketAddress) throws {
        crowd.begin(
            make: { [unowned self] descriptor, number in
                AgentPeer(fileDescriptor: descriptor, crowd: crowd, fleet: self, number: number)
            },
            open: { $0.open(path: "/agent", host: target.description, subprotocols: [AgentCodec.subprotocol]) })
        try driver.settle(crowd)
        agents = crowd.peers.compactMap { $0 as? AgentPeer }
        wallMilliseconds = Clock.wallMilliseconds()
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
