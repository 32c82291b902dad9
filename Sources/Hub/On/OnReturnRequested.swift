internal import Grid

extension Hub {
    /// A connection ended whose client may come back, or has done so already.
    mutating func onSessionLeft(
        _ session: SessionID, _ positions: [RoomPosition], _ now: Now, _ effects: inout [Effect]
    ) {
        guard rooms.subscriber(session) != nil else { return }
        rooms.detach(session, at: positions)
        absences.append(session, now: now.monotonicNanoseconds)
        endAbsences(now)
        if let wish = absences.wishes.removeValue(forKey: session) { onReturnRequested(wish, from: session, &effects) }
    }

    /// A client that dropped is back. What its permissions do not open any more is refused, room by room; of the rest it
    /// is shown what was kept, and then what comes. A former session that is still there ends first.
    mutating func onReturnRequested(_ wish: Absences.Wish, from former: SessionID, _ effects: inout [Effect]) {
        guard let subscriber = rooms.subscriber(wish.session) else { return }
        if rooms.subscriber(former) != nil, !rooms.isBuffered(former) {
            absences.wishes[former] = wish
            return
        }
        absences.remove(former)
        var joins: [(room: Room, predicate: Predicate?)] = []
        for room in wish.rooms {
            do {
                let predicate = try RoomRules.predicate(room, RoomFilter(), for: subscriber) {
                    isThere($0, for: subscriber)
                }
                joins.append((room, predicate))
            } catch {
                effects.append(.joinRefused(wish.session, room, error))
            }
        }
        rooms.takeOver(former, by: wish.session, joins, limit: wish.limit, &effects)
    }

    /// Forgets those who have not come back in time.
    mutating func endAbsences(_ now: Now) {
        for session in absences.takeOverdue(now: now.monotonicNanoseconds) { rooms.close(session) }
    }
}
