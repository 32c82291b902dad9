internal import Grid

extension Hub {
    /// A client wants to look at a room. Joining again replaces the filter. A session that has closed meanwhile is
    /// told nothing.
    mutating func onJoinRequested(
        _ session: SessionID, _ room: Room, _ filter: RoomFilter, _ since: LogPosition?, _ effects: inout [Effect]
    ) {
        guard let subscriber = rooms.subscriber(session) else { return }
        let predicate: Predicate?
        do {
            predicate = try RoomRules.predicate(room, filter, for: subscriber) { nodes.registered($0) != nil }
        } catch {
            effects.append(.refused(session, error))
            return
        }
        let limit = subscriber.roomLimit
        if limit > 0, rooms.roomCount(session) >= limit, !rooms.isIn(session, room) {
            effects.append(.roomLimit(session, limit: limit))
            return
        }
        let end = rooms.log(room.base).end
        if rooms.join(session, room, predicate) {
            effects.append(.viewChanged(session, room.base, rooms.view(session, room.base), from: end))
        }
        // Nothing is replayed yet, so no resume is ever called complete.
        effects.append(.roomJoined(session, room, end, recovered: since == nil ? nil : false))
    }
}
