public import Reactor
public import Web

/// A server's refusal of a handshake, as it said it.
public struct HandshakeRefusal: Hashable, Sendable {
    /// The status of the response, never 101.
    public let status: Int
    /// `Retry-After` in seconds, where the server names it so.
    public let retryAfterSeconds: Int?
    /// The beginning of the response's body, at most 2 KiB; what is not UTF-8 in it is replaced.
    public let body: String
}

/// Why a connection could not be opened, or ended otherwise than by a close handshake.
public enum DialError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The host's name has no address.
    case unresolved(ResolverError)
    /// No address of the host could be reached, or the connection broke.
    case unreachable(SystemError)
    /// TLS could not be agreed on, or broke: the server's certificate is not trusted, or something else.
    case tls(TLSError)
    /// The time was over before the connection was open or the response complete.
    case timedOut
    /// The server answered the handshake with another status.
    case refused(HandshakeRefusal)
    /// The server's answer to the handshake opens no connection.
    case badHandshake(WebSocketHandshakeError)
    /// The response is no HTTP, or breaks a limit of ours.
    case badResponse(HTTPError)
    /// The peer broke the WebSocket protocol or a limit of ours; the code is what it was told.
    case protocolBroken(closeCode: UInt16, reason: String)
    /// Nothing came for the agreed time after a ping: the connection is half open.
    case unresponsive
    /// The peer's stream ended without a close handshake, or within a response.
    case endedEarly
    /// More waited to be sent than the queue may hold.
    case queueOverflow
    /// Our own side gave up.
    case cancelled

    /// How long the server asked to wait, in seconds; `nil` where it did not say.
    public var retryAfterSeconds: Int? {
        if case .refused(let refusal) = self { refusal.retryAfterSeconds } else { nil }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .unresolved(let error): "cannot resolve \(error)"
        case .unreachable(let error): "\(error)"
        case .tls(let error): "\(error)"
        case .timedOut: "timed out"
        case .refused(let refusal): "refused with status \(refusal.status)"
        case .badHandshake(let error): "bad handshake: \(error)"
        case .badResponse(let error): "bad response: \(error.message)"
        case .protocolBroken(let code, let reason): "the peer broke the protocol: \(reason) (\(code))"
        case .unresponsive: "the peer no longer answers"
        case .endedEarly: "the connection ended early"
        case .queueOverflow: "too much waits to be sent"
        case .cancelled: "cancelled"
        }
    }
}
