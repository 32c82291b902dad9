/// How often a client asks whether its peer is still there.
public struct Heartbeat: Hashable, Sendable {
    /// From one ping to the next, in milliseconds.
    public var intervalMilliseconds: Int
    /// How long after a ping something must have come, whatever it is, in milliseconds.
    public var answerMilliseconds: Int

    /// Both must be positive.
    public init(intervalMilliseconds: Int, answerMilliseconds: Int) {
        precondition(intervalMilliseconds > 0 && answerMilliseconds > 0)
        self.intervalMilliseconds = intervalMilliseconds
        self.answerMilliseconds = answerMilliseconds
    }
}

/// What connection to open, and the bounds it lives in.
public struct WebSocketRequest: Sendable {
    /// Where to connect and what to ask for.
    public var url: ServiceURL
    /// A Unix socket to connect to in place of the URL's host and port.
    public var unixPath: String?
    /// Subprotocols offered, the one liked best first; tokens.
    public var subprotocols: [String] = []
    /// Further fields of the handshake.
    public var headers: [(String, String)] = []
    /// From the dial to the open connection: resolution, connect and handshake together.
    public var openTimeoutMilliseconds = 10_000
    /// From our close frame to the peer's, and again to the end of the stream.
    public var closeTimeoutMilliseconds = 3000
    /// Payload of one received message, its fragments together.
    public var maximumMessageBytes = 1 << 20
    /// Frames of one received message.
    public var maximumFragments = 1024
    /// Bytes that may wait to be sent; what does not fit is refused.
    public var queueByteLimit = 1 << 20
    /// Whether permessage-deflate is offered. A server that agrees sends compressed, and gets compressed what is long
    /// and shrinks.
    public var offersDeflate = false
    /// nil: no pings, and a half-open connection is not noticed.
    public var heartbeat: Heartbeat?

    /// A request with the default bounds.
    public init(url: ServiceURL) { self.url = url }
}
