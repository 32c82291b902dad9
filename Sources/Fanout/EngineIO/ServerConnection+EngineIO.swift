internal import Grid
internal import Reactor
internal import Web

/// A connection that carries an Engine.IO session: a GET that waits, the session's WebSocket, or one that is tried.
extension ServerConnection {
    /// The connection has been upgraded as ``EngineLinks/decide(_:body:on:headers:open:)`` said. One that its session
    /// has no use for is closed at once.
    public final func engineUpgraded() {
        // The session's own heartbeat goes over it.
        deadline = 0
        guard let link = engineLink else {
            closeWebSocket(code: CloseReason.normal.code, reason: CloseReason.normal.text)
            return
        }
        maximumMessageBytes = link.links.settings.payloadBytes
        if link.webSocket === self { link.beginOverWebSocket() }
    }

    /// A text message of an upgraded connection.
    public final func engineReceived(text: UnsafeRawBufferPointer) { engineLink?.received(text: text, on: self) }

    /// A binary message of an upgraded connection.
    public final func engineReceived(binary: UnsafeRawBufferPointer) {
        engineLink?.received(binary: binary, on: self)
    }

    /// What waited for an upgraded connection's socket has gone out.
    public final func engineWritable() {
        if let link = engineLink, link.webSocket === self, queuedByteCount == 0 { link.relieved() }
    }

    /// The session goes on without the connection, if it can.
    final func leaveEngine() { engineLink?.lost(self) }

    /// Asks ``decide(_:body:)`` anew about the request that was put off, as when the connection has come to another
    /// loop.
    public final func decideAgain() {
        guard !isClosed, let exchange, exchange.isWaiting, let head = exchange.head else { return }
        conclude(head, exchange)
    }
}
