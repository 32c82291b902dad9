internal import Grid

/// The subscribers' side: which session is in which rooms, what it sees of each base room, and the logs.
///
/// A session has one cursor per base room, on the union of its joins there; so however many of its rooms match
/// an event, it gets the event once. A join that resumes becomes part of that union when its replay has reached the
/// log's end (`Rooms+Replay.swift`).
struct Rooms: Sendable {
    /// A room that the session sees live.
    struct Join: Sendable {
        var room: Room
        /// `nil` for a question that no event can answer.
        var predicate: Predicate?
        /// The session has been shown every matching event behind this offset.
        var from: UInt64

        /// Whether the session was shown an event of the room's log through this join.
        func hasShown(_ event: LoggedEvent) -> Bool {
            event.position.offset > from && predicate?.matches(event) == true
        }
    }

    /// What a session looks through, a base room each.
    struct Look: Sendable {
        var room: BaseRoom
        var view: ViewID
    }

    struct Session: Sendable {
        var subscriber: Subscriber
        var joins: [Join] = []
        var looks: [Look] = []
        /// Joins that resume: of each base room the first one is being replayed, the others wait for it.
        var resuming: [ResumingJoin] = []
        /// A stream that is not live yet.
        var stream: StreamJoin?

        var roomCount: Int { joins.count + resuming.count }

        /// The union of these questions, as one of the session's audience.
        func union(_ room: BaseRoom, _ predicates: [Predicate]) -> PredicateUnion {
            // Durable logs are shown without a hole, so there all get the same.
            PredicateUnion(
                room: room, audience: subscriber.audience,
                isUnlimited: room == .nodes && subscriber.permissions.contains(.admin), predicates)
        }

        func isIn(_ room: Room) -> Bool {
            joins.contains { $0.room == room } || resuming.contains { $0.room == room }
        }
    }

    var sessions: [SessionID: Session] = [:]
    var views = Views()
    var buffers = Buffers()
    private var logs: [History] = []
    /// Events since the start, whether anybody saw them or not.
    private(set) var eventCount: UInt64 = 0

    /// - Parameter stored: the logs of durable rooms, as they survived.
    init(bounds: HistoryBounds, stored: [StoredLog], entropy: inout Entropy) {
        for room in BaseRoom.allCases {
            // Drawn in any case, so that the other rooms' epochs do not depend on what was stored.
            let epoch = entropy.nextEpoch()
            let survivor = stored.first { $0.room == room && room.isDurable }
            logs.append(survivor.map { History($0, bounds: bounds) } ?? History(epoch: epoch, bounds: bounds))
        }
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
        endBuffer(session)
        guard let closed = sessions.removeValue(forKey: session) else { return }
        for look in closed.looks { views.release(look.view) }
        for join in closed.resuming { views.release(join.view) }
    }

    func isIn(_ session: SessionID, _ room: Room) -> Bool { sessions[session]?.isIn(room) ?? false }

    func roomCount(_ session: SessionID) -> Int { sessions[session]?.roomCount ?? 0 }

    /// Puts an open session into a room, or replaces the filter it had there.
    ///
    /// - Parameter since: where it left off; what came behind is shown to it first.
    mutating func join(
        _ session: SessionID, _ room: Room, _ predicate: Predicate?, since: LogPosition?, _ effects: inout [Effect]
    ) {
        guard let looking = sessions[session] else { preconditionFailure("a session joins that is not open") }
        remove(session, room, &effects)
        if let since {
            let view = views.acquire(looking.union(room.base, predicate.map { [$0] } ?? []))
            sessions[session]?.resuming.append(
                ResumingJoin(room: room, predicate: predicate, since: since, view: view))
            look(session, room.base, &effects)
        } else {
            let end = log(room.base).end
            effects.append(.roomJoined(session, room, end, recovery: nil))
            sessions[session]?.joins.append(Join(room: room, predicate: predicate, from: end.offset))
            look(session, room.base, &effects)
        }
        beginReplays(session, room.base, &effects)
    }

    /// Takes an open session out of a room it is in.
    mutating func leave(_ session: SessionID, _ room: Room, _ effects: inout [Effect]) {
        precondition(isIn(session, room), "a session leaves a room that it is not in")
        remove(session, room, &effects)
        look(session, room.base, &effects)
        effects.append(.roomLeft(session, room))
        beginReplays(session, room.base, &effects)
    }

    /// Forgets a session's join of a room, but for what a replay of the same log has to know of it.
    private mutating func remove(_ session: SessionID, _ room: Room, _ effects: inout [Effect]) {
        let isReplayed = sessions[session]?.resuming.contains { $0.room == room && $0.isReplayed(of: room.base) }
        endResuming(session) { $0.room == room }
        if isReplayed == true {
            // The session's connection has had a piece of the replay and would wait for the others.
            effects.append(.replay(Replay(session: session, room: room.base, events: [], isLast: true)))
        }
        guard let place = sessions[session]?.joins.firstIndex(where: { $0.room == room }),
            let gone = sessions[session]?.joins.remove(at: place)
        else { return }
        let through = log(room.base).lastOffset
        if let replayed = sessions[session]?.resuming.firstIndex(where: { $0.isReplayed(of: room.base) }) {
            sessions[session]?.resuming[replayed].shown.append((gone, through: through))
        }
    }

    /// What the session looks through in a base room; `nil` if it is in none of its rooms.
    func view(_ session: SessionID, _ room: BaseRoom) -> ViewID? {
        sessions[session]?.looks.first { $0.room == room }?.view
    }

    /// Brings the session's view of a base room in line with its joins, and says so if it is another one now. The new
    /// view is taken before the old one is given back, so that an unchanged union keeps its identifier.
    mutating func look(_ session: SessionID, _ room: BaseRoom, _ effects: inout [Effect]) {
        guard let looking = sessions[session] else { return }
        let joins = looking.joins.filter { $0.room.base == room }
        let place = looking.looks.firstIndex { $0.room == room }
        let former = place.map { looking.looks[$0].view }
        var view: ViewID?
        if !joins.isEmpty {
            let taken = views.acquire(looking.union(room, joins.compactMap(\.predicate)))
            view = taken
            if let place {
                sessions[session]?.looks[place].view = taken
            } else {
                sessions[session]?.looks.append(Look(room: room, view: taken))
            }
        } else if let place {
            sessions[session]?.looks.remove(at: place)
        }
        if let former { views.release(former) }
        if isBuffered(session) { return relook(session, from: former, to: view) }
        if former != view { effects.append(.viewChanged(session, room, view, from: log(room).end)) }
    }

    // MARK: Events

    /// Logs an event and publishes it to whoever looks. A durable room's event is stored, as a rule before.
    mutating func publish(
        _ event: RoomEvent, _ facts: EventFacts, kept keeping: Keeping = .beforeTelling, _ now: Now,
        _ effects: inout [Effect]
    ) {
        publish(event, facts, to: views.matching(event.room, event.topic, facts), kept: keeping, now, &effects)
    }

    /// Publishes an event that takes no place in its room's log: nobody who carries it could resume.
    mutating func announce(_ event: RoomEvent, _ facts: EventFacts, _ now: Now, _ effects: inout [Effect]) {
        precondition(!EventTopics.logged.contains(event.topic), "an event is announced that has a place in a log")
        eventCount &+= 1
        let matching = views.matching(event.room, event.topic, facts)
        guard !matching.isEmpty else { return }
        let told = LoggedEvent(position: log(event.room).end, at: now.wall, facts: facts, event: event)
        effects.append(.publish(Publication(event: told, views: matching)))
    }

    /// The views that would get an event of that topic with these facts. Where there is none the reading is not logged,
    /// and the log remembers that it left something out.
    mutating func viewing(
        _ room: BaseRoom, _ topic: EventTopics, _ facts: @autoclosure () -> EventFacts
    ) -> [ViewID] {
        precondition(!room.isDurable, "a durable room leaves nothing out")
        if views.isViewed(room) {
            let matching = views.matching(room, topic, facts())
            if !matching.isEmpty { return matching }
        }
        eventCount &+= 1
        logs[Int(room.rawValue)].noteUnlogged()
        return []
    }

    /// Logs an event and publishes it to the views that ``viewing(_:_:_:)`` found.
    mutating func publish(
        _ event: RoomEvent, _ facts: EventFacts, to matching: [ViewID], kept keeping: Keeping = .beforeTelling,
        _ now: Now, _ effects: inout [Effect]
    ) {
        eventCount &+= 1
        let place = Int(event.room.rawValue)
        let trimmed = logs[place].trimmedThrough
        let logged = logs[place].append(event, facts, at: now.wall)
        if PlantedBug.isActive(.eventBeforeCommit), !matching.isEmpty {
            effects.insert(.publish(Publication(event: logged, views: matching)), at: 0)
            return effects.append(.persist(.event(logged)))
        }
        precondition(keeping == .beforeTelling || event.room.isToldEarly, "the room is never told early")
        if event.room.isDurable {
            effects.append(keeping.effect(.event(logged)))
            tellTrimmed(event.room, since: trimmed, &effects)
        }
        if !buffers.isEmpty { keep(logged, matching) }
        if !matching.isEmpty { effects.append(.publish(Publication(event: logged, views: matching))) }
    }

    // MARK: Age

    var hasEvents: Bool { logs.contains { $0.count > 0 } }

    /// Lets go of events that have become too old.
    mutating func trim(_ now: Now, _ effects: inout [Effect]) {
        for room in BaseRoom.allCases {
            let trimmed = log(room).trimmedThrough
            logs[Int(room.rawValue)].trim(at: now.wall)
            if room.isDurable { tellTrimmed(room, since: trimmed, &effects) }
        }
    }

    private func tellTrimmed(_ room: BaseRoom, since former: UInt64, _ effects: inout [Effect]) {
        let through = log(room).trimmedThrough
        if through > former { effects.append(.persistLater(.eventsTrimmed(room, through: through))) }
    }
}
