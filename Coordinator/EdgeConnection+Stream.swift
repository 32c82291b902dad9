internal import Bytes
internal import Fanout
internal import Reactor

/// The connection as one of a client that follows rooms by Server-Sent Events.
extension EdgeConnection {
    /// Asks the Hub for a stream, the answer to the present request.
    ///
    /// - Returns: the refusal's answer if the peer's address has too many sessions, or there is no room now.
    func becomeStream(_ request: StreamRequest) -> HTTPResponse? {
        let session = StreamSession(connection: self, edge: edge, request: request)
        if let refusal = begin(.stream(session), orSay: StreamSession.comeBack([])) { return refusal }
        session.open()
        return nil
    }

    /// Answers the request in the stream's place. The connection serves others.
    func refuseStream(_ answer: HTTPResponse) {
        guard case .stream(let session) = role, !isEventStream else { return }
        session.lost()
        role = .http
        releasePeer()
        respond(answer)
    }

    /// The answer's head is on its way.
    func streamBegan() {
        guard isEventStream else { return }
        sessionBegan()
    }

    /// Sends frames of what the stream has not shown yet.
    func replayStream(_ frames: ByteBuffer, isLast: Bool) {
        guard case .stream(let session) = role, isEventStream, !isSayingGoodbye, !isClosed else { return }
        session.replay(frames, isLast: isLast)
    }
}
