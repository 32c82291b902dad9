internal import Grid

/// A session that follows several rooms as one stream, until it goes live: of each log what comes behind the session's
/// place there is shown first, piece by piece, as the session takes it.
struct StreamJoin: Sendable {
    /// One log, through the union of what the session asks of the log's rooms.
    struct Leg: Sendable {
        var union: PredicateUnion
        /// Every event up to this one has been looked at.
        var cursor: UInt64
    }

    /// Ascending by room.
    var legs: [Leg]
}

/// Streams: a session's rooms go live together, in the `apply` in which the last of their logs has been shown to its
/// end. Until then it is told of nothing but the replay, so that each event's place in its own log, beside the places
/// in the others, says all that the session has had.
///
/// The views are taken at once, so that readings are logged for a session that is still being told of earlier ones.
extension Rooms {
    /// A room that the session asks for, with its question; `nil` for one that no event can answer.
    struct Wish: Sendable {
        var room: Room
        var predicate: Predicate?
    }

    /// Lets an open session without any rooms follow some.
    ///
    /// - Parameter since: where it left off. A log without a place is followed from its end.
    mutating func openStream(
        _ session: SessionID, _ wishes: [Wish], since: [RoomPosition], _ effects: inout [Effect]
    ) {
        guard let looking = sessions[session], looking.looks.isEmpty, !wishes.isEmpty else {
            preconditionFailure("a stream beside other rooms")
        }
        var stream = StreamJoin(legs: [])
        var opened: [StreamOpening] = []
        for base in BaseRoomSet(wishes.map(\.room.base)).rooms {
            let asked = wishes.filter { $0.room.base == base }
            let union = looking.union(base, asked.compactMap(\.predicate))
            let resumption = since.first { $0.room == base }.map { log(base).resumption(since: $0.position) }
            let from = resumption?.from ?? log(base).lastOffset
            stream.legs.append(StreamJoin.Leg(union: union, cursor: from))
            sessions[session]?.looks.append(Look(room: base, view: views.acquire(union)))
            let position = log(base).position(from)
            opened += asked.map {
                StreamOpening(room: $0.room, position: position, recovery: resumption?.recovery)
            }
        }
        sessions[session]?.stream = stream
        effects.append(.streamOpened(session, opened))
        showMore(session, &effects)
    }

    /// The session's connection has sent the last piece of its stream's replay: shows the next one.
    mutating func continueStream(_ session: SessionID, _ effects: inout [Effect]) {
        guard let stream = sessions[session]?.stream else { return }
        guard stream.legs.allSatisfy({ $0.cursor >= log($0.union.room).trimmedThrough }) else {
            // A log let go of what the session still had to see. It comes back and is told what is missing.
            sessions[session]?.stream = nil
            effects.append(.fellBehind(session))
            return
        }
        showMore(session, &effects)
    }

    /// Shows the next piece, of one log after the other; behind the last one the session is live.
    private mutating func showMore(_ session: SessionID, _ effects: inout [Effect]) {
        guard var stream = sessions[session]?.stream, let looks = sessions[session]?.looks else { return }
        let start = stream.legs.map {
            RoomPosition(room: $0.union.room, position: log($0.union.room).position($0.cursor))
        }
        var piece = ReplayPiece()
        for place in stream.legs.indices { take(&stream.legs[place], into: &piece) }
        let isLast = stream.legs.allSatisfy { $0.cursor == log($0.union.room).lastOffset }
        if !isLast || !piece.events.isEmpty {
            effects.append(
                .streamReplay(StreamReplay(session: session, from: start, events: piece.events, isLast: isLast)))
        }
        sessions[session]?.stream = isLast ? nil : stream
        guard isLast else { return }
        effects.append(
            .streamLive(session, looks.map { StreamLook(room: $0.room, view: $0.view, from: log($0.room).end) }))
    }

    /// What one piece of a replay has come to.
    private struct ReplayPiece {
        var events: [LoggedEvent] = []
        var byteCount = 0
        var scanned = 0

        var isFull: Bool {
            events.count >= Limits.replayEvents || byteCount >= Limits.replayBytes
                || scanned >= Limits.replayScannedEvents
        }
    }

    /// Moves a leg on, as far as the piece has room.
    private func take(_ leg: inout StreamJoin.Leg, into piece: inout ReplayPiece) {
        let log = log(leg.union.room)
        // Nothing matches an empty union: there is nothing to look for.
        if leg.union.predicates.isEmpty { leg.cursor = log.lastOffset }
        while leg.cursor < log.lastOffset, !piece.isFull {
            leg.cursor += 1
            piece.scanned += 1
            guard let event = log[leg.cursor] else { preconditionFailure("a replay beyond the log") }
            guard leg.union.matches(event) else { continue }
            piece.events.append(event)
            piece.byteCount += event.event.approximateByteCount
        }
    }
}
