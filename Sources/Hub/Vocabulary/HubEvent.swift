public import Grid

/// Everything that can happen to the Hub: the closed list of its inputs.
public enum HubEvent: Sendable {
    // The operator
    /// A join token was minted for a new node; answered with ``Answer/enrolled(_:)`` once it is stored.
    indirect case enrolmentRequested(RequestID, EnrolmentRequest)
    /// A token is to be minted for a user, who is remembered. Answered once that is stored.
    case tokenRequested(RequestID, UserID, Permissions)
    /// An administrator notifies everybody; answered with ``Answer/notified(_:_:)`` once that is stored.
    indirect case notificationRequested(RequestID, NotificationRequest)
    /// Somebody raises an alert; answered with ``Answer/alertRaised(_:)`` once that is stored, and with
    /// ``Answer/alert(_:)`` where one of that kind is open already.
    indirect case alertRequested(RequestID, AlertRequest)
    /// An operator acknowledges or resolves an alert. Answered with ``Answer/alert(_:)``.
    indirect case alertStepRequested(RequestID, AlertID, AlertWish, by: UserID)
    /// Somebody tells of a prediction; answered with ``Answer/predicted(_:_:)`` once that is stored.
    indirect case predictionRequested(RequestID, PredictionRequest)
    /// The coordinator wrote lines into its log; needed only while ``Hub/isLogViewed``.
    case linesLogged([LogLine])
    /// Tokens are to be taken back. Answered once that is stored and the edges were told.
    indirect case revocationRequested(RequestID, Revocation.Subject)

    /// An API key was drawn for a user. Answered with ``Answer/recorded`` once that is stored and the edges know it.
    indirect case apiKeyRequested(RequestID, APIKeyRequest)
    /// An API key is to be taken back. Answered with ``Answer/apiKey(_:)`` once that is stored and the edges were told.
    indirect case apiKeyRevocationRequested(RequestID, APIKeyReference)
    /// Somebody was let in with an API key.
    case apiKeyUsed(APIKeyID)

    /// An operator adds to a user's balance. Answered with ``Answer/deposited(_:)`` once that is stored.
    indirect case depositRequested(RequestID, DepositRequest)
    /// An operator wants nothing new to go to a node, or lets it in again; its tasks go on. Answered with
    /// ``Answer/node(_:)``.
    case nodeDrainRequested(RequestID, NodeID, drains: Bool, by: UserID)
    /// An operator keeps a node out, with its tasks taken from it, or trusts it again. Answered likewise.
    indirect case nodeQuarantineRequested(RequestID, NodeID, isQuarantined: Bool, detail: String, by: UserID)

    // Tasks
    /// Tasks are submitted together, all or none; answered with ``Answer/submitted(_:)`` once they are stored.
    indirect case tasksSubmitted(RequestID, [TaskSubmission])
    /// A task is not wanted any more; answered with ``Answer/task(_:)``.
    case taskCancelRequested(RequestID, TaskReference, Asker)
    /// All tasks of a job are not wanted any more; answered with ``Answer/job(_:)``.
    case jobCancelRequested(RequestID, String, Asker)
    /// An outside party sets a task's fee (TriggerX); answered with ``Answer/task(_:)``.
    case taskFeeSet(RequestID, TaskReference, feeMicros: Int64, Asker)
    /// An outside party tells of an external task's execution (TriggerX), and where that leaves it; answered with
    /// ``Answer/task(_:)``.
    indirect case taskExecutionSet(RequestID, TaskReference, TaskExecution, state: TaskState?, Asker)
    /// What an agent says about runs, in the order in which it said it.
    indirect case taskReported(SessionID, TaskReport)
    /// The runs an agent has; the first message after its welcome.
    case runsHeld(SessionID, [RunHolding])

    // Agents
    /// An agent said who it wants to be; nothing is proved yet.
    case agentHello(SessionID, AgentGreeting)
    /// An agent signed its challenge; the edge has verified the signature with the introduction's key.
    indirect case agentProved(SessionID, AgentIntroduction)
    /// An agent noticed that its machine is not as its hello described it.
    indirect case agentInventory(SessionID, NodeSpecifications)
    /// The samples of one turn of a loop, in the order in which they arrived.
    case samplesTaken([SampleArrival])
    /// A heartbeat: the agent lives, though it had nothing to tell.
    case agentHeard(SessionID)
    /// An agent's connection ended; `goodbye` tells whether the agent announced it.
    case agentGone(SessionID, goodbye: Bool)

    // Subscribers
    /// A client has authenticated. A session that was open already begins anew, with no rooms.
    indirect case sessionOpened(SessionID, Subscriber)
    /// A client wants to look at a room; `since` is where it left off.
    indirect case joinRequested(SessionID, room: Room, filter: RoomFilter, since: LogPosition?)
    /// A client no longer wants to look at a room.
    case leaveRequested(SessionID, Room)
    /// The connection of a session has sent what it was given of a replay of that log.
    case replayWanted(SessionID, BaseRoom)
    /// A client whose session was just opened wants to follow several rooms as one stream; `since` is where it left
    /// off, in some or all of their logs. Answered for all of them together.
    indirect case streamRequested(SessionID, [StreamRoom], since: [RoomPosition])
    /// The connection of a session has sent what it was given of its stream's replay.
    case streamWanted(SessionID)
    /// A client's connection ended.
    case sessionClosed(SessionID, because: ConnectionEnding = .lost)
    /// A connection ended whose client may come back: what comes in its rooms is kept for it, and what stands behind
    /// those places, up to which it was given the logs.
    indirect case sessionLeft(SessionID, at: [RoomPosition], because: ConnectionEnding = .lost)
    /// The client of a former session is back: it wants to see these rooms, and first what was kept for it of them, at
    /// most `limit` events, the newest (0 = all). Told by ``Effect/returned(_:dropped:)``, once the former has left.
    indirect case returnRequested(SessionID, from: SessionID, rooms: [Room], limit: Int)

    // Channels
    /// Something is to be said in a channel, or to everybody; answered with ``Answer/broadcast``.
    indirect case broadcastRequested(RequestID, ChannelMessage)
    /// The coordinator's process was measured: the channel `metrics` is told how the coordinator does.
    case processMeasured(ProcessReading)

    // Reads and time
    /// A question that gets exactly one ``Effect/answer(_:_:)`` and changes nothing.
    case query(RequestID, Query)
    /// Ends the leases and opens the acknowledgement windows that are due. To be applied at
    /// ``Hub/nextDeadlineNanoseconds`` at the latest, after everything that was read before it, so that the
    /// coordinator's own delay never counts as an agent's silence.
    case timePassed
    /// The coordinator is about to stop: nobody new is let in.
    case drainStarted
}

/// A task by one of its names.
public enum TaskReference: Hashable, Sendable {
    case id(TaskID)
    case number(UInt64)
}

/// Who asks about tasks or money: what is somebody else's looks like what does not exist, but to administrators.
public struct Asker: Hashable, Sendable {
    public var user: UserID
    public var isAdmin: Bool
    public init(user: UserID, isAdmin: Bool) {
        self.user = user
        self.isAdmin = isAdmin
    }
}

/// An operator's wish for a new node. Texts are checked by the Hub.
public struct EnrolmentRequest: Hashable, Sendable {
    /// Drawn at random by the caller.
    public var node: NodeID
    public var owner: UserID
    public var name: String
    public var location: NodeLocation
    /// In millionths of a US dollar per hour, not negative; `nil` where the operator named none.
    public var pricePerHourMicros: Int64?
    /// Of the join token, which the Hub never sees.
    public var tokenDigest: Digest256
    /// How long the token may wait for its agent: 1 second to 7 days.
    public var timeToLiveSeconds: Int64

    public init(
        node: NodeID, owner: UserID, name: String, location: NodeLocation = NodeLocation(),
        pricePerHourMicros: Int64? = nil, tokenDigest: Digest256, timeToLiveSeconds: Int64
    ) {
        self.node = node
        self.owner = owner
        self.name = name
        self.location = location
        self.pricePerHourMicros = pricePerHourMicros
        self.tokenDigest = tokenDigest
        self.timeToLiveSeconds = timeToLiveSeconds
    }
}

/// An operator's wish for an API key. Texts are checked by the Hub.
public struct APIKeyRequest: Hashable, Sendable {
    /// Drawn at random by the caller.
    public var id: APIKeyID
    /// Of the key, which the Hub never sees.
    public var digest: Digest256
    public var owner: UserID
    /// For people; may be empty.
    public var name: String
    /// Requests and messages a minute, 0 to ``Grid/Limits/apiKeyRateMost``; 0 = no limit.
    public var ratePerMinute: Int
    /// How long it is good, 1 to ``Grid/Limits/apiKeyTermSeconds``; `nil`: until it is taken back.
    public var timeToLiveSeconds: Int64?

    public init(
        id: APIKeyID, digest: Digest256, owner: UserID, name: String = "",
        ratePerMinute: Int = Limits.apiKeyRatePerMinute, timeToLiveSeconds: Int64? = nil
    ) {
        self.id = id
        self.digest = digest
        self.owner = owner
        self.name = name
        self.ratePerMinute = ratePerMinute
        self.timeToLiveSeconds = timeToLiveSeconds
    }
}

/// An administrator's wish to say something to everybody.
public struct NotificationRequest: Hashable, Sendable {
    /// Drawn at random by the caller.
    public var id: UUID128
    public var sender: UserID
    /// What the sender named this request: the same name again is the same request.
    public var key: String?
    public var content: NotificationContent

    public init(id: UUID128, sender: UserID, key: String? = nil, content: NotificationContent) {
        self.id = id
        self.sender = sender
        self.key = key
        self.content = content
    }
}

/// Somebody's wish to raise an alert.
public struct AlertRequest: Hashable, Sendable {
    /// Drawn at random by the caller.
    public var id: AlertID
    public var sender: UserID
    /// What the sender named this request: the same name again is the same request.
    public var key: String?
    public var content: AlertContent

    public init(id: AlertID, sender: UserID, key: String? = nil, content: AlertContent) {
        self.id = id
        self.sender = sender
        self.key = key
        self.content = content
    }
}

/// What an operator can do with an alert.
public enum AlertWish: Hashable, Sendable {
    case acknowledge, resolve
}

/// Somebody's wish to tell of a prediction.
public struct PredictionRequest: Hashable, Sendable {
    /// Drawn at random by the caller.
    public var id: UUID128
    public var sender: UserID
    /// What the sender named this request: the same name again is the same request.
    public var key: String?
    public var content: PredictionContent

    public init(id: UUID128, sender: UserID, key: String? = nil, content: PredictionContent) {
        self.id = id
        self.sender = sender
        self.key = key
        self.content = content
    }
}

/// What an agent's hello claims.
public struct AgentGreeting: Hashable, Sendable {
    /// The node it was enrolled as; `nil` before its enrolment.
    public var node: NodeID?
    /// Of the join token it brought, if any.
    public var tokenDigest: Digest256?
    /// Its Ed25519 public key, 32 bytes.
    public var publicKey: [UInt8]

    public init(node: NodeID? = nil, tokenDigest: Digest256? = nil, publicKey: [UInt8]) {
        self.node = node
        self.tokenDigest = tokenDigest
        self.publicKey = publicKey
    }
}

/// What an agent is, once it has proved that it holds its key.
public struct AgentIntroduction: Hashable, Sendable {
    /// The node named in the challenge.
    public var node: NodeID
    public var tokenDigest: Digest256?
    /// The key that verified the proof, 32 bytes.
    public var publicKey: [UInt8]
    /// Drawn when the agent started: its samples are numbered within it.
    public var stream: UUID128
    /// The ``AgentWelcome/session`` of the agent's previous session, known to nobody else.
    public var previousSession: UUID128?
    public var specifications: NodeSpecifications
    /// Where the agent believes to stand; fills in only what the operator left empty.
    public var location: NodeLocation?
    /// Drawn at random by the edge: the new session's secret.
    public var session: UUID128
    /// SHA-256 of ``publicKey``.
    public var keyFingerprint: Digest256?

    public init(
        node: NodeID, tokenDigest: Digest256? = nil, publicKey: [UInt8], stream: UUID128,
        previousSession: UUID128? = nil, specifications: NodeSpecifications, location: NodeLocation? = nil,
        session: UUID128
    ) {
        self.node = node
        self.tokenDigest = tokenDigest
        self.publicKey = publicKey
        self.stream = stream
        self.previousSession = previousSession
        self.specifications = specifications
        self.location = location
        self.session = session
    }
}

/// A sample and the session that brought it.
public struct SampleArrival: Hashable, Sendable {
    public var session: SessionID
    public var sample: NodeSample
    /// When the loop's turn began that took it off its socket, in monotonic nanoseconds; 0: at its `apply`.
    public var receivedNanoseconds: UInt64
    public init(session: SessionID, sample: NodeSample, receivedNanoseconds: UInt64 = 0) {
        self.session = session
        self.sample = sample
        self.receivedNanoseconds = receivedNanoseconds
    }
}

/// Who looks: an authenticated client's session.
public struct Subscriber: Hashable, Sendable {
    public var user: UserID
    public var permissions: Permissions
    /// Sessions of different audiences share no view (``ViewID/audience``).
    public var audience: UInt8
    /// The region named by the user's token, if any.
    public var region: String?
    /// Rooms that the session may be in at once, as its dialect says; 0 = no limit.
    public var roomLimit: Int
    /// Told to those who look at connections; `nil` tells of none.
    public var client: ClientFacts?

    public init(
        user: UserID, permissions: Permissions, audience: UInt8 = 0, region: String? = nil,
        roomLimit: Int = Limits.roomsPerConnection, client: ClientFacts? = nil
    ) {
        self.user = user
        self.permissions = permissions
        self.audience = audience
        self.region = region
        self.roomLimit = roomLimit
        self.client = client
    }
}
