internal import Grid

extension Hub {
    /// A connection ended whose client may come back, or has done so already.
    mutating func onSessionLeft(
        _ session: SessionID, _ positions: [RoomPosition], _ ending: ConnectionEnding, _ now: Now,
        _ effects: inout [Effect]
    ) {
        guard let subscriber = rooms.subscriber(session) else { return }
        noteGone(subscriber, ending, now, &effects)
        rooms.detach(session, at: positions)
        absences.append(session, now: now.monotonicNanoseconds)
        endAbsences(now)
        if let wish = absences.wishes.removeValue(forKey: session) { onReturnRequested(wish, from: session, &effects) }
    }

    /// Forgets those who have not come back in time.
    mutating func endAbsences(_ now: Now) {
        for session in absences.takeOverdue(now: now.monotonicNanoseconds) { rooms.close(session) }
    }
}
