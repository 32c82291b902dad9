public import Web

/// How an open connection ended.
public enum WebSocketEnding: Hashable, Sendable {
    /// By a close handshake: the peer's code and reason (at most 123 bytes; what is not UTF-8 is replaced).
    case closed(code: UInt16?, reason: String)
    /// Otherwise.
    case failed(DialError)
}

/// What a dialer and its clients report, all on their loop.
///
/// Every dial that is not cancelled reports exactly one of ``webSocketOpened(_:agreement:)`` and
/// ``webSocketDialFailed(_:error:)``; every opened client reports exactly one ``webSocketEnded(_:ending:)``, its last.
/// Bytes are valid during the call only. A delegate is held from the dial to the end.
public protocol WebSocketClientDelegate: AnyObject {
    /// The handshake is done. Messages may follow at once.
    func webSocketOpened(_ client: WebSocketClient, agreement: WebSocketAgreement)
    /// The connection could not be opened.
    func webSocketDialFailed(_ dial: WebSocketDial, error: DialError)
    /// A whole text message came, valid UTF-8.
    func webSocket(_ client: WebSocketClient, text: UnsafeRawBufferPointer)
    /// A whole binary message came.
    func webSocket(_ client: WebSocketClient, binary: UnsafeRawBufferPointer)
    /// A pong came, asked for or not. Does nothing unless implemented.
    func webSocket(_ client: WebSocketClient, pong: UnsafeRawBufferPointer)
    /// The connection is gone.
    func webSocketEnded(_ client: WebSocketClient, ending: WebSocketEnding)
}

extension WebSocketClientDelegate {
    /// Ignores it: heartbeats look after themselves.
    public func webSocket(_ client: WebSocketClient, pong: UnsafeRawBufferPointer) {}
}
