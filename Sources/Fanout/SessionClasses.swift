internal import Grid
internal import Wire

/// The classes that one session looks at: some rooms, all in the session's one dialect and framing.
///
/// Eight bytes, for there are as many of them as subscribers.
struct SessionClasses: Hashable {
    private let dialect: Dialect
    private let framing: Framing
    private var rooms: UInt32 = 0

    /// No class yet, of a session that looks at classes such as this one.
    init(like key: ClassKey) {
        dialect = key.dialect
        framing = key.framing
    }

    var isEmpty: Bool { rooms == 0 }

    func contains(_ key: ClassKey) -> Bool {
        key.dialect == dialect && key.framing == framing && rooms & Self.bit(key.room) != 0
    }

    mutating func insert(_ key: ClassKey) {
        precondition(key.dialect == dialect && key.framing == framing, "a session speaks one dialect in one framing")
        rooms |= Self.bit(key.room)
    }

    mutating func remove(_ key: ClassKey) { rooms &= ~Self.bit(key.room) }

    /// The classes, in the order of their rooms.
    var keys: [ClassKey] {
        BaseRoom.allCases.filter { rooms & Self.bit($0) != 0 }
            .map { ClassKey(room: $0, dialect: dialect, framing: framing) }
    }

    private static func bit(_ room: BaseRoom) -> UInt32 { 1 << UInt32(room.rawValue) }
}
