internal import Fanout
internal import Grid
internal import Reactor

/// How the connection ends, and why.
extension EdgeConnection {
    /// Why it ends, as far as is known by now.
    var ending: ConnectionEnding {
        ConnectionEnding(code: sentCloseCode, isOurs: closedFirst, cause: endCause ?? .endOfStream)
    }

    /// Closes the session if it was opened with a token that was taken back.
    func endIfRevoked(_ revocation: Revocation) {
        guard !isSayingGoodbye else { return }
        switch role {
        case .client(let session): session.endIfRevoked(revocation)
        case .stream(let session): session.endIfRevoked(revocation)
        case .http, .agent, .engine: break
        }
    }

    /// The session that counts against the limits of the peer's address is over.
    func releasePeer() {
        guard countsAgainstPeer else { return }
        countsAgainstPeer = false
        edge.shared.limiter.release(peer.network)
    }

    /// The coordinator drains: say so and close.
    func drain() {
        guard isSession else {
            finishRequests()
            return
        }
        guard !isSayingGoodbye else { return }
        switch role {
        case .client(let session): session.drain()
        case .stream(let session): session.drain()
        case .agent(let session): session.drain()
        case .engine: (engineLink as? EyeNetLink)?.drain()
        case .http: break
        }
        closeWebSocket(code: CloseReason.drain.code, reason: CloseReason.drain.text)
    }
}
