public import Grid
public import Wire

/// How a class's events are framed on the connection.
public enum Framing: UInt8, Hashable, Sendable, CaseIterable {
    /// One unmasked WebSocket text frame an event (RFC 6455 §5).
    case webSocket
    /// The same, but for events that shrink by it compressed (RFC 7692), each by itself, with the greatest window.
    case webSocketDeflate
}

/// Subscribers who receive the very same bytes: one base room, one dialect, one framing.
public struct ClassKey: Hashable, Sendable {
    public var room: BaseRoom
    public var dialect: Dialect
    public var framing: Framing

    public init(room: BaseRoom, dialect: Dialect, framing: Framing) {
        self.room = room
        self.dialect = dialect
        self.framing = framing
    }

    /// How many classes can exist.
    public static let count = BaseRoom.allCases.count * Dialect.allCases.count * Framing.allCases.count

    /// A dense number below ``count``.
    public var index: Int {
        (Int(room.rawValue) * Dialect.allCases.count + Int(dialect.rawValue)) * Framing.allCases.count
            + Int(framing.rawValue)
    }

    /// The room of the class with that ``index``.
    static func room(ofIndex index: Int) -> BaseRoom {
        let number = index / (Dialect.allCases.count * Framing.allCases.count)
        guard let room = BaseRoom(rawValue: UInt8(number)) else { preconditionFailure("no class has index \(index)") }
        return room
    }
}
