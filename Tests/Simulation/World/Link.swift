internal import Grid
internal import Hub

/// What an agent says over its link.
enum UpMessage {
    case hello
    case proof
    case sample(NodeSample)
    /// With the time of its sending, which the answer carries back.
    case ping(UInt64)
    case runs([RunHolding])
    case report(TaskReport)
    case goodbye
    /// The agent's end is closed.
    case closed
}

/// What the coordinator says over an agent's link.
enum DownMessage {
    case challenge
    case welcome(AgentWelcome)
    case pong(UInt64)
    case order(TaskOrder)
    /// The coordinator's end is closed; `true` where it said that the agent is not wanted any more.
    case closed
}

/// One connection between an agent and one start of the coordinator. What is said over it stays in order; what was said
/// before it broke may arrive after a newer connection's first words, as TCP allows.
final class Link {
    let session: SessionID
    let agent: Int
    /// Which start of the coordinator it leads to.
    let coordinatorStart: Int
    /// The ends that still send and listen.
    var isOpenAtAgent = true
    var isOpenAtCoordinator = true
    var isEstablishedAtCoordinator = false
    /// Whether the Hub has heard of the session and not of its end.
    var isKnownToHub = false
    /// When the last message so far arrives, each way.
    var lastUp: UInt64 = 0
    var lastDown: UInt64 = 0
    /// What a cut holds back.
    var stuckUp: [UpMessage] = []
    var stuckDown: [DownMessage] = []
    /// When the coordinator last got anything over it.
    var heardAt: UInt64 = 0

    init(number: UInt64, agent: Int, coordinatorStart: Int) {
        session = SessionID(bits: Self.sessionBase + number)
        self.agent = agent
        self.coordinatorStart = coordinatorStart
    }

    /// Agents' sessions are numbered from here, clients' below.
    static let sessionBase: UInt64 = 1 << 32
}
