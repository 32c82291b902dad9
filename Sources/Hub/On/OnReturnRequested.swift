internal import Grid

extension Hub {
    /// A client that dropped is back. What its permissions do not open any more is refused, room by room; of the rest
    /// it is shown what was kept, and then what comes. A former session that is still there ends first.
    mutating func onReturnRequested(_ wish: Absences.Wish, from former: SessionID, _ effects: inout [Effect]) {
        guard let subscriber = rooms.subscriber(wish.session) else { return }
        if rooms.subscriber(former) != nil, !rooms.isBuffered(former) {
            absences.wishes[former] = wish
            return
        }
        // Who it is was seen at the edge, and is seen here once more: what is kept is somebody's.
        let isOurs = rooms.subscriber(former)?.user == subscriber.user
        if isOurs { absences.remove(former) }
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
        rooms.takeOver(isOurs ? former : nil, by: wish.session, joins, limit: wish.limit, &effects)
    }
}
