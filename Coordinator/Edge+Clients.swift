internal import Bytes
internal import Fanout
internal import Grid
internal import Reactor

/// What loops tell each other of NeuroGraph's clients.
extension Edge {
    /// The NeuroGraph session of that name, unless it is over.
    func neurograph(_ session: SessionID) -> NeuroGraphSession? {
        guard let connection = connection(session), !connection.isSayingGoodbye,
            case .client(let client) = connection.role
        else { return nil }
        return client as? NeuroGraphSession
    }

    /// Sends a message to the loop of a session, this one or another, not before the next turn.
    func tell(_ session: SessionID, _ message: EdgeMessage) {
        let other = SessionAddress(session).loop
        guard other != index else {
            return loop.nextTurn { [unowned self] in receive(message) }
        }
        guard !shared.crossings.loops[other].post(message), !shared.crossings.loops[other].isClosed else { return }
        // Its mailbox is full. Two loops that waited for each other would wait for ever.
        loop.schedule(afterNanoseconds: 1_000_000) { [weak self] in self?.tell(session, message) }
    }

    /// A message to one client, which was in that session when it was sent.
    func handOver(_ message: ByteBuffer, to client: UUID128, in session: SessionID) {
        if let receiver = neurograph(session) { return receiver.take(letter: message) }
        // It has gone meanwhile: the message waits for it, or finds it where it is now.
        guard case .here(let other) = shared.clients.send(message, to: client, now: loop.now), other != session else {
            return
        }
        tell(other, .letter(other, client: client, message))
    }
}
