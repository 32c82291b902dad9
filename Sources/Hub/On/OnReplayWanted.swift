internal import Grid

extension Hub {
    /// A session's connection has sent what it was given of a replay. One that the session has left meanwhile needs no
    /// more.
    mutating func onReplayWanted(_ session: SessionID, _ room: BaseRoom, _ effects: inout [Effect]) {
        if rooms.isBuffered(session) {
            rooms.showKept(session, &effects)
        } else {
            rooms.continueReplay(session, room, &effects)
        }
    }
}
