internal import Bytes
public import Grid
public import Wire

/// Names a class of subscribers who follow the same base rooms as one stream of Server-Sent Events.
public struct StreamKey: Hashable, Sendable {
    public var rooms: BaseRoomSet

    public init(rooms: BaseRoomSet) {
        precondition(!rooms.isEmpty, "a stream of no room")
        self.rooms = rooms
    }

    /// The dialect of all streams.
    public static let dialect = Dialect.native

    /// The number of the class, behind those of all ``ClassKey``s.
    public var index: Int { ClassKey.count + Int(rooms.bits) }

    /// One more than the greatest ``index``.
    static let endIndex = ClassKey.count + 1 << BaseRoomSet.bitCount
}

/// The writer's end of one stream class: a log of frames, and who sees which of them.
///
/// Its subscribers have one place in one stream of bytes, so each looks through one view: a *composite*, which stands
/// for the views of its rooms. Composites are interned and numbered within the class.
final class StreamClass {
    /// A view of a base room. The room belongs to it: a number that was freed in one room may come back in another.
    private struct Leg: Hashable {
        var room: BaseRoom
        var view: ViewID
    }

    private struct Entry {
        var legs: [Leg]
        var references: Int
    }

    let key: StreamKey
    private var writer = SegmentWriter()
    /// The rooms' last published events, whether or not they matched somebody here; ascending by room. Whoever reads
    /// the class was shown everything up to them: this is the id of the next frame.
    private(set) var positions: [RoomPosition] = []
    private var entries: [Entry?] = []
    private var free: [ViewID] = []
    private var composites: [[Leg]: ViewID] = [:]
    /// The composites that a view belongs to; each of them has one view of a room.
    private var readers: [Leg: [ViewID]] = [:]
    /// Sessions a loop has in the class.
    private(set) var sessionsPerLoop: [Int]
    private(set) var sessions = 0
    private var fields = ByteBuffer(capacity: 256)
    private var head = ByteBuffer(capacity: 256)

    init(key: StreamKey, loops: Int) {
        self.key = key
        sessionsPerLoop = Array(repeating: 0, count: loops)
    }

    /// The position behind the last frame.
    var end: UInt64 { writer.end }

    /// How many different composites are looked through.
    var compositeCount: Int { composites.count }

    // MARK: Who looks

    /// A session begins to follow the class.
    ///
    /// - Parameter looks: one a room, ascending.
    /// - Returns: the view that it looks through.
    func enter(_ looks: [StreamLook], loop: Int) -> ViewID {
        precondition(looks.map(\.room) == key.rooms.rooms, "a look a room")
        advance(to: looks)
        sessionsPerLoop[loop] += 1
        sessions += 1
        let legs = looks.map { Leg(room: $0.room, view: $0.view) }
        if let composite = composites[legs] {
            entries[Int(composite.index)]?.references += 1
            return composite
        }
        let composite: ViewID
        if let reused = free.popLast() {
            composite = reused
            entries[Int(composite.index)] = Entry(legs: legs, references: 1)
        } else {
            composite = ViewID(index: UInt32(entries.count))
            entries.append(Entry(legs: legs, references: 1))
        }
        composites[legs] = composite
        for leg in legs { readers[leg, default: []].append(composite) }
        return composite
    }

    /// A session of that view no longer follows the class.
    func leave(_ composite: ViewID, loop: Int) {
        sessionsPerLoop[loop] -= 1
        sessions -= 1
        guard var entry = entries[Int(composite.index)] else { preconditionFailure("nobody looks through this") }
        entry.references -= 1
        guard entry.references == 0 else {
            entries[Int(composite.index)] = entry
            return
        }
        entries[Int(composite.index)] = nil
        composites[entry.legs] = nil
        free.append(composite)
        for leg in entry.legs {
            readers[leg]?.removeAll { $0 == composite }
            if readers[leg]?.isEmpty == true { readers[leg] = nil }
        }
    }

    /// Nobody listened while the class was empty. And events that match no view at all are not published: who comes
    /// knows that they are past, and what is published before it came lies before its positions.
    private func advance(to looks: [StreamLook]) {
        let arriving = looks.map { RoomPosition(room: $0.room, position: $0.from) }
        guard sessions > 0 else {
            positions = arriving
            return
        }
        for place in positions.indices where positions[place].position.offset < arriving[place].position.offset {
            positions[place] = arriving[place]
        }
    }

    // MARK: Events

    /// Takes note of an event of one of the rooms.
    ///
    /// - Returns: the composites that let it through, ascending.
    func note(_ event: LoggedEvent, views: [ViewID]) -> [ViewID] {
        let room = event.event.room
        guard let place = positions.firstIndex(where: { $0.room == room }) else { return [] }
        positions[place].position = event.position
        var matching: [ViewID] = []
        for view in views {
            if let found = readers[Leg(room: room, view: view)] { matching += found }
        }
        return matching.count > 1 ? matching.sorted() : matching
    }

    /// Appends the frame of the event that was noted last.
    func append(_ payload: UnsafeRawBufferPointer, type: StaticString) -> (segment: Segment, start: UInt64, end: UInt64)
    {
        head.removeAll(keepingCapacity: true)
        StreamFrame.appendHead(
            type: type, positions: positions, dataCount: payload.count, fields: &fields, into: &head)
        let tail = UnsafeRawBufferPointer(start: StreamFrame.tail.utf8Start, count: StreamFrame.tail.utf8CodeUnitCount)
        return head.withBytes { writer.append($0, payload, tail) }
    }
}
