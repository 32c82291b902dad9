internal import Grid

extension Hub {
    /// A client that dropped is back. Rooms that its permissions do not open any more are refused one by one; of the
    /// others it is shown what it missed, the newest events only where that is too many, and then what comes.
    mutating func onReturnRequested(
        _ session: SessionID, _ wanted: [Room], since: [RoomPosition], limit: Int, _ effects: inout [Effect]
    ) {
        guard let subscriber = rooms.subscriber(session) else { return }
        var joins: [(room: Room, predicate: Predicate?)] = []
        var refusals: [Effect] = []
        for room in wanted {
            do {
                let predicate = try RoomRules.predicate(room, RoomFilter(), for: subscriber) {
                    isThere($0, for: subscriber)
                }
                joins.append((room, predicate))
            } catch {
                refusals.append(.joinRefused(session, room, error))
            }
        }
        let missed = Missed(joins.map { ($0.room.base, $0.predicate) }, since: since, in: rooms, limit: limit)
        effects.append(.returned(session, dropped: missed.dropped))
        effects.append(contentsOf: refusals)
        for join in joins {
            rooms.join(session, join.room, join.predicate, since: missed.since[join.room.base], &effects)
        }
    }
}

/// What came behind some places in some logs: from where on it may be shown so that it is not too much.
private struct Missed {
    /// Where to begin, a base room each.
    var since: [BaseRoom: LogPosition] = [:]
    /// Events that are not shown; of those that the logs have let go of nobody knows whom they were for.
    var dropped: UInt64 = 0

    private struct Entry {
        var at: Timestamp
        var position: RoomPosition
    }

    /// - Parameter limit: events that are shown at most, the newest of all rooms; 0 = all.
    init(_ questions: [(room: BaseRoom, predicate: Predicate?)], since: [RoomPosition], in rooms: Rooms, limit: Int) {
        var entries: [Entry] = []
        for room in BaseRoom.allCases where questions.contains(where: { $0.room == room }) {
            let log = rooms.log(room)
            let place = since.first { $0.room == room }?.position ?? log.end
            var from = place.epoch == log.epoch ? min(place.offset, log.lastOffset) : log.lastOffset
            if from < log.trimmedThrough {
                dropped += log.trimmedThrough - from
                from = log.trimmedThrough
            }
            self.since[room] = log.position(from)
            let predicates = questions.filter { $0.room == room }.compactMap(\.predicate)
            while from < log.lastOffset {
                from += 1
                guard let event = log[from], predicates.contains(where: { $0.matches(event) }) else { continue }
                entries.append(Entry(at: event.at, position: RoomPosition(room: room, position: event.position)))
            }
        }
        guard limit > 0, entries.count > limit else { return }
        // Stable: rooms ascend, and so do the offsets within one.
        let order = entries.indices.sorted { (entries[$0].at.milliseconds, $0) < (entries[$1].at.milliseconds, $1) }
        for index in order.prefix(entries.count - limit) {
            let (room, position) = (entries[index].position.room, entries[index].position.position)
            // A clock that was set back must not bring forth again what was passed over.
            if position.offset > self.since[room]?.offset ?? 0 { self.since[room] = position }
        }
        dropped += UInt64(entries.count { $0.position.position.offset <= self.since[$0.position.room]?.offset ?? 0 })
    }
}
