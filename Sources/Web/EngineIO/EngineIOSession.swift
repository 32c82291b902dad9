public import Bytes

/// The server's half of one Engine.IO session (protocol version 4), over long-polling, WebSocket, or first one and then
/// the other: what comes and the time go in, messages and actions come out.
///
/// A session knows neither sockets nor a clock nor other sessions. Its user
/// - keeps the sessions by their ids, which it draws (20 bytes from a secure source: whoever knows one *is* the
///   client), and refuses ids that it does not know with ``EngineIORefusal/unknownSession``;
/// - reads requests with ``EngineIORequest`` and calls the method that is named there; remembers whose poll is waiting,
///   whose WebSocket is the transport and whose is being tried;
/// - calls ``tick(at:into:)`` when ``deadline`` has passed, and ``flush(into:)`` once after all input of a turn;
/// - performs, in order, the actions that a call appended, before the next call;
/// - answers a POST with `ok` once ``finishPost()`` returns, and whatever throws with the refusal's status and body;
/// - tells of connections that break off: for the one whose poll waits, a half that its client shut is enough;
/// - limits bodies and WebSocket messages to ``EngineIOSettings/payloadBytes``;
/// - sends what many sessions share past them: over a WebSocket as frames, `4` and text, between those of the actions;
///   over long-polling with ``takePoll()`` whenever ``hasPoll`` is set. After ``EngineIOAction/adoptProbe`` the former
///   takes up where the latter ended.
///
/// Times are nanoseconds of any clock that does not go back. At rest a session holds nothing on the heap.
public struct EngineIOSession {
    enum Phase: UInt8 {
        case open
        /// Closed by its user; what waits and the news of it have yet to be fetched.
        case closing
        case ended
    }

    /// How far another WebSocket has come on its way to be the transport.
    enum Probe: UInt8 {
        case none
        /// Its handshake is done.
        case connected
        /// It has carried a ping and its pong.
        case answered
    }

    let settings: EngineIOSettings
    /// How packets travel at the moment.
    public internal(set) var transport: EngineIOTransport
    var phase = Phase.open
    var probe = Probe.none
    /// Whether a poll waits for its answer.
    public internal(set) var hasPoll: Bool
    /// Whether a POST is under way.
    var isPosting = false
    /// Whether the last ping has not been answered.
    var awaitsPong = false
    /// When to ping, or when to give up waiting for the pong.
    var heartbeatAt: UInt64
    /// When a WebSocket has been tried for long enough, or a closed session has waited for long enough.
    var patienceEndsAt: UInt64 = 0
    /// What waits for a poll, as a payload, and the packets in it.
    var queue = ByteBuffer()
    var queuedPackets = 0
    /// Why the session ended; `nil` as long as it has not.
    public internal(set) var ending: EngineIOEnding?

    /// Opens a session on a request that is ``EngineIORequest/open(_:)``; the first action answers it, with all that
    /// the client has to know. Over a WebSocket its handshake comes first.
    ///
    /// - Parameter sid: the session's id, of characters that need no escape in a URL. It is not kept.
    public init(
        over transport: EngineIOTransport, sid: String, settings: EngineIOSettings, at now: UInt64,
        into actions: inout [EngineIOAction]
    ) {
        self.settings = settings
        self.transport = transport
        hasPoll = false
        heartbeatAt = now + EngineIOSettings.nanoseconds(settings.pingInterval)
        let packet = Self.openPacket(over: transport, sid: sid, settings: settings)
        actions.append(transport == .polling ? .answerPoll(packet) : .sendText(packet))
    }

    private static func openPacket(
        over transport: EngineIOTransport, sid: String, settings: EngineIOSettings
    ) -> ByteBuffer {
        var writer = JSONWriter(EngineIOPacket.encoded(.open))
        writer.beginObject()
        writer.field("sid", sid)
        writer.key("upgrades")
        writer.beginArray()
        if transport == .polling { writer.string(static: EngineIOTransport.webSocket.name) }
        writer.endArray()
        writer.field("pingInterval", settings.pingInterval)
        writer.field("pingTimeout", settings.pingTimeout)
        writer.field("maxPayload", settings.payload)
        writer.endObject()
        return writer.buffer
    }

    /// Whether messages are taken and sent: neither closed nor ended.
    public var isOpen: Bool { phase == .open }

    /// Whether a WebSocket is being tried.
    public var isUpgrading: Bool { probe != .none }

    /// The bytes that wait for a poll.
    public var queuedByteCount: Int { queue.count }

    // MARK: Time

    /// When ``tick(at:into:)`` has something to do; `nil` once the session has ended.
    public var deadline: UInt64? {
        switch phase {
        case .open: probe == .none ? heartbeatAt : min(heartbeatAt, patienceEndsAt)
        case .closing: patienceEndsAt
        case .ended: nil
        }
    }

    /// Does what is due: pings, ends a session whose client is silent, gives up a WebSocket that does not get on.
    public mutating func tick(at now: UInt64, into actions: inout [EngineIOAction]) {
        guard let deadline, now >= deadline else { return }
        if phase == .closing { return end(.serverClosed, into: &actions) }
        if probe != .none, now >= patienceEndsAt { dropProbe(into: &actions) }
        guard now >= heartbeatAt else { return }
        if awaitsPong { return end(.pingTimeout, into: &actions) }
        awaitsPong = true
        heartbeatAt = now + EngineIOSettings.nanoseconds(settings.pingTimeout)
        put(EngineIOPacket.encoded(.ping), into: &actions)
        flush(into: &actions)
    }

    // MARK: Sending

    /// Sends a text message, which `write` appends: at once over a WebSocket, else with the next ``flush(into:)`` or
    /// poll. It must be UTF-8 without U+001E, as JSON is. Nothing is sent once the session is closed.
    public mutating func send(into actions: inout [EngineIOAction], _ write: (inout ByteBuffer) -> Void) {
        guard phase == .open else { return }
        switch transport {
        case .webSocket:
            var frame = EngineIOPacket.encoded(.message)
            write(&frame)
            actions.append(.sendText(frame))
        case .polling:
            queue.appendPacket(after: queuedPackets) { queue in
                queue.append(EngineIOPacketType.message.rawValue)
                write(&queue)
            }
            noteQueued(into: &actions)
        }
    }

    /// Sends a binary message, like a text.
    public mutating func send(binary bytes: UnsafeRawBufferPointer, into actions: inout [EngineIOAction]) {
        guard phase == .open else { return }
        switch transport {
        case .webSocket:
            actions.append(.sendBinary(ByteBuffer(bytes)))
        case .polling:
            queue.appendBinaryPacket(bytes, after: queuedPackets)
            noteQueued(into: &actions)
        }
    }

    /// Sends a packet that has no message.
    private mutating func put(_ packet: ByteBuffer, into actions: inout [EngineIOAction]) {
        switch transport {
        case .webSocket:
            actions.append(.sendText(packet))
        case .polling:
            queue.appendPacket(after: queuedPackets) { $0.append(packet) }
            noteQueued(into: &actions)
        }
    }

    private mutating func noteQueued(into actions: inout [EngineIOAction]) {
        queuedPackets += 1
        if queue.count > settings.queue { end(.slow, into: &actions) }
    }

    // MARK: Receiving

    /// Takes a packet that came over the session's transport; answers what it has for the session's user.
    mutating func take(
        _ packet: EngineIOPacket, at now: UInt64, into actions: inout [EngineIOAction]
    ) -> EngineIOMessage? {
        switch packet.type {
        case .message:
            // What comes behind our own close is not looked at.
            return phase == .open ? packet.message : nil
        case .pong:
            guard awaitsPong else { return nil }
            awaitsPong = false
            heartbeatAt = now + EngineIOSettings.nanoseconds(settings.pingInterval)
        case .close:
            end(.clientClosed, into: &actions)
        case .ping:
            // In this version of the protocol only the server pings.
            end(.invalidPacket, into: &actions)
        case .open, .upgrade, .noop:
            break
        }
        return nil
    }

    // MARK: The end

    /// Closes the session: over a WebSocket at once; over long-polling once a poll has fetched what waits and the news,
    /// or none came for as long as the settings say. A client that is about to upgrade may do so first and then
    /// gets what waits over its WebSocket.
    public mutating func close(at now: UInt64, into actions: inout [EngineIOAction]) {
        guard phase == .open else { return }
        guard transport == .polling else { return end(.serverClosed, into: &actions) }
        phase = .closing
        let patience = now + EngineIOSettings.nanoseconds(settings.closeTimeout)
        patienceEndsAt = probe == .none ? patience : min(patience, patienceEndsAt)
        flush(into: &actions)
    }

    /// Ends the session at once, whatever waits.
    mutating func end(_ ending: EngineIOEnding, into actions: inout [EngineIOAction]) {
        guard phase != .ended else { return }
        phase = .ended
        self.ending = ending
        if hasPoll {
            hasPoll = false
            // A client that closed knows; its poll is only brought to its end.
            actions.append(.answerPoll(EngineIOPacket.encoded(ending == .clientClosed ? .noop : .close)))
        }
        if probe != .none { dropProbe(into: &actions) }
        if transport == .webSocket, ending != .transportClosed {
            actions.append(.closeWebSocket(code: ending.closeCode))
        }
        queue = ByteBuffer()
        queuedPackets = 0
        actions.append(.end(ending))
    }
}
