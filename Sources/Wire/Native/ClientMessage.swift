public import Grid

/// What a client of the native dialect says (docs/protocol.md).
public enum ClientMessage: Hashable, Sendable {
    case authenticate(token: String)
    case joinRoom(RoomJoin)
    /// The room as the client spelled it; whether it exists is the receiver's to say.
    case leaveRoom(name: String)
    /// To be echoed: the JSON of its `data`, at most ``Limits/pingEchoBytes``; `nil` without one.
    case ping(data: [UInt8]?)
}

/// A client's wish to be told of a room's events.
public struct RoomJoin: Hashable, Sendable {
    /// The room as the client spelled it, for the answer.
    public var roomName: String
    /// The room of that name; `nil` where there is none: `UNKNOWN_ROOM`.
    public var room: Room?
    public var filter: RoomFilter
    /// Where the client left off; `nil` to begin with what comes.
    public var since: LogPosition?

    public init(roomName: String, filter: RoomFilter = RoomFilter(), since: LogPosition? = nil) {
        self.roomName = roomName
        room = Room(roomName)
        self.filter = filter
        self.since = since
    }
}
