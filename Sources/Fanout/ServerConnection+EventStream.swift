public import Bytes
internal import Reactor
internal import Web

/// Server-Sent Events: an answer that goes on.
extension ServerConnection {
    /// The headers of an answer with events, beside those of its framing.
    public static let eventStreamHeaders = [
        ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"),
    ]

    /// Answers the request that ``decide(_:body:)`` put off with events: whole frames follow (``StreamFrame``), from
    /// here and from the fan-out, until ``endEventStream(code:)``. What the peer still sends is dropped.
    ///
    /// - Parameters:
    ///   - headers: beside ``eventStreamHeaders``.
    ///   - first: the first frames.
    public final func beginEventStream(headers: [(String, String)], _ first: ByteBuffer) {
        guard exchange?.isWaiting == true, goodbye == .open, !isClosed else { return }
        var buffer = ByteBuffer(capacity: 256 + first.count)
        HTTPResponseWriter.writeHead(
            status: 200, headers: Self.eventStreamHeaders + headers, body: .chunked, keepAlive: false, into: &buffer)
        buffer.append(first)
        exchange = nil
        isEventStream = true
        resumeReading()
        send(buffer)
    }

    /// Ends the stream, behind what is queued, and the connection with it.
    ///
    /// - Parameter code: what a WebSocket would be closed with, for the accounts alone.
    public final func endEventStream(code: UInt16) {
        guard isEventStream, goodbye == .open, !isClosed else { return }
        sentCloseCode = code
        closedFirst = true
        leaveViews()
        var buffer = ByteBuffer(capacity: 8)
        HTTPResponseWriter.appendLastChunk(into: &buffer)
        send(buffer)
        finishClosing()
    }
}
