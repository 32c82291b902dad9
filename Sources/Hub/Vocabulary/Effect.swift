public import Grid

/// Everything that the Hub can ask for: the closed list of its outputs, to be performed in order.
///
/// All ``persist(_:)`` and ``persistLater(_:)`` of one `apply` are one transaction. The effects behind a
/// ``persist(_:)`` in the same `apply` wait for its commit, and so do later effects that tell of what it stores.
public enum Effect: Sendable {
    /// An event for every session that looks through one of its views.
    indirect case publish(Publication)

    // Agents
    /// Challenge the agent to sign for this node.
    case agentChallenge(SessionID, node: NodeID)
    /// Tell the agent why and close the connection.
    case agentRefused(SessionID, Refusal)
    case agentWelcome(SessionID, AgentWelcome)
    /// Every sample up to and including this number of the session's stream was received.
    case agentAck(SessionID, sequence: UInt64)
    case agentAdvice(SessionID, intervalMilliseconds: UInt32)
    /// A newer session has taken over: tell the agent and close the connection.
    case agentFenced(SessionID)

    /// Tell the agent about one of its runs.
    indirect case agentTask(SessionID, TaskOrder)

    // Subscribers
    /// The session now looks at the room's log through that view, from behind that position on; `nil` = no longer.
    case viewChanged(SessionID, BaseRoom, ViewID?, from: LogPosition)
    /// The session is in the room: what follows stands behind that position. `recovery` answers a `since`; `nil` where
    /// there was none.
    case roomJoined(SessionID, Room, LogPosition, recovery: Recovery?)
    /// A piece of what the session missed; the next one is asked for by ``HubEvent/replayWanted(_:_:)``.
    indirect case replay(Replay)
    /// The session follows these rooms as one stream.
    indirect case streamOpened(SessionID, [StreamOpening])
    /// A piece of what such a session has not seen; the next one is asked for by ``HubEvent/streamWanted(_:)``.
    indirect case streamReplay(StreamReplay)
    /// The session now looks at all rooms of its stream.
    indirect case streamLive(SessionID, [StreamLook])
    /// The log has let go of what the session still had to be shown: close the connection, it may come back.
    case fellBehind(SessionID)
    case roomLeft(SessionID, Room)
    case refused(SessionID, Refusal)
    /// The same, of that room.
    case joinRefused(SessionID, Room, Refusal)
    /// The session is in as many rooms as it may be.
    case roomLimit(SessionID, limit: Int)
    /// The session of a client that came back sees its rooms again, each as ``roomJoined(_:_:_:recovery:)`` tells; what
    /// it missed follows, but for so many events.
    case returned(SessionID, dropped: UInt64)
    /// Tokens were taken back: every edge closes what was opened with them and takes them no more.
    indirect case revoked(Revocation)
    /// An API key is new, or was taken back: every edge takes it from now on, or takes it no more and closes what was
    /// opened with it.
    indirect case apiKeyChanged(APIKeyRecord)

    // The rest
    indirect case persist(StoreChange)
    /// Stored as well, but events may be told meanwhile: see ``Keeping/behindTelling``.
    indirect case persistLater(StoreChange)
    case answer(RequestID, Answer)
    /// A line for the coordinator's log. Those that must survive are also persisted.
    indirect case audit(AuditEntry)
}

extension Effect {
    /// What it asks to store, if it does.
    public var change: StoreChange? {
        switch self {
        case .persist(let change), .persistLater(let change): change
        default: nil
        }
    }

    /// Whom it is for, where that is one session.
    public var session: SessionID? {
        switch self {
        case .publish, .persist, .persistLater, .audit, .revoked, .apiKeyChanged: nil
        case .agentChallenge(let session, _), .agentRefused(let session, _), .agentWelcome(let session, _),
            .agentAck(let session, _), .agentAdvice(let session, _), .agentFenced(let session),
            .viewChanged(let session, _, _, _), .roomJoined(let session, _, _, _), .fellBehind(let session),
            .roomLeft(let session, _), .refused(let session, _), .joinRefused(let session, _, _),
            .roomLimit(let session, _), .returned(let session, _):
            session
        case .streamOpened(let session, _), .streamLive(let session, _): session
        case .agentTask(let session, _): session
        case .replay(let replay): replay.session
        case .streamReplay(let replay): replay.session
        case .answer(let request, _): request.session
        }
    }

    /// The durable rooms whose logs it tells of: it may not be performed before what those logs held when it was
    /// decided is stored, nor before earlier effects on the same rooms. All effects on a stream tell of all its rooms,
    /// so that they keep their order.
    public var durableRooms: BaseRoomSet {
        switch self {
        case .publish(let publication): Self.durable(publication.event.event.room)
        case .viewChanged(_, let room, _, _): Self.durable(room)
        case .roomJoined(_, let room, _, _), .roomLeft(_, let room): Self.durable(room.base)
        case .replay(let replay): Self.durable(replay.room)
        case .answer(_, .notified): Self.durable(.general)
        case .answer(_, .alertRaised), .answer(_, .alert), .answer(_, .alerts): Self.durable(.alerts)
        case .answer(_, .predicted): Self.durable(.predictions)
        // Every change of a balance is told there.
        case .answer(_, .deposited), .answer(_, .balances): Self.durable(.userUpdates)
        // What agents are told of runs, and submitters of tasks, is true after a crash too: it may repeat what an
        // earlier `apply` decided.
        case .agentTask, .answer(_, .submitted): Self.durable(.tasks)
        case .streamOpened(_, let rooms): BaseRoomSet(rooms.lazy.map(\.room.base).filter(\.isDurable))
        case .streamReplay(let replay): BaseRoomSet(replay.from.lazy.map(\.room).filter(\.isDurable))
        case .streamLive(_, let looks): BaseRoomSet(looks.lazy.map(\.room).filter(\.isDurable))
        case .agentChallenge, .agentRefused, .agentWelcome, .agentAck, .agentAdvice, .agentFenced,
            .fellBehind, .refused, .joinRefused, .roomLimit, .returned, .persist, .persistLater, .answer, .audit,
            .revoked, .apiKeyChanged:
            BaseRoomSet()
        }
    }

    private static func durable(_ room: BaseRoom) -> BaseRoomSet {
        var set = BaseRoomSet()
        if room.isDurable { set.insert(room) }
        return set
    }
}

/// Whether a change is on disk before anybody is told of it.
public enum Keeping: Sendable {
    /// A crash may not take it back.
    case beforeTelling
    /// A crash may: what it takes, the coordinator comes to know again by itself. An agent says at each session which
    /// of its runs have begun and how far they are; old events that come back are let go again.
    case behindTelling

    /// The effect that stores the change.
    func effect(_ change: StoreChange) -> Effect {
        switch self {
        case .beforeTelling: .persist(change)
        case .behindTelling: .persistLater(change)
        }
    }
}

/// A piece of a room's log for one session that came back.
public struct Replay: Sendable {
    public var session: SessionID
    public var room: BaseRoom
    /// What the session may see of it and has not seen yet, in order; empty where nothing of this stretch is for it.
    public var events: [LoggedEvent]
    /// Live events follow.
    public var isLast: Bool
    public init(session: SessionID, room: BaseRoom, events: [LoggedEvent], isLast: Bool) {
        self.session = session
        self.room = room
        self.events = events
        self.isLast = isLast
    }
}

/// An event and who looks at it.
public struct Publication: Sendable {
    public var event: LoggedEvent
    /// Every view that matches, ascending; never empty.
    public var views: [ViewID]
    public init(event: LoggedEvent, views: [ViewID]) {
        self.event = event
        self.views = views
    }
}

/// What an agent is told once it has proved itself.
public struct AgentWelcome: Hashable, Sendable {
    public var node: NodeID
    /// The session's secret, as the edge drew it.
    public var session: UUID128
    /// The node's session epoch, which this session holds.
    public var epoch: UInt64
    public var intervalMilliseconds: UInt32
    /// The last sample received of the hello's stream; 0 where none was.
    public var acked: UInt64
    public init(node: NodeID, session: UUID128, epoch: UInt64, intervalMilliseconds: UInt32, acked: UInt64) {
        self.node = node
        self.session = session
        self.epoch = epoch
        self.intervalMilliseconds = intervalMilliseconds
        self.acked = acked
    }
}
