public import Bytes
public import Grid

/// Where a stream of several rooms stands: `nodes=41@2251799813685248,general=7@2251799813685249`.
///
/// It is the `id` of a server-sent event, and what its client comes back with as `Last-Event-ID`.
public enum StreamID {
    /// Appends the positions in the order given; ASCII, without a space.
    public static func append(_ positions: [RoomPosition], into buffer: inout ByteBuffer) {
        var isFirst = true
        for place in positions {
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            buffer.append(place.room.staticName)
            buffer.append(UInt8(ascii: "="))
            buffer.append(decimal: place.position.offset)
            buffer.append(UInt8(ascii: "@"))
            buffer.append(decimal: place.position.epoch)
        }
    }

    /// Reads what ``append(_:into:)`` wrote, in any order of the rooms; `nil` for anything else.
    public static func positions(_ text: String) -> [RoomPosition]? {
        var positions: [RoomPosition] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let room = BaseRoom(name: sides[0]),
                !positions.contains(where: { $0.room == room })
            else { return nil }
            let numbers = sides[1].split(separator: "@", omittingEmptySubsequences: false)
            guard numbers.count == 2, let offset = number(numbers[0]), let epoch = number(numbers[1]) else {
                return nil
            }
            positions.append(RoomPosition(room: room, position: LogPosition(epoch: epoch, offset: offset)))
        }
        return positions
    }

    /// Digits alone: the standard conversion would also take a sign.
    private static func number(_ text: Substring) -> UInt64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt64(text) : nil
    }
}
