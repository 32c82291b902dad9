internal import Grid

/// Which base rooms a connection is to be replayed more of, in two bytes.
struct AwaitedReplays {
    private var bits: UInt16 = 0

    var isEmpty: Bool { bits == 0 }

    mutating func insert(_ room: BaseRoom) { bits |= 1 << UInt16(room.rawValue) }

    /// The rooms, which are no longer in it.
    mutating func takeAll() -> [BaseRoom] {
        let taken = bits
        bits = 0
        return BaseRoom.allCases.filter { taken & 1 << UInt16($0.rawValue) != 0 }
    }
}
