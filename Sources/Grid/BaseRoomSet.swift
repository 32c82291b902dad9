/// Some of the base rooms, in two bytes.
public struct BaseRoomSet: Hashable, Sendable {
    /// A bit a room, at its raw value.
    public private(set) var bits: UInt16

    /// How many bits there are.
    public static let bitCount = BaseRoom.allCases.count

    public init() { bits = 0 }

    public init(_ rooms: some Sequence<BaseRoom>) {
        self.init()
        for room in rooms { insert(room) }
    }

    /// The set with those ``bits``.
    public init(bits: UInt16) {
        precondition(bits < 1 << UInt16(Self.bitCount), "a bit that is no room's")
        self.bits = bits
    }

    public var isEmpty: Bool { bits == 0 }

    /// Whether the room is in it.
    public func contains(_ room: BaseRoom) -> Bool { bits & Self.bit(room) != 0 }

    /// Adds a room, if it is not in it yet.
    public mutating func insert(_ room: BaseRoom) { bits |= Self.bit(room) }

    /// Takes a room out, if it is in it.
    public mutating func remove(_ room: BaseRoom) { bits &= ~Self.bit(room) }

    /// The rooms, ascending.
    public var rooms: [BaseRoom] { BaseRoom.allCases.filter(contains) }

    /// The rooms, which are no longer in it.
    public mutating func takeAll() -> [BaseRoom] {
        let taken = rooms
        bits = 0
        return taken
    }

    private static func bit(_ room: BaseRoom) -> UInt16 { 1 << UInt16(room.rawValue) }
}
