internal import Grid

extension Hub {
    /// A session's connection has sent what it was given of its stream's replay. One that has closed meanwhile needs no
    /// more.
    mutating func onStreamWanted(_ session: SessionID, _ effects: inout [Effect]) {
        rooms.continueStream(session, &effects)
    }
}
