import Bytes

/// Long-polling: GET fetches what there is, POST brings what the client has.
extension EngineIOSession {
    // MARK: GET

    /// Takes a poll: it is answered at once where something waits, else it waits. One that throws is refused.
    ///
    /// A second poll while one waits ends the session; one after an upgrade is refused and nothing else. An answer
    /// among the actions is this poll's, unless this throws: then it is that of the one which waited.
    public mutating func poll(at now: UInt64, into actions: inout [EngineIOAction]) throws(EngineIORefusal) {
        try requirePolling()
        guard !hasPoll else {
            end(.overlap, into: &actions)
            throw .badRequest
        }
        // Nobody lives longer than the deadline says only because a timer is late.
        tick(at: now, into: &actions)
        try requirePolling()
        hasPoll = true
        flush(into: &actions)
        // A client that upgrades wants its polls back, so that it can stop.
        if hasPoll, probe == .answered { releasePoll(into: &actions) }
    }

    /// The waiting poll's connection broke off, or its client has shut its half: that ends the session.
    public mutating func pollAborted(into actions: inout [EngineIOAction]) {
        guard hasPoll else { return }
        hasPoll = false
        end(.transportClosed, into: &actions)
    }

    /// Answers the waiting poll if anything waits for it: after all input of a turn, so that one answer takes it all.
    public mutating func flush(into actions: inout [EngineIOAction]) {
        guard hasPoll, queuedPackets > 0 || phase == .closing else { return }
        hasPoll = false
        let isClosing = phase == .closing
        // One packet's room is for the news of the end.
        let (taken, count) = takeQueue(Int(settings.answerPackets) - (isClosing ? 1 : 0))
        let isLast = isClosing && queuedPackets == 0
        var body = taken
        if isLast { body.appendPacket(after: count) { $0.append(EngineIOPacketType.close.rawValue) } }
        actions.append(.answerPoll(body))
        if isLast { end(.serverClosed, into: &actions) }
    }

    /// Takes the waiting poll, to be answered by the caller (status 200, `text/plain; charset=UTF-8`) with what waits,
    /// which the writer holds already, and with what the caller adds. `nil` without a poll, or once closed.
    public mutating func takePoll() -> EngineIOPayloadWriter? {
        guard hasPoll, phase == .open else { return nil }
        hasPoll = false
        let (body, count) = takeQueue(Int(settings.answerPackets))
        return EngineIOPayloadWriter(
            body, packetCount: count, packetLimit: queuedPackets > 0 ? count : Int(settings.answerPackets),
            byteLimit: settings.payloadBytes)
    }

    /// Answers the waiting poll with nothing.
    mutating func releasePoll(into actions: inout [EngineIOAction]) {
        hasPoll = false
        actions.append(.answerPoll(EngineIOPacket.encoded(.noop)))
    }

    /// Takes the first `limit` packets, or as many as there are, out of the queue.
    private mutating func takeQueue(_ limit: Int) -> (body: ByteBuffer, count: Int) {
        guard queuedPackets > limit else {
            defer { (queue, queuedPackets) = (ByteBuffer(), 0) }
            return (queue, queuedPackets)
        }
        var end = -1
        for _ in 0..<limit {
            guard let next = queue.separator(from: end + 1) else { preconditionFailure("packets were miscounted") }
            end = next
        }
        let body = queue.withBytes { ByteBuffer(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
        queue.removeFirst(end + 1)
        queuedPackets -= limit
        return (body, limit)
    }

    // MARK: POST

    /// A POST begins: its head is there. One that throws is refused, and its body is not read.
    ///
    /// A second POST while one is under way ends the session, as do bytes where a text has to be.
    ///
    /// - Parameters:
    ///   - contentType: the field of that name.
    ///   - byteCount: the length of the body where it is announced; one that comes in chunks is the caller's to limit,
    ///     see ``postTooLarge()``.
    public mutating func beginPost(
        contentType: String?, byteCount: Int?, into actions: inout [EngineIOAction]
    ) throws(EngineIORefusal) {
        try requirePolling()
        guard !isPosting else {
            end(.overlap, into: &actions)
            throw .badRequest
        }
        let mediaType = contentType?.utf8.prefix { $0 != UInt8(ascii: ";") } ?? Substring("").utf8
        guard !HTTPCharacters.equalIgnoringCase(mediaType, "application/octet-stream".utf8) else {
            end(.invalidPacket, into: &actions)
            throw .badRequest
        }
        guard byteCount ?? 0 <= settings.payloadBytes else { throw .payloadTooLarge }
        isPosting = true
    }

    /// The next message of a POST's body; `nil` behind the last one, or where the session has ended.
    ///
    /// Call it until it answers `nil`, then ``finishPost()``. What it answers lies in the body.
    public mutating func receive(
        _ payload: inout EngineIOPayloadReader, at now: UInt64, into actions: inout [EngineIOAction]
    ) -> EngineIOMessage? {
        precondition(isPosting, "a body has a head")
        while phase != .ended {
            do throws(EngineIOError) {
                guard let packet = try payload.next() else { return nil }
                if let message = take(packet, at: now, into: &actions) { return message }
            } catch {
                end(.invalidPacket, into: &actions)
            }
        }
        return nil
    }

    /// A POST has been read. Answer it with status 200, `text/html` and `ok`, or refuse it where this throws.
    public mutating func finishPost() throws(EngineIORefusal) {
        precondition(isPosting, "a POST ends once")
        isPosting = false
        switch ending {
        case nil, .clientClosed, .serverClosed: return
        case .transportClosed, .pingTimeout, .invalidPacket, .overlap, .slow: throw .badRequest
        }
    }

    /// A POST turned out to be too large: answer it with ``EngineIORefusal/payloadTooLarge``. The session goes on.
    public mutating func postTooLarge() { isPosting = false }

    /// A POST broke off before its end: so does the session.
    public mutating func postAborted(into actions: inout [EngineIOAction]) {
        guard isPosting else { return }
        isPosting = false
        end(.transportClosed, into: &actions)
    }

    private func requirePolling() throws(EngineIORefusal) {
        guard phase != .ended else { throw .unknownSession }
        guard transport == .polling else { throw .badRequest }
    }
}
