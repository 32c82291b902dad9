internal import Grid

/// Some of the base rooms, in two bytes.
struct BaseRoomSet {
    private var bits: UInt16 = 0

    var isEmpty: Bool { bits == 0 }

    func contains(_ room: BaseRoom) -> Bool { bits & Self.bit(room) != 0 }

    mutating func insert(_ room: BaseRoom) { bits |= Self.bit(room) }

    mutating func remove(_ room: BaseRoom) { bits &= ~Self.bit(room) }

    /// The rooms, which are no longer in it.
    mutating func takeAll() -> [BaseRoom] {
        let taken = self
        bits = 0
        return BaseRoom.allCases.filter { taken.contains($0) }
    }

    private static func bit(_ room: BaseRoom) -> UInt16 { 1 << UInt16(room.rawValue) }
}
