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
        /// room's log stands.
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

    private let loops: Int
    private let encode: Encoder
    private var classes: [ClassEntry?]
    private var classesOfSession: [SessionID: SessionClasses] = [:]
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

    /// Encodes the event for every live class of its room and hands it to the loops that have subscribers there.
    public func publish(_ event: LoggedEvent, views: [ViewID]) {
        guard !views.isEmpty else { return }
        let room = event.event.room
        let note = FrameNote(event)
        let received = event.event.receivedNanoseconds
        var carried = false
        for dialect in Dialect.allCases {
            guard isLive(room, dialect) else { continue }
            scratch.removeAll(keepingCapacity: true)
            encode(dialect, event, &scratch)
            guard !scratch.isEmpty else { continue }
            statistics.noteEncoding(dialect, bytes: scratch.count)
            carried = true
            scratch.withBytes { deliver($0, room, dialect, views: views, note: note, received: received) }
        }
        if carried { statistics.publishedByRoom[Int(room.rawValue)] += 1 }
    }

    /// Publishes bytes that are a message of the room in that dialect already.
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
        Framing.allCases.contains { framing in
            (classes[ClassKey(room: room, dialect: dialect, framing: framing).index]?.sessions ?? 0) > 0
        }
    }

    /// Appends a message to the live classes of every framing.
    private func deliver(
        _ payload: UnsafeRawBufferPointer, _ room: BaseRoom, _ dialect: Dialect, views: [ViewID], note: FrameNote,
        received: UInt64
    ) {
        for framing in Framing.allCases {
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
        for key in classesOfSession[session]?.keys ?? [] { forget(session, loop: loop, key: key) }
    }

    /// Compressions so far, one an event and dialect whatever the number of subscribers.
    public var compressedCount: UInt64 { compressor.compressedCount }
}
