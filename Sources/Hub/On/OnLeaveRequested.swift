internal import Grid

extension Hub {
    /// A client no longer wants to look at a room; its other rooms of the same log go on without a gap.
    mutating func onLeaveRequested(_ session: SessionID, _ room: Room, _ effects: inout [Effect]) {
        guard rooms.subscriber(session) != nil else { return }
        guard rooms.isIn(session, room) else {
            effects.append(.refused(session, Refusal(.notInRoom, "The session is not in the room \(room.name)")))
            return
        }
        rooms.leave(session, room, &effects)
    }
}
