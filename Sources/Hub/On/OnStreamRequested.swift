internal import Grid

extension Hub {
    /// A client wants to follow several rooms as one stream: all of them, or none. A session that has closed meanwhile
    /// is told nothing.
    mutating func onStreamRequested(
        _ session: SessionID, _ rooms: [StreamRoom], _ since: [RoomPosition], _ effects: inout [Effect]
    ) {
        guard let subscriber = self.rooms.subscriber(session) else { return }
        guard subscriber.roomLimit == 0 || rooms.count <= subscriber.roomLimit else {
            effects.append(.roomLimit(session, limit: subscriber.roomLimit))
            return
        }
        var wishes: [Rooms.Wish] = []
        for asked in rooms {
            do {
                let predicate = try RoomRules.predicate(asked.room, asked.filter, for: subscriber) {
                    isThere($0, for: subscriber)
                }
                wishes.append(Rooms.Wish(room: asked.room, predicate: predicate))
            } catch {
                effects.append(.refused(session, error))
                return
            }
        }
        self.rooms.openStream(session, wishes, since: since, &effects)
    }
}
