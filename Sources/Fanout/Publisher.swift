public import Bytes
public import Grid
internal import Web
public import Wire

/// Turns published events into deliveries: each live class encodes an event once, whoever listens.
///
/// Lives beside the Hub. Loops receive deliveries and view changes in the order in which they happened.
public final class Publisher {
    /// What goes to one loop, in order.
    public enum Message: Sendable {
        case delivery(Delivery)
        /// From now on the session looks at the class through the view; `nil`: no longer at all. `from` is where the
        /// room's log stands, and means nothing where the class is of several rooms.
        case viewChanged(SessionID, classIndex: Int, view: ViewID?, position: UInt64, from: LogPosition)
    }

    /// Encodes one event for a dialect: `(dialect, event, buffer)`. Empty output: the dialect does
    /// not carry the event.
    public typealias Encoder = (Dialect, LoggedEvent, inout ByteBuffer) -> Void

    private struct ClassEntry {
        var log: ClassLog
        /// Sessions a loop has in the class; a loop with none gets no deliveries.
        var sessionsPerLoop: [Int]
        var sessions = 0
    }

    private static let dialects = Dialect.allCases
    private let loops: Int
    private let encode: Encoder
    private var classes: [ClassEntry?]
    private var classesOfSession: [SessionID: SessionClasses] = [:]
    /// Those that somebody followed once, few, each at its index in ``places``.
    private var streams: [StreamClass] = []
    private var places: [StreamKey: Int] = [:]
    private var streamOfSession: [SessionID: (place: Int, view: ViewID)] = [:]
    private var scratch = ByteBuffer(capacity: 4096)
    private let compressor = WebSocketCompressor(thresholdBytes: Limits.deflateThresholdBytes)
    /// What was published so far.
    public private(set) var statistics = PublisherStatistics()
    private let emit: (Int, Message) -> Void

    /// - Parameters:
    ///   - loops: how many loops there are.
    ///   - emit: takes a message for the loop of that number.
    public init(loops: Int, encode: @escaping Encoder, emit: @escaping (Int, Message) -> Void) {
        self.loops = loops
        self.encode = encode
        self.emit = emit
        classes = Array(repeating: nil, count: ClassKey.count)
    }

    /// Encodes the event for every live class of its room of which a view matches (``ViewID/audience``) and hands it to
    /// the loops that have subscribers there.
    public func publish(_ event: LoggedEvent, views: [ViewID]) {
        guard !views.isEmpty else { return }
        let room = event.event.room
        let note = FrameNote(event)
        let readers = streamReaders(of: event, views: views)
        let received = event.event.receivedNanoseconds
        var carried = false
        let audiences = views.reduce(0 as UInt16) { $0 | 1 << UInt16($1.audience) }
        for dialect in Self.dialects where audiences >> UInt16(dialect.rawValue) & 1 == 1 {
            let streamed = dialect == StreamKey.dialect && !readers.isEmpty
            guard isLive(room, dialect) || streamed else { continue }
            scratch.removeAll(keepingCapacity: true)
            encode(dialect, event, &scratch)
            guard !scratch.isEmpty else { continue }
            statistics.noteEncoding(dialect, bytes: scratch.count)
            carried = true
            scratch.withBytes { payload in
                deliver(payload, room, dialect, views: views, note: note, received: received)
                guard streamed else { return }
                let type = NativeCodec.type(of: event.event)
                for reader in readers {
                    deliver(payload, type, to: reader.stream, views: reader.views, note: note, received: received)
                }
            }
        }
        if carried { statistics.publishedByRoom[Int(room.rawValue)] += 1 }
    }

    /// Publishes bytes that are a message of the room in that dialect already. Streams, which tell where each event
    /// stands, do not get it.
    public func publish(
        payload: UnsafeRawBufferPointer, room: BaseRoom, dialect: Dialect, views: [ViewID],
        note: FrameNote = FrameNote(subject: 0, offset: 0)
    ) {
        guard isLive(room, dialect) else { return }
        statistics.noteEncoding(dialect, bytes: payload.count)
        statistics.publishedByRoom[Int(room.rawValue)] += 1
        deliver(payload, room, dialect, views: views, note: note, received: 0)
    }

    /// Whether a class of any framing has a subscriber.
    private func isLive(_ room: BaseRoom, _ dialect: Dialect) -> Bool {
        ClassKey.framings.contains { framing in
            (classes[ClassKey(room: room, dialect: dialect, framing: framing).index]?.sessions ?? 0) > 0
        }
    }

    /// Appends a message to the live classes of every framing.
    private func deliver(
        _ payload: UnsafeRawBufferPointer, _ room: BaseRoom, _ dialect: Dialect, views: [ViewID], note: FrameNote,
        received: UInt64
    ) {
        for framing in ClassKey.framings {
            let index = ClassKey(room: room, dialect: dialect, framing: framing).index
            guard let entry = classes[index], entry.sessions > 0 else { continue }
            deliver(payload, entry, index: index, views: views, note: note, received: received)
        }
    }

    private func deliver(
        _ payload: UnsafeRawBufferPointer, _ entry: ClassEntry, index: Int, views: [ViewID], note: FrameNote,
        received: UInt64
    ) {
        let (segment, start, end) = entry.log.append(payload: payload)
        let delivery = Delivery(
            classIndex: index, segment: segment, start: start, end: end, views: views, note: note,
            receivedNanoseconds: received)
        for loop in 0..<loops where entry.sessionsPerLoop[loop] > 0 { emit(loop, .delivery(delivery)) }
    }

    /// The session looks at the room through that view from the next event on; `nil` ends it.
    ///
    /// - Parameter from: where the room's log stands.
    public func setView(_ session: SessionID, loop: Int, key: ClassKey, view: ViewID?, from: LogPosition) {
        let index = key.index
        if classes[index] == nil {
            guard view != nil else { return }
            classes[index] = ClassEntry(
                log: ClassLog(key: key, compressor: compressor), sessionsPerLoop: Array(repeating: 0, count: loops))
        }
        let isMember = classesOfSession[session]?.contains(key) ?? false
        if view != nil, !isMember {
            classesOfSession[session, default: SessionClasses(like: key)].insert(key)
            classes[index]?.sessionsPerLoop[loop] += 1
            classes[index]?.sessions += 1
        } else if view == nil {
            guard isMember else { return }
            forget(session, loop: loop, key: key)
        }
        let position = classes[index]?.log.end ?? 0
        emit(loop, .viewChanged(session, classIndex: index, view: view, position: position, from: from))
    }

    private func forget(_ session: SessionID, loop: Int, key: ClassKey) {
        classesOfSession[session]?.remove(key)
        if classesOfSession[session]?.isEmpty == true { classesOfSession[session] = nil }
        classes[key.index]?.sessionsPerLoop[loop] -= 1
        classes[key.index]?.sessions -= 1
    }

    /// The session is gone; its connection is no longer there to be told.
    public func forget(_ session: SessionID, loop: Int) {
        if let followed = streamOfSession.removeValue(forKey: session) {
            streams[followed.place].leave(followed.view, loop: loop)
        }
        for key in classesOfSession[session]?.keys ?? [] { forget(session, loop: loop, key: key) }
    }

    /// Compressions so far, one an event and dialect whatever the number of subscribers.
    public var compressedCount: UInt64 { compressor.compressedCount }

    // MARK: Streams

    /// The session follows several rooms as one stream from the next event on, until it is forgotten.
    ///
    /// - Parameter looks: one a room, ascending by room.
    public func setStream(_ session: SessionID, loop: Int, looks: [StreamLook]) {
        precondition(streamOfSession[session] == nil, "a session follows one stream")
        let key = StreamKey(rooms: BaseRoomSet(looks.map(\.room)))
        let place = places[key] ?? streams.count
        if place == streams.count {
            streams.append(StreamClass(key: key, loops: loops))
            places[key] = place
        }
        let stream = streams[place]
        let view = stream.enter(looks, loop: loop)
        streamOfSession[session] = (place, view)
        emit(
            loop,
            .viewChanged(
                session, classIndex: key.index, view: view, position: stream.end,
                from: LogPosition(epoch: 0, offset: 0)))
    }

    /// Tells every followed stream of the room of an event, and finds those where somebody sees it.
    private func streamReaders(
        of event: LoggedEvent, views: [ViewID]
    ) -> [(stream: StreamClass, views: [ViewID])] {
        var readers: [(stream: StreamClass, views: [ViewID])] = []
        for stream in streams where stream.sessions > 0 {
            let matching = stream.note(event, views: views)
            if !matching.isEmpty { readers.append((stream, matching)) }
        }
        return readers
    }

    private func deliver(
        _ payload: UnsafeRawBufferPointer, _ type: StaticString, to stream: StreamClass, views: [ViewID],
        note: FrameNote, received: UInt64
    ) {
        let (segment, start, end) = stream.append(payload, type: type)
        let delivery = Delivery(
            classIndex: stream.key.index, segment: segment, start: start, end: end, views: views, note: note,
            receivedNanoseconds: received)
        for loop in 0..<loops where stream.sessionsPerLoop[loop] > 0 { emit(loop, .delivery(delivery)) }
    }
}
