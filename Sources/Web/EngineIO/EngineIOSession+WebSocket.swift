import Bytes

/// WebSocket: from the beginning, or after an upgrade.
extension EngineIOSession {
    // MARK: The transport

    /// Takes a text message of the WebSocket that is the transport; answers what it has for the session's user.
    public mutating func receive(
        text: UnsafeRawBufferPointer, at now: UInt64, into actions: inout [EngineIOAction]
    ) -> EngineIOMessage? {
        precondition(transport == .webSocket, "the transport is a WebSocket")
        guard phase != .ended else { return nil }
        do throws(EngineIOError) {
            return take(try EngineIOPacket(text: text), at: now, into: &actions)
        } catch {
            end(.invalidPacket, into: &actions)
            return nil
        }
    }

    /// Takes a binary message of the WebSocket that is the transport.
    public mutating func receive(
        binary: UnsafeRawBufferPointer, at now: UInt64, into actions: inout [EngineIOAction]
    ) -> EngineIOMessage? {
        precondition(transport == .webSocket, "the transport is a WebSocket")
        return take(EngineIOPacket(binary: binary), at: now, into: &actions)
    }

    /// The WebSocket that is the transport was closed by the client, broke off or failed.
    public mutating func webSocketClosed(into actions: inout [EngineIOAction]) {
        precondition(transport == .webSocket, "the transport is a WebSocket")
        end(.transportClosed, into: &actions)
    }

    // MARK: The upgrade

    /// A client asks for a WebSocket for its session. One that throws is refused before the handshake.
    ///
    /// - Returns: whether it is tried. If not, because the session has one or tries one, accept the handshake and close
    ///   the WebSocket at once with 1000, nothing else: clients take a refused handshake for a fault of the server.
    public mutating func beginUpgrade(
        at now: UInt64, into actions: inout [EngineIOAction]
    ) throws(EngineIORefusal) -> Bool {
        tick(at: now, into: &actions)
        guard phase != .ended else { throw .unknownSession }
        guard phase == .open, transport == .polling, probe == .none else { return false }
        probe = .connected
        patienceEndsAt = now + EngineIOSettings.nanoseconds(settings.upgradeTimeout)
        return true
    }

    /// Takes a text message of the WebSocket that is being tried: a ping that says `probe`, then `upgrade`; after
    /// anything else it is given up, and the session goes on without it.
    public mutating func receiveProbe(
        text: UnsafeRawBufferPointer, at now: UInt64, into actions: inout [EngineIOAction]
    ) {
        precondition(probe != .none, "a WebSocket is being tried")
        let packet = try? EngineIOPacket(text: text)
        switch (packet?.type, probe) {
        case (.ping, .connected) where packet?.isProbe == true:
            probe = .answered
            actions.append(.sendProbe(EngineIOPacket.encoded(.pong, EngineIOPacket.probe)))
            flush(into: &actions)
            if hasPoll { releasePoll(into: &actions) }
        case (.upgrade, .answered):
            adoptProbe(at: now, into: &actions)
        default:
            dropProbe(into: &actions)
        }
    }

    /// A binary message came on the WebSocket that is being tried, which is given up.
    public mutating func receiveProbeBinary(into actions: inout [EngineIOAction]) {
        precondition(probe != .none, "a WebSocket is being tried")
        dropProbe(into: &actions)
    }

    /// The WebSocket that was being tried broke off; the session goes on without it.
    public mutating func probeClosed() { probe = .none }

    /// Makes the WebSocket that was tried the transport, and sends what waits over it.
    private mutating func adoptProbe(at now: UInt64, into actions: inout [EngineIOAction]) {
        probe = .none
        if hasPoll { releasePoll(into: &actions) }
        transport = .webSocket
        actions.append(.adoptProbe)
        sendQueue(into: &actions)
        // A ping may have waited among the rest, and only now comes to the client.
        if awaitsPong { heartbeatAt = now + EngineIOSettings.nanoseconds(settings.pingTimeout) }
        if phase == .closing { end(.serverClosed, into: &actions) }
    }

    /// Sends what waited for a poll, a frame for each packet.
    private mutating func sendQueue(into actions: inout [EngineIOAction]) {
        guard queuedPackets > 0 else { return }
        let packets = queue.withBytes { bytes in
            bytes.split(separator: EngineIOPayloadReader.separator, omittingEmptySubsequences: false).map { packet in
                let packet = UnsafeRawBufferPointer(rebasing: packet)
                guard packet.first == EngineIOPacket.binaryPrefix else {
                    return EngineIOAction.sendText(ByteBuffer(packet))
                }
                let decoded = Base64.decode(UnsafeRawBufferPointer(rebasing: packet[1...]), padded: true)
                guard let decoded else { preconditionFailure("what was encoded can be decoded") }
                return EngineIOAction.sendBinary(ByteBuffer(decoded))
            }
        }
        actions += packets
        (queue, queuedPackets) = (ByteBuffer(), 0)
    }

    /// Gives the WebSocket up that is being tried.
    mutating func dropProbe(into actions: inout [EngineIOAction]) {
        probe = .none
        actions.append(.closeProbe)
    }
}
