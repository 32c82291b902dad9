internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// An agent's link, from its hello to its last sample: who it is, and what it may say when.
///
/// The Hub decides; this side holds what must not leave the edge (the nonce) and checks the signature.
final class AgentSession {
    /// What the handshake remembers lies apart: thousands of established links have no room for it.
    private enum Stage {
        case awaitingHello
        /// The Hub looks for the node.
        indirect case greeted(AgentHello)
        indirect case challenged(AgentHello, AgentChallenge)
        /// The signature was right; the Hub registers the session.
        case proved
        case established
        case refused
    }

    private var stage = Stage.awaitingHello
    private unowned let connection: EdgeConnection
    private let edge: Edge
    /// The session's name for the agent: what it presents when it comes back.
    private let uuid = SecureRandom.uuid()
    /// Messages of this link that could not be read.
    private var faults: UInt8 = 0
    /// What its runs may write.
    private var logBudget = LogBudget()
    /// Whether the Hub has heard of the session, so that it has to hear of its end.
    private var isKnownToHub = false

    /// Unreadable messages after which a link is closed.
    private static let faultLimit: UInt8 = 10

    init(connection: EdgeConnection, edge: Edge) {
        self.connection = connection
        self.edge = edge
    }

    /// Whether the handshake is over.
    var isEstablished: Bool {
        if case .established = stage { true } else { false }
    }

    /// Whether the agent has said what it had to say so far: the next word of the handshake is ours.
    var isOurTurn: Bool {
        switch stage {
        case .greeted, .proved: true
        case .awaitingHello, .challenged, .established, .refused: false
        }
    }

    // MARK: From the agent

    /// One message of the agent.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        do {
            if try AgentCodec.decodeSample(bytes, into: &edge.sample) {
                take(edge.sample)
            } else {
                handle(try AgentCodec.decodeAgentMessage(bytes))
            }
        } catch {
            refuseMessage(error.refusal)
        }
    }

    private func take(_ sample: NodeSample) {
        guard case .established = stage else {
            refuseMessage(Refusal(.outOfOrder, "samples follow the welcome"))
            return
        }
        edge.push(sample: sample, of: connection.sessionID)
    }

    /// A report goes to the Hub in its turn, but for what a run writes beyond its node's budget.
    private func take(_ report: TaskReport) {
        if case .log(let chunk) = report.body {
            guard logBudget.admit(bytes: chunk.text.utf8.count, now: edge.loop.now) else {
                edge.counters.violations[.logRate] += 1
                return
            }
        }
        edge.push(.taskReported(connection.sessionID, report))
    }

    private func handle(_ message: AgentMessage) {
        switch (message, stage) {
        case (.hello(let hello), .awaitingHello):
            greet(hello)
        case (.inventory(let specifications), .established):
            edge.push(.agentInventory(connection.sessionID, specifications))
        case (.proof(let proof), .challenged(let hello, let challenge)):
            prove(proof, hello, challenge)
        case (.goodbye, _):
            goodbye()
        case (.runs(let runs), .established):
            edge.push(.runsHeld(connection.sessionID, runs))
        case (.report(let report), .established):
            take(report)
        default:
            refuseMessage(Refusal(.outOfOrder, "this message has no place at this stage of the session"))
        }
    }

    private func greet(_ hello: AgentHello) {
        guard hello.node != nil || hello.joinToken != nil else {
            refuse(Refusal(.invalidMessage, "hello needs a node or a join_token"))
            return
        }
        guard !edge.shared.readiness.isStalled else {
            // A session begins with a record on disk: it could be welcomed no sooner than the disk has room.
            refuse(Refusal(.unavailable, "the store's disk is full"))
            return
        }
        stage = .greeted(hello)
        isKnownToHub = true
        let digest = hello.joinToken.map { SHA256.digest($0) }
        edge.push(
            .agentHello(
                connection.sessionID,
                AgentGreeting(node: hello.node, tokenDigest: digest, publicKey: hello.publicKey)))
    }

    private func prove(_ proof: AgentProof, _ hello: AgentHello, _ challenge: AgentChallenge) {
        let signed = AgentProof.signedBytes(
            coordinatorID: challenge.coordinatorID, nonce: challenge.nonce, node: challenge.node)
        guard Ed25519KeyPair.verify(signature: proof.signature, of: signed, publicKey: hello.publicKey) else {
            refuse(Refusal(.invalidProof, "the signature does not match the public key"))
            return
        }
        stage = .proved
        var introduction = AgentIntroduction(
            node: challenge.node, tokenDigest: hello.joinToken.map { SHA256.digest($0) },
            publicKey: hello.publicKey, stream: hello.stream, previousSession: hello.previousSession,
            specifications: hello.specifications, location: hello.location, session: uuid)
        introduction.keyFingerprint = KeyFingerprint(publicKey: hello.publicKey).digest
        edge.push(.agentProved(connection.sessionID, introduction))
    }

    private func goodbye() {
        endForHub(goodbye: true)
        stage = .refused
        connection.closeWebSocket(code: CloseReason.normal.code, reason: "goodbye")
    }

    /// A message that cannot be taken is answered; a link that goes on with them is closed.
    private func refuseMessage(_ refusal: Refusal) {
        faults += 1
        edge.counters.violations[.badMessage] += 1
        send(.refused(refusal))
        guard faults >= Self.faultLimit else { return }
        countFailure()
        connection.punish(.badMessage, "messages that cannot be read")
    }

    /// The session cannot be: the agent is told why, and whether to come back the same way.
    private func refuse(_ refusal: Refusal) {
        send(.refused(refusal))
        edge.shared.log.agentRefused(peer: connection.peer, refusal)
        let isOurs = refusal.code == .unavailable
        if !isOurs { countFailure() }
        stage = .refused
        let reason = isOurs ? CloseReason.tryLater : CloseReason.refused
        connection.closeWebSocket(code: reason.code, reason: refusal.code.rawValue)
    }

    /// An agent that does not go on keeps a place in the handshake from others.
    func handshakeTimedOut() { countFailure() }

    /// Counts a handshake that its agent has to answer for.
    private func countFailure() {
        guard !isEstablished else { return }
        edge.shared.handshakes.failed(connection.peer.network, now: edge.loop.now)
    }

    private func endForHub(goodbye: Bool) {
        guard isKnownToHub else { return }
        isKnownToHub = false
        edge.push(.agentGone(connection.sessionID, goodbye: goodbye))
    }

    /// The agent pinged, or answered a ping.
    func heard() {
        if isEstablished { edge.push(.agentHeard(connection.sessionID)) }
    }

    /// The connection is gone without a goodbye.
    func lost() {
        endForHub(goodbye: false)
        stage = .refused
    }

    // MARK: From the Hub

    /// Carries out one of the Hub's effects on this link.
    func perform(_ effect: Effect) {
        switch effect {
        case .agentChallenge(_, let node):
            guard case .greeted(let hello) = stage else { return }
            let challenge = AgentChallenge(
                coordinatorID: edge.shared.coordinatorID, nonce: SecureRandom.bytes(AgentChallenge.nonceBytes),
                node: node)
            stage = .challenged(hello, challenge)
            send(.challenge(challenge))
        case .agentWelcome(_, let welcome):
            guard case .proved = stage else { return }
            stage = .established
            connection.establishAgent()
            send(
                .welcome(
                    Wire.AgentWelcome(
                        session: uuid, epoch: welcome.epoch, intervalMilliseconds: welcome.intervalMilliseconds,
                        acked: welcome.acked)))
        case .agentAck(_, let sequence):
            send(.ack(sequence: sequence))
        case .agentAdvice(_, let milliseconds):
            send(.advice(intervalMilliseconds: milliseconds))
        case .agentTask(_, let order):
            // A session that has just been fenced has nothing to run.
            guard case .established = stage else { return }
            send(.order(order))
        case .agentRefused(_, let refusal):
            refuse(refusal)
        case .agentFenced:
            stage = .refused
            connection.closeWebSocket(code: CloseReason.fenced.code, reason: CloseReason.fenced.text)
        default:
            preconditionFailure("an effect for a subscriber reached an agent")
        }
    }

    /// Says goodbye because the coordinator drains.
    func drain() { send(.goodbye(reason: "drain")) }

    private func send(_ message: CoordinatorMessage) {
        var buffer = ByteBuffer(capacity: 256)
        AgentCodec.encode(message, into: &buffer)
        connection.sendText(buffer)
    }
}
