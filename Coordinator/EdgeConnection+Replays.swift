internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor

/// What a session missed, on its way.
extension EdgeConnection {
    /// Sends frames of what the session missed. Unless they are the last, more are asked for once they are sent, so
    /// that a slow reader never has more than a piece of each log waiting.
    func replay(_ frames: ByteBuffer, of room: BaseRoom, isLast: Bool) {
        guard !isSayingGoodbye, !isClosed else { return }
        frames.withBytes { _ = send($0) }
        if isLast {
            replayed.remove(room)
        } else {
            replayed.insert(room)
            awaited.insert(room)
        }
        askForReplays()
    }

    /// The log let go of events that the session was still to be shown.
    func overtaken() { fellBehind(.overflow, at: withdraw()) }

    /// Positions that a resume may begin from. Where a replay has not reached the log's end, what the session saw
    /// live lies behind what it was still to be shown: there its client knows best what it has had.
    func resumable(_ positions: [RoomPosition]) -> [RoomPosition] {
        positions.filter { !replayed.contains($0.room) }
    }

    func askForReplays() {
        guard !awaited.isEmpty, !isSayingGoodbye, !isClosed, queuedByteCount == 0 || flushNow() else { return }
        for room in awaited.takeAll() { edge.push(.replayWanted(sessionID, room)) }
    }
}
