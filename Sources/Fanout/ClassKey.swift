public import Grid
public import Wire

/// How a class's events are framed on the connection.
public enum Framing: UInt8, Hashable, Sendable, CaseIterable {
    /// One unmasked WebSocket text frame an event (RFC 6455 §5).
    case webSocket
    /// The same, but for events that shrink by it compressed (RFC 7692), each by itself, with the greatest window.
    case webSocketDeflate
    /// Server-Sent Events, each a chunk of an HTTP body; its classes are of sets of rooms (``StreamKey``).
    case serverSentEvents
    /// The message alone: whoever looks is handed it (``SubscriberChannel/handed(_:_:)``) and frames it for a transport
    /// that may be another one by then.
    case message
}

/// Subscribers who receive the very same bytes: one base room, one dialect, one framing of messages.
public struct ClassKey: Hashable, Sendable {
    public var room: BaseRoom
    public var dialect: Dialect
    public var framing: Framing

    public init(room: BaseRoom, dialect: Dialect, framing: Framing) {
        precondition(Self.framings.contains(framing), "a class of this framing is no single room's")
        self.room = room
        self.dialect = dialect
        self.framing = framing
    }

    /// The framings that classes of one room have.
    static let framings: [Framing] = [.webSocket, .webSocketDeflate, .message]

    /// How many classes of one room can exist.
    public static let count = BaseRoom.allCases.count * Dialect.allCases.count * framings.count

    /// A dense number below ``count``.
    public var index: Int {
        (Int(room.rawValue) * Dialect.allCases.count + Int(dialect.rawValue)) * Self.framings.count
            + Self.place(of: framing)
    }

    /// Its place among ``framings``.
    private static func place(of framing: Framing) -> Int {
        switch framing {
        case .webSocket: 0
        case .webSocketDeflate: 1
        case .message: 2
        case .serverSentEvents: preconditionFailure("a stream has a class of its own")
        }
    }

    /// Whether the class with that ``index`` hands its messages to its subscribers.
    static func handsOver(index: Int) -> Bool { index < count && index % framings.count == place(of: .message) }

    /// The room of the class with that ``index``; `nil` for a ``StreamKey/index``.
    static func room(ofIndex index: Int) -> BaseRoom? {
        guard index < count else { return nil }
        let number = index / (Dialect.allCases.count * framings.count)
        guard let room = BaseRoom(rawValue: UInt8(number)) else { preconditionFailure("no class has index \(index)") }
        return room
    }
}
