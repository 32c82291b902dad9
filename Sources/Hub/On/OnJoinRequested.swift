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
            predicate = try RoomRules.predicate(
                room, filter, for: subscriber,
                task: { number in tasks.slot(of: .number(number)).map { tasks[$0].record.id } },
                isThere: { isThere($0, for: subscriber) })
        } catch {
            effects.append(.joinRefused(session, room, error))
            return
        }
        let limit = subscriber.roomLimit
        if limit > 0, rooms.roomCount(session) >= limit, !rooms.isIn(session, room) {
            effects.append(.roomLimit(session, limit: limit))
            return
        }
        rooms.join(session, room, predicate, since: since, &effects)
    }
}
