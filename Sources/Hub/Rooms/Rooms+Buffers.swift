internal import Grid

/// Sessions whose client has dropped and may come back, and those that it came back in until they have caught up: what
/// comes in their rooms is kept for them. Their views stay theirs, so an event finds them as it finds everybody.
extension Rooms {
    /// How much is kept for sessions that are not shown what comes.
    struct Buffers: Sendable {
        var ofSession: [SessionID: EventBuffer] = [:]
        /// Who looks through a view and is to be shown later what it lets through.
        var lookers: [ViewID: [SessionID]] = [:]
        /// Events of one session; 0 = no limit.
        var limit = Limits.bufferedEvents
        /// Of all sessions, estimated.
        var byteCount = 0

        var isEmpty: Bool { ofSession.isEmpty }
    }

    func isBuffered(_ session: SessionID) -> Bool { buffers.ofSession[session] != nil }

    /// From now on the session is shown nothing, and what it is not shown is kept.
    ///
    /// - Parameter positions: up to where it was given the logs; what stands behind is kept as well.
    mutating func detach(_ session: SessionID, at positions: [RoomPosition]) {
        guard let leaving = sessions[session], !isBuffered(session) else { return }
        buffers.ofSession[session] = EventBuffer()
        for look in leaving.looks { buffers.lookers[look.view, default: []].append(session) }
        var missed: [LoggedEvent] = []
        for look in leaving.looks {
            let log = log(look.room)
            // Without a place it was shown nothing since it joined. Where nothing came for it for long, its place may
            // be one that the log has let go of.
            let place = positions.first { $0.room == look.room }?.position ?? log.position(0)
            guard place.epoch == log.epoch else { continue }
            var offset = max(place.offset, log.trimmedThrough)
            while offset < log.lastOffset {
                offset += 1
                guard let event = log[offset], leaving.joins.contains(where: { $0.hasShown(event) }) else { continue }
                missed.append(event)
            }
        }
        // Stable: each log ascends.
        let order = missed.indices.sorted { (missed[$0].at.milliseconds, $0) < (missed[$1].at.milliseconds, $1) }
        for index in order { keep(missed[index], for: session) }
    }

    /// Keeps an event for those who look through one of its views and are to be shown it later.
    mutating func keep(_ event: LoggedEvent, _ views: [ViewID]) {
        for view in views {
            for session in buffers.lookers[view] ?? [] { keep(event, for: session) }
        }
    }

    private mutating func keep(_ event: LoggedEvent, for session: SessionID) {
        change(session) { buffer, limit, room in
            buffer.append(event)
            if limit > 0 { buffer.drop(downTo: limit) }
            while buffer.byteCount > room, buffer.count > 0 { buffer.drop(downTo: buffer.count - 1) }
        }
    }

    /// - Parameter body: is given the buffer, how many events it may have, and how many bytes.
    private mutating func change(_ session: SessionID, _ body: (inout EventBuffer, Int, Int) -> Void) {
        guard var buffer = buffers.ofSession.removeValue(forKey: session) else { return }
        buffers.byteCount -= buffer.byteCount
        body(&buffer, buffers.limit, Limits.bufferedBytesTotal - buffers.byteCount)
        buffers.byteCount += buffer.byteCount
        buffers.ofSession[session] = buffer
    }

    /// The session has another view of a room.
    mutating func relook(_ session: SessionID, from former: ViewID?, to view: ViewID?) {
        if let former {
            buffers.lookers[former]?.removeAll { $0 == session }
            if buffers.lookers[former]?.isEmpty == true { buffers.lookers[former] = nil }
        }
        if let view { buffers.lookers[view, default: []].append(session) }
    }

    /// Forgets what is kept for a session that ends, or that is shown what comes from now on.
    mutating func endBuffer(_ session: SessionID) {
        guard let buffer = buffers.ofSession.removeValue(forKey: session) else { return }
        buffers.byteCount -= buffer.byteCount
        for look in sessions[session]?.looks ?? [] { relook(session, from: look.view, to: nil) }
    }

    /// A session takes over what was kept for another one, which ends. It is in those rooms from now on, and is shown
    /// what was kept before what comes.
    ///
    /// - Parameters:
    ///   - former: `nil`: nothing was kept.
    ///   - limit: events that it is shown of what was kept, the newest; 0 = all.
    mutating func takeOver(
        _ former: SessionID?, by session: SessionID, _ joins: [(room: Room, predicate: Predicate?)], limit: Int,
        _ effects: inout [Effect]
    ) {
        var kept = former.flatMap { buffers.ofSession[$0] } ?? EventBuffer()
        if let former { close(former) }
        kept.filter { event in
            joins.contains { $0.room.base == event.event.room && $0.predicate?.matches(event) == true }
        }
        if limit > 0 { kept.drop(downTo: limit) }
        buffers.ofSession[session] = kept
        buffers.byteCount += kept.byteCount
        effects.append(.returned(session, dropped: kept.dropped))
        for join in joins {
            let end = log(join.room.base).end
            sessions[session]?.joins.append(Join(room: join.room, predicate: join.predicate, from: end.offset))
            effects.append(.roomJoined(session, join.room, end, recovery: nil))
        }
        for room in BaseRoom.allCases where joins.contains(where: { $0.room.base == room }) {
            look(session, room, &effects)
        }
        showKept(session, &effects)
    }

    /// Shows the next piece of what was kept; behind the last one the session is shown what comes.
    mutating func showKept(_ session: SessionID, _ effects: inout [Effect]) {
        var piece: [LoggedEvent] = []
        var isLast = false
        change(session) { buffer, _, _ in
            var bytes = 0
            while piece.count < Limits.replayEvents, bytes < Limits.replayBytes, let event = buffer.takeFirst() {
                piece.append(event)
                bytes += event.event.approximateByteCount
            }
            isLast = buffer.count == 0
        }
        // Each log's events apart: those of durable ones may have to wait for the disk.
        for run in piece.chunked(by: \.event.room) {
            effects.append(
                .replay(
                    Replay(session: session, room: run[run.startIndex].event.room, events: Array(run), isLast: true)))
        }
        guard isLast else {
            // The connection asks for more when it has sent these.
            effects.append(.replay(Replay(session: session, room: .channels, events: [], isLast: false)))
            return
        }
        let looks = sessions[session]?.looks ?? []
        effects.append(.replay(Replay(session: session, room: .channels, events: [], isLast: true)))
        endBuffer(session)
        for look in looks { effects.append(.viewChanged(session, look.room, look.view, from: log(look.room).end)) }
    }
}

extension [LoggedEvent] {
    /// The runs of neighbours that have something in common.
    fileprivate func chunked(by common: (LoggedEvent) -> BaseRoom) -> [ArraySlice<LoggedEvent>] {
        var runs: [ArraySlice<LoggedEvent>] = []
        var start = startIndex
        for index in indices where index > start && common(self[index]) != common(self[start]) {
            runs.append(self[start..<index])
            start = index
        }
        if start < endIndex { runs.append(self[start...]) }
        return runs
    }
}
