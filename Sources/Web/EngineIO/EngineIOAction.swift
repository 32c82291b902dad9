public import Bytes

/// What a session wants done, in this order. Buffers are whole packets or payloads, ready to be sent.
public enum EngineIOAction: Equatable, Sendable {
    /// Answer the waiting poll: status 200, `text/plain; charset=UTF-8`, this body.
    case answerPoll(ByteBuffer)
    /// Send a text frame on the WebSocket that is the session's transport.
    case sendText(ByteBuffer)
    /// Send a binary frame on the WebSocket that is the session's transport.
    case sendBinary(ByteBuffer)
    /// Send a text frame on the WebSocket that is being tried.
    case sendProbe(ByteBuffer)
    /// The WebSocket that was being tried is the session's transport from now on.
    case adoptProbe
    /// Close the WebSocket that is being tried, with 1000; the session goes on without it, unless an end follows.
    case closeProbe
    /// Close the WebSocket that is the session's transport, with this code.
    case closeWebSocket(code: UInt16)
    /// Forget the session: nothing comes after this.
    case end(EngineIOEnding)
}

/// Why a session ended.
public enum EngineIOEnding: UInt8, Sendable, CaseIterable {
    /// The client sent a `close` packet.
    case clientClosed
    /// ``EngineIOSession/close(at:into:)`` was called.
    case serverClosed
    /// A WebSocket, or the connection of a waiting request, broke off.
    case transportClosed
    /// No pong came in time.
    case pingTimeout
    /// Something came that is no packet, or one that a client does not send.
    case invalidPacket
    /// A second poll, or a second POST, came while the first was under way.
    case overlap
    /// More was waiting than a client may leave waiting.
    case slow

    /// The code of the close frame: the registered ones, else those of protocol.md.
    public var closeCode: UInt16 {
        switch self {
        case .clientClosed, .serverClosed, .transportClosed: WebSocketCloseCode.normal
        case .invalidPacket, .overlap: WebSocketCloseCode.protocolError
        case .slow: 3008
        case .pingTimeout: 3012
        }
    }
}
