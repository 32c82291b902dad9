public import Grid

/// A room of a stream that a client asks for.
public struct StreamRoom: Hashable, Sendable {
    public var room: Room
    public var filter: RoomFilter

    public init(room: Room, filter: RoomFilter = RoomFilter()) {
        self.room = room
        self.filter = filter
    }
}

/// A room of a stream that has begun.
public struct StreamOpening: Hashable, Sendable {
    public var room: Room
    /// What follows of the room's log stands behind it.
    public var position: LogPosition
    /// Whether everything is there; `nil` where the client brought no place.
    public var recovery: Recovery?

    public init(room: Room, position: LogPosition, recovery: Recovery?) {
        self.room = room
        self.position = position
        self.recovery = recovery
    }
}

/// A piece of several rooms' logs for one session that follows them as one stream.
public struct StreamReplay: Sendable {
    public var session: SessionID
    /// Where the session stands before the events, in every room of its stream; ascending by room.
    public var from: [RoomPosition]
    /// What it is to see of this stretch, one log after the other; empty where nothing is for it.
    public var events: [LoggedEvent]
    /// Live events follow.
    public var isLast: Bool

    public init(session: SessionID, from: [RoomPosition], events: [LoggedEvent], isLast: Bool) {
        self.session = session
        self.from = from
        self.events = events
        self.isLast = isLast
    }
}
