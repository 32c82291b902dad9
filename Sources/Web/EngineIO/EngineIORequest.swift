/// The two ways in which a session's packets travel.
public enum EngineIOTransport: UInt8, Sendable, CaseIterable {
    case polling, webSocket

    /// The name in URLs and in the `upgrades` of an open packet.
    public var name: StaticString {
        switch self {
        case .polling: "polling"
        case .webSocket: "websocket"
        }
    }
}

/// What a request to an Engine.IO path wants, as far as that shows without its session.
///
/// Origins, tokens and limits of connections are the caller's business, and come before a session is opened
/// (``EngineIORefusal/forbidden``). So is a `sid` that no session has (``EngineIORefusal/unknownSession``).
public enum EngineIORequest: Hashable, Sendable {
    /// A new session. Over a WebSocket the handshake is accepted first.
    case open(EngineIOTransport)
    /// What waits for the client, or what comes next: ``EngineIOSession/poll(at:into:)``.
    case poll(sid: String)
    /// Packets from the client: ``EngineIOSession/beginPost(contentType:byteCount:into:)``.
    case post(sid: String)
    /// A WebSocket for a session that polls: ``EngineIOSession/beginUpgrade(at:into:)``.
    case upgrade(sid: String)

    /// The version that `EIO` must name.
    static let version = "4"

    /// Reads the head of a request whose path is known to be an Engine.IO one.
    public init(_ head: HTTPRequestHead) throws(EngineIORefusal) {
        let transport: EngineIOTransport
        switch head.queryValue("transport") {
        case "polling": transport = .polling
        case "websocket": transport = .webSocket
        default: throw .unknownTransport
        }
        let isSession = head.queryValues("sid").contains { $0 != "" }
        guard isSession || head.method == "GET" else { throw .badHandshakeMethod }
        // A WebSocket is asked for where, and only where, the transport is one.
        guard head.isWebSocketUpgrade == (transport == .webSocket) else { throw .badRequest }
        guard head.queryValue("EIO") == Self.version else { throw .unsupportedVersion }
        guard isSession else {
            self = .open(transport)
            return
        }
        guard let sid = head.queryValue("sid"), !sid.isEmpty else { throw .unknownSession }
        switch (transport, head.method) {
        case (.polling, "GET"): self = .poll(sid: sid)
        case (.polling, "POST"): self = .post(sid: sid)
        case (.webSocket, "GET"): self = .upgrade(sid: sid)
        default: throw .badRequest
        }
    }
}
