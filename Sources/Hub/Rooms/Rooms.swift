internal import Grid

/// The subscribers' side: which session is in which rooms, what it sees of each base room, and the logs.
///
/// A session has one cursor per base room, on the union of its joins there; so however many of its rooms match
/// an event, it gets the event once.
struct Rooms: Sendable {
    private struct Join: Sendable {
        var room: Room
        /// `nil` for a question that no event can answer.
        var predicate: Predicate?
    }

    /// What a session looks through, a base room each.
    private struct Look: Sendable {
        var room: BaseRoom
        var view: ViewID
    }

    private struct Session: Sendable {
        var subscriber: Subscriber
        var joins: [Join] = []
        var looks: [Look] = []
    }

    private var sessions: [SessionID: Session] = [:]
    private(set) var views = Views()
    private var logs: [History]

    init(historyEvents: Int, entropy: inout Entropy) {
        logs = []
        for _ in BaseRoom.allCases { logs.append(History(epoch: entropy.nextEpoch(), capacity: historyEvents)) }
    }

    var sessionCount: Int { sessions.count }

    func subscriber(_ session: SessionID) -> Subscriber? { sessions[session]?.subscriber }

    func log(_ room: BaseRoom) -> History { logs[Int(room.rawValue)] }

    // MARK: Sessions

    mutating func open(_ session: SessionID, _ subscriber: Subscriber) {
        close(session)
        sessions[session] = Session(subscriber: subscriber)
    }

    mutating func close(_ session: SessionID) {
        guard let closed = sessions.removeValue(forKey: session) else { return }
        for look in closed.looks { views.release(look.view) }
    }

    func isIn(_ session: SessionID, _ room: Room) -> Bool {
        sessions[session]?.joins.contains { $0.room == room } ?? false
    }

    func roomCount(_ session: SessionID) -> Int { sessions[session]?.joins.count ?? 0 }

    /// Puts an open session into a room, or replaces the filter it had there. True if the session now looks
    /// through another view of the base room.
    mutating func join(_ session: SessionID, _ room: Room, _ predicate: Predicate?) -> Bool {
        guard var joined = sessions[session] else { preconditionFailure("a session joins that is not open") }
        let join = Join(room: room, predicate: predicate)
        if let place = joined.joins.firstIndex(where: { $0.room == room }) {
            joined.joins[place] = join
        } else {
            joined.joins.append(join)
        }
        let hasChanged = look(&joined, room.base)
        sessions[session] = joined
        return hasChanged
    }

    /// Takes an open session out of a room it is in. True if it now looks through another view, or none.
    mutating func leave(_ session: SessionID, _ room: Room) -> Bool {
        guard var left = sessions[session] else { preconditionFailure("a session leaves that is not open") }
        left.joins.removeAll { $0.room == room }
        let hasChanged = look(&left, room.base)
        sessions[session] = left
        return hasChanged
    }

    /// What the session looks through in a base room; `nil` if it is in none of its rooms.
    func view(_ session: SessionID, _ room: BaseRoom) -> ViewID? {
        sessions[session]?.looks.first { $0.room == room }?.view
    }

    /// Brings the session's view of a base room in line with its joins. The new view is taken before the old
    /// one is given back, so that an unchanged union keeps its identifier.
    private mutating func look(_ session: inout Session, _ room: BaseRoom) -> Bool {
        let joins = session.joins.filter { $0.room.base == room }
        let place = session.looks.firstIndex { $0.room == room }
        let former = place.map { session.looks[$0].view }
        if joins.isEmpty {
            if let place { session.looks.remove(at: place) }
            if let former { views.release(former) }
            return former != nil
        }
        let view = views.acquire(PredicateUnion(room: room, joins.compactMap(\.predicate)))
        if let place { session.looks[place].view = view } else { session.looks.append(Look(room: room, view: view)) }
        if let former { views.release(former) }
        return former != view
    }

    // MARK: Events

    /// Logs an event and publishes it to whoever looks.
    mutating func publish(_ event: RoomEvent, _ facts: EventFacts, _ effects: inout [Effect]) {
        publish(event, facts, to: views.matching(event.room, facts), &effects)
    }

    /// The views that would get a reading with these facts. Where there is none the reading is not logged, and
    /// the log remembers that it left something out.
    mutating func viewing(_ room: BaseRoom, _ facts: @autoclosure () -> EventFacts) -> [ViewID] {
        if views.isViewed(room) {
            let matching = views.matching(room, facts())
            if !matching.isEmpty { return matching }
        }
        logs[Int(room.rawValue)].noteUnlogged()
        return []
    }

    /// Logs an event and publishes it to the views that ``viewing(_:_:)`` found.
    mutating func publish(_ event: RoomEvent, _ facts: EventFacts, to matching: [ViewID], _ effects: inout [Effect]) {
        let logged = logs[Int(event.room.rawValue)].append(event, facts)
        if !matching.isEmpty { effects.append(.publish(Publication(event: logged, views: matching))) }
    }
}
