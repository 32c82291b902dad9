import Grid

/// The logs of durable rooms: a row each for where the log begins and ends, and a row an event.
///
/// The ends are kept apart from the events, so that a log which has let go of everything still goes on where it was,
/// and an event which is gone is noticed.
extension Archive {
    /// Where a durable room's log stands.
    private struct Ends {
        var epoch: UInt64
        var lastOffset: UInt64 = 0
        var trimmedThrough: UInt64 = 0
    }

    // MARK: Rooms

    /// Begins the log of every durable room that has none.
    ///
    /// Its epoch comes of the coordinator's identity, which no other data directory has. A log that is told early
    /// begins another after each crash.
    func beginRooms() throws(StoreError) {
        let durable = BaseRoom.allCases.filter(\.isDurable)
        guard try database.integer("SELECT count(*) FROM room") < durable.count else { return }
        let identity = try readCoordinator()
        try database.transaction { () throws(StoreError) in
            for room in durable {
                var checksum = RecordChecksum()
                checksum.add(1, identity)
                checksum.add(2, room.name)
                // 1 to 2⁵² − 1, so that every JSON reader keeps it exactly.
                let ends = Ends(epoch: max(1, UInt64(bitPattern: checksum.value) >> 12))
                try database.statement(
                    """
                    INSERT INTO room (name, epoch, last_offset, trimmed_through, checksum) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (name) DO NOTHING
                    """
                ).run([.text(room.name)] + values(of: ends, room))
            }
        }
    }

    private func values(of ends: Ends, _ room: BaseRoom) -> [SQLiteValue] {
        [
            .optional(ends.epoch), .optional(ends.lastOffset), .optional(ends.trimmedThrough),
            .integer(checksum(of: ends, room)),
        ]
    }

    /// Where the room's log stands within this transaction.
    private func ends(of room: BaseRoom) throws(StoreError) -> Ends {
        var found: Ends?
        try database.statement("SELECT epoch, last_offset, trimmed_through, checksum FROM room WHERE name = ?")
            .forEachRow([.text(room.name)]) { (row) throws(StoreError) in
                let ends = Ends(epoch: try row.word(0), lastOffset: try row.word(1), trimmedThrough: try row.word(2))
                try row.verify(3, checksum(of: ends, room), of: "the room \(room.name)")
                found = ends
            }
        guard let found else { throw StoreError(.corrupt, "the record of the room \(room.name) is gone") }
        return found
    }

    private func write(_ ends: Ends, of room: BaseRoom) throws(StoreError) {
        try database.statement(
            "UPDATE room SET epoch = ?, last_offset = ?, trimmed_through = ?, checksum = ? WHERE name = ?"
        ).run(values(of: ends, room) + [.text(room.name)])
    }

    private func checksum(of ends: Ends, _ room: BaseRoom) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, room.name)
        checksum.add(2, ends.epoch)
        checksum.add(3, ends.lastOffset)
        checksum.add(4, ends.trimmedThrough)
        return checksum.value
    }

    // MARK: Epochs

    /// Lets a room's log go on under another epoch, and remembers where the one before ended.
    func beginEpoch(_ epoch: UInt64, of room: BaseRoom) throws(StoreError) {
        var ends = try ends(of: room)
        let former = EpochEnd(epoch: ends.epoch, lastOffset: ends.lastOffset)
        try database.statement("INSERT INTO former_epoch (room, epoch, last_offset, checksum) VALUES (?, ?, ?, ?)")
            .run([
                .text(room.name), .optional(former.epoch), .optional(former.lastOffset),
                .integer(checksum(of: former, room)),
            ])
        try database.statement(
            """
            DELETE FROM former_epoch WHERE room = ?1 AND number <= (
                SELECT number FROM former_epoch WHERE room = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
            """
        ).run([.text(room.name), .integer(Int64(Limits.formerEpochs))])
        ends.epoch = epoch
        try write(ends, of: room)
    }

    func note(_ room: BaseRoom, isToldEarly: Bool) throws(StoreError) {
        try database.statement(
            isToldEarly
                ? "INSERT INTO told_early (room) VALUES (?) ON CONFLICT DO NOTHING"
                : "DELETE FROM told_early WHERE room = ?"
        ).run([.text(room.name)])
    }

    private func isToldEarly(_ room: BaseRoom) throws(StoreError) -> Bool {
        var isThere = false
        try database.statement("SELECT 1 FROM told_early WHERE room = ?")
            .forEachRow([.text(room.name)]) { (_) throws(StoreError) in isThere = true }
        return isThere
    }

    private func formerEpochs(of room: BaseRoom) throws(StoreError) -> [EpochEnd] {
        var former: [EpochEnd] = []
        try database.statement(
            "SELECT epoch, last_offset, checksum FROM former_epoch WHERE room = ? ORDER BY number"
        ).forEachRow([.text(room.name)]) { (row) throws(StoreError) in
            let end = EpochEnd(epoch: try row.word(0), lastOffset: try row.word(1))
            try row.verify(2, checksum(of: end, room), of: "epoch \(end.epoch) of the room \(room.name)")
            former.append(end)
        }
        return former
    }

    private func checksum(of end: EpochEnd, _ room: BaseRoom) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, room.name)
        checksum.add(2, end.epoch)
        checksum.add(3, end.lastOffset)
        return checksum.value
    }

    // MARK: Events

    /// Appends an event to its room's log.
    func write(_ logged: LoggedEvent) throws(StoreError) {
        let room = logged.event.room
        var ends = try ends(of: room)
        precondition(
            logged.position == LogPosition(epoch: ends.epoch, offset: ends.lastOffset + 1),
            "a durable log has no holes")
        ends.lastOffset += 1
        try write(ends, of: room)
        let (kind, body) = EventCoder.encode(logged.event)
        let facts = logged.facts
        try database.statement(
            """
            INSERT INTO event (room, offset, at, kind, owner, node, task, job, region, status, body, checksum)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run([
            .text(room.name), .optional(logged.position.offset), .integer(logged.at.milliseconds), .text(kind),
            .optional(facts.owner?.text), .optional(facts.node?.description), .optional(facts.task?.description),
            .optional(facts.job), .optional(facts.region), .optional(facts.status), .text(body),
            .integer(checksum(of: logged, kind: kind, body: body)),
        ])
    }

    /// Lets go of a room's events up to and including that offset.
    func trimEvents(of room: BaseRoom, through offset: UInt64) throws(StoreError) {
        var ends = try ends(of: room)
        precondition(offset <= ends.lastOffset, "a log lets go of what it has")
        guard offset > ends.trimmedThrough else { return }
        ends.trimmedThrough = offset
        try write(ends, of: room)
        try database.statement("DELETE FROM event WHERE room = ? AND offset <= ?")
            .run([.text(room.name), .optional(offset)])
    }

    /// The logs of all durable rooms, in the order of the rooms, every event checked.
    func readLogs() throws(StoreError) -> [StoredLog] {
        var logs: [StoredLog] = []
        for room in BaseRoom.allCases where room.isDurable { logs.append(try readLog(of: room, ends(of: room))) }
        guard try database.integer("SELECT count(*) FROM room") == logs.count,
            try database.integer("SELECT count(*) FROM event") == logs.reduce(0, { $0 + $1.events.count })
        else { throw StoreError(.corrupt, "there is a log of a room that is not durable") }
        return logs
    }

    private func readLog(of room: BaseRoom, _ ends: Ends) throws(StoreError) -> StoredLog {
        var log = StoredLog(room: room, epoch: ends.epoch, trimmedThrough: ends.trimmedThrough)
        log.formerEpochs = try formerEpochs(of: room)
        log.isToldEarly = try isToldEarly(room)
        var offset = ends.trimmedThrough
        try database.statement(
            """
            SELECT offset, at, kind, owner, node, task, job, region, status, body, checksum FROM event
            WHERE room = ? ORDER BY offset
            """
        ).forEachRow([.text(room.name)]) { (row) throws(StoreError) in
            offset += 1
            let subject = "event \(offset) of the room \(room.name)"
            guard try row.word(0) == offset else { throw StoreError(.corrupt, "\(subject) is gone") }
            var facts = EventFacts()
            facts.owner = try row.optionalText(3).map { UserID($0) }
            facts.node = row.isNull(4) ? nil : NodeID(try row.uuid(4))
            facts.task = row.isNull(5) ? nil : TaskID(try row.uuid(5))
            facts.job = try row.optionalText(6)
            facts.region = try row.optionalText(7)
            facts.status = try row.optionalText(8)
            let (kind, body) = (try row.text(2), try row.text(9))
            guard let event = EventCoder.decode(kind: kind, body: body), event.room == room else {
                throw StoreError(.corrupt, "\(subject) cannot be read")
            }
            let logged = LoggedEvent(
                position: LogPosition(epoch: ends.epoch, offset: offset),
                at: Timestamp(milliseconds: try row.integer(1)),
                facts: facts, event: event)
            try row.verify(10, checksum(of: logged, kind: kind, body: body), of: subject)
            log.events.append(logged)
        }
        guard offset == ends.lastOffset else {
            throw StoreError(.corrupt, "the room \(room.name) ends at event \(offset) instead of \(ends.lastOffset)")
        }
        return log
    }

    private func checksum(of logged: LoggedEvent, kind: String, body: String) -> Int64 {
        let facts = logged.facts
        var checksum = RecordChecksum()
        checksum.add(1, logged.event.room.name)
        checksum.add(2, logged.position.offset)
        checksum.add(3, logged.at.milliseconds)
        checksum.add(4, kind)
        checksum.add(5, facts.owner?.text)
        if let node = facts.node { checksum.add(6, node.uuid) }
        if let task = facts.task { checksum.add(7, task.uuid) }
        checksum.add(8, facts.job)
        checksum.add(9, facts.region)
        checksum.add(10, facts.status)
        checksum.add(11, body)
        return checksum.value
    }
}
