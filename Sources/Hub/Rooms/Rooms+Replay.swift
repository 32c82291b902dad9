internal import Grid

/// A join that brought a position: what came behind it is shown first, piece by piece, as the session takes it.
struct ResumingJoin: Sendable {
    var room: Room
    /// `nil` for a question that no event can answer.
    var predicate: Predicate?
    /// Where the session left off, as it said.
    var since: LogPosition
    /// Held from the request on, though nothing comes through it before the replay's end: so readings are logged for
    /// a session that is still being told of earlier ones.
    var view: ViewID
    /// Once the replay has begun: everything behind this offset is shown through this join.
    var from: UInt64?
    /// Every event up to this one has been looked at.
    var cursor: UInt64 = 0
    /// Joins of the same log that ended during the replay, with the last offset that they showed.
    var shown: [(join: Rooms.Join, through: UInt64)] = []

    init(room: Room, predicate: Predicate?, since: LogPosition, view: ViewID) {
        self.room = room
        self.predicate = predicate
        self.since = since
        self.view = view
    }

    func isReplayed(of base: BaseRoom) -> Bool { from != nil && room.base == base }

    /// Whether a live join, or one that was live during the replay, has shown the event already.
    func isShown(_ event: LoggedEvent, beside joins: [Rooms.Join]) -> Bool {
        joins.contains { $0.room.base == room.base && $0.hasShown(event) }
            || shown.contains { $0.join.hasShown(event) && event.position.offset <= $0.through }
    }
}

/// Replays: pulled by the session's connection whenever it has sent what it was given, so that a slow reader costs one
/// piece of memory and nobody waits for it.
///
/// While a replay goes on, the session goes on seeing live what it saw before. The last piece and the view that takes
/// over from it come out of the same `apply`, so live events follow the replayed ones without a gap or a double.
extension Rooms {
    /// Begins what waits for a base room: one replay at a time, those with nothing to show at once.
    mutating func beginReplays(_ session: SessionID, _ base: BaseRoom, _ effects: inout [Effect]) {
        while let resuming = sessions[session]?.resuming, !resuming.contains(where: { $0.isReplayed(of: base) }),
            let place = resuming.firstIndex(where: { $0.room.base == base })
        {
            let resumption = log(base).resumption(since: resuming[place].since)
            sessions[session]?.resuming[place].from = resumption.from
            sessions[session]?.resuming[place].cursor = resumption.from
            effects.append(
                .roomJoined(
                    session, resuming[place].room, log(base).position(resumption.from),
                    recovery: resumption.recovery))
            showMore(session, at: place, &effects)
        }
    }

    /// Forgets joins that resume, and gives their views back.
    mutating func endResuming(_ session: SessionID, where isOver: (ResumingJoin) -> Bool) {
        guard let resuming = sessions[session]?.resuming else { return }
        for join in resuming where isOver(join) { views.release(join.view) }
        sessions[session]?.resuming.removeAll(where: isOver)
    }

    /// The session's connection has sent the replay's last piece: shows the next one.
    mutating func continueReplay(_ session: SessionID, _ base: BaseRoom, _ effects: inout [Effect]) {
        guard let resuming = sessions[session]?.resuming,
            let place = resuming.firstIndex(where: { $0.isReplayed(of: base) })
        else { return }
        guard resuming[place].cursor >= log(base).trimmedThrough else {
            // The log let go of what the session still had to see. It comes back and is told what is missing.
            endResuming(session) { $0.room.base == base }
            effects.append(.fellBehind(session))
            return
        }
        showMore(session, at: place, &effects)
        beginReplays(session, base, &effects)
    }

    /// Shows the next piece; the last one makes the join a live one.
    private mutating func showMore(_ session: SessionID, at place: Int, _ effects: inout [Effect]) {
        guard let looking = sessions[session], let from = looking.resuming[place].from else { return }
        let replayed = looking.resuming[place]
        let base = replayed.room.base
        let log = log(base)
        var cursor = replayed.cursor
        var events: [LoggedEvent] = []
        var bytes = 0
        // Nothing matches where there is no predicate: there is nothing to look for.
        if replayed.predicate == nil { cursor = log.lastOffset }
        let stop = min(log.lastOffset, cursor + UInt64(Limits.replayScannedEvents))
        while cursor < stop, events.count < Limits.replayEvents, bytes < Limits.replayBytes {
            cursor += 1
            guard let event = log[cursor] else { preconditionFailure("a replay beyond the log") }
            guard replayed.predicate?.matches(event) == true, !replayed.isShown(event, beside: looking.joins)
            else { continue }
            events.append(event)
            bytes += event.event.approximateByteCount
        }
        let isLast = cursor == log.lastOffset
        // Whoever was given a piece that is not the last waits to be told the end, though nothing is in it.
        if !isLast || !events.isEmpty || replayed.cursor > from {
            effects.append(.replay(Replay(session: session, room: base, events: events, isLast: isLast)))
        }
        guard isLast else {
            sessions[session]?.resuming[place].cursor = cursor
            return
        }
        sessions[session]?.joins.append(Join(room: replayed.room, predicate: replayed.predicate, from: from))
        look(session, base, &effects)
        endResuming(session) { $0.room == replayed.room }
    }
}
