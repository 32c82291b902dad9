public import Grid

/// What an agent says to its coordinator (docs/protocol-agent.md).
public enum AgentMessage: Hashable, Sendable {
    /// The first message of a session: who this is and what the machine is made of.
    case hello(AgentHello)
    /// The answer to the challenge.
    case proof(AgentProof)
    /// The machine's fixed facts changed during the session, as when a driver was loaded.
    case inventory(NodeSpecifications)
    case sample(NodeSample)
    /// `runs`: what the agent has, the first message after the welcome. At most ``Limits/runsPerNode``.
    case runs([RunHolding])
    /// `started`, `progress`, `log` or `result` of a run.
    case report(TaskReport)
    /// The agent leaves on purpose: the node is offline at once, without waiting for its lease.
    case goodbye(reason: String)
}

/// What a coordinator says to an agent (docs/protocol-agent.md).
public enum CoordinatorMessage: Hashable, Sendable {
    /// Prove that you hold the node's key.
    case challenge(AgentChallenge)
    /// The session is open.
    case welcome(AgentWelcome)
    /// Every sample of the stream up to and with this sequence number was received.
    case ack(sequence: UInt64)
    /// Sample at this interval from now on.
    case advice(intervalMilliseconds: UInt32)
    /// A message was not taken; or the session cannot be, and the connection is closed after it.
    case refused(code: String, message: String)
    /// `assign`, `cancel`, `stop` or `settled` of a run.
    case order(TaskOrder)
    /// The coordinator leaves on purpose; reconnect.
    case goodbye(reason: String)
}

extension CoordinatorMessage {
    /// The message for a refusal of ours.
    public static func refused(_ refusal: Refusal) -> CoordinatorMessage {
        .refused(code: refusal.code.rawValue, message: refusal.message)
    }
}

/// The first message of an agent's session.
public struct AgentHello: Hashable, Sendable {
    /// The version of the agent link that the agent speaks; ``AgentCodec/protocolVersion`` is ours.
    public var protocolVersion: Int
    /// The node, once enrolled.
    public var node: NodeID?
    /// The operator's single-use token, at enrolment.
    public var joinToken: String?
    /// The agent's Ed25519 public key, 32 bytes.
    public var publicKey: [UInt8]
    /// Drawn at the agent's start: samples are numbered from 1 within it.
    public var stream: UUID128
    /// The session that this one continues, as its `welcome` named it; only its owner knows it.
    public var previousSession: UUID128?
    public var specifications: NodeSpecifications
    /// `nil` leaves the operator's word at enrolment.
    public var location: NodeLocation?
    public var agentVersion: String

    public init(
        protocolVersion: Int = AgentCodec.protocolVersion, node: NodeID? = nil, joinToken: String? = nil,
        publicKey: [UInt8], stream: UUID128, previousSession: UUID128? = nil,
        specifications: NodeSpecifications, location: NodeLocation? = nil, agentVersion: String
    ) {
        precondition(publicKey.count == AgentProof.publicKeyBytes, "an Ed25519 public key has 32 bytes")
        self.protocolVersion = protocolVersion
        self.node = node
        self.joinToken = joinToken
        self.publicKey = publicKey
        self.stream = stream
        self.previousSession = previousSession
        self.specifications = specifications
        self.location = location
        self.agentVersion = agentVersion
    }
}

/// The coordinator's challenge to an agent that said hello.
public struct AgentChallenge: Hashable, Sendable {
    /// The coordinator's identity, so that a proof is worth nothing to another coordinator.
    public var coordinatorID: UUID128
    /// Fresh random bytes, ``nonceBytes`` of them.
    public var nonce: [UInt8]
    /// The node that the agent is, or becomes with this session.
    public var node: NodeID
    public static let nonceBytes = 32

    public init(coordinatorID: UUID128, nonce: [UInt8], node: NodeID) {
        precondition(nonce.count == Self.nonceBytes, "a nonce has 32 bytes")
        self.coordinatorID = coordinatorID
        self.nonce = nonce
        self.node = node
    }
}

/// The agent's answer to the challenge.
public struct AgentProof: Hashable, Sendable {
    /// Ed25519 over ``signedBytes(coordinatorID:nonce:node:)``, 64 bytes.
    public var signature: [UInt8]
    public static let signatureBytes = 64
    public static let publicKeyBytes = 32

    public init(signature: [UInt8]) {
        precondition(signature.count == Self.signatureBytes, "an Ed25519 signature has 64 bytes")
        self.signature = signature
    }

    /// What is signed: `neurogrid.agent.v1` ‖ coordinator id (16) ‖ nonce (32) ‖ node id (16), 82 bytes in all.
    public static func signedBytes(coordinatorID: UUID128, nonce: [UInt8], node: NodeID) -> [UInt8] {
        precondition(nonce.count == AgentChallenge.nonceBytes, "a nonce has 32 bytes")
        var bytes = Array("neurogrid.agent.v1".utf8)
        bytes.reserveCapacity(bytes.count + 64)
        appendWord(coordinatorID.high, to: &bytes)
        appendWord(coordinatorID.low, to: &bytes)
        bytes.append(contentsOf: nonce)
        appendWord(node.uuid.high, to: &bytes)
        appendWord(node.uuid.low, to: &bytes)
        return bytes
    }

    private static func appendWord(_ word: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// The coordinator's welcome: the session is open and samples may come.
public struct AgentWelcome: Hashable, Sendable {
    /// Names the session; a later hello presents it as ``AgentHello/previousSession``.
    public var session: UUID128
    /// Rises with every session of the node.
    public var epoch: UInt64
    /// How often to sample, within ``Limits/sampleIntervalMilliseconds``.
    public var intervalMilliseconds: UInt32
    /// The highest sequence number of the hello's stream that was received; what is not above it need not come again.
    public var acked: UInt64

    public init(session: UUID128, epoch: UInt64, intervalMilliseconds: UInt32, acked: UInt64) {
        self.session = session
        self.epoch = epoch
        self.intervalMilliseconds = intervalMilliseconds
        self.acked = acked
    }
}
