/// The numbers of an Engine.IO server, the same for all of its sessions.
public struct EngineIOSettings: Hashable, Sendable {
    // Of 32 bits each, because every session carries them.
    let pingInterval: UInt32
    let pingTimeout: UInt32
    let payload: UInt32
    let upgradeTimeout: UInt32
    let closeTimeout: UInt32
    let queue: UInt32
    let answerPackets: UInt32

    /// Every number must be positive and fit into 32 bits.
    ///
    /// - Parameters:
    ///   - pingIntervalMilliseconds: from the opening, or from a pong, to the next ping.
    ///   - pingTimeoutMilliseconds: from a ping to the end of a session that has not answered it.
    ///   - payloadBytes: the body of a POST, and a WebSocket message: set the receiver's limit to the same.
    ///   - upgradeTimeoutMilliseconds: from a WebSocket's handshake to the `upgrade` packet on it.
    ///   - closeTimeoutMilliseconds: how long a session that was closed waits for a poll to say so.
    ///   - queueBytes: what may wait for a client that does not poll before it is given up.
    ///   - answerPackets: the packets of one answer, at least 2; there are clients that refuse more than 16.
    public init(
        pingIntervalMilliseconds: Int = 25_000, pingTimeoutMilliseconds: Int = 20_000, payloadBytes: Int = 1_000_000,
        upgradeTimeoutMilliseconds: Int = 10_000, closeTimeoutMilliseconds: Int = 30_000, queueBytes: Int = 1 << 20,
        answerPackets: Int = 16
    ) {
        precondition(pingIntervalMilliseconds > 0 && pingTimeoutMilliseconds > 0 && payloadBytes > 0)
        precondition(upgradeTimeoutMilliseconds > 0 && closeTimeoutMilliseconds > 0 && queueBytes > 0)
        precondition(answerPackets >= 2, "a last packet and the news of the end")
        pingInterval = UInt32(pingIntervalMilliseconds)
        pingTimeout = UInt32(pingTimeoutMilliseconds)
        payload = UInt32(payloadBytes)
        upgradeTimeout = UInt32(upgradeTimeoutMilliseconds)
        closeTimeout = UInt32(closeTimeoutMilliseconds)
        queue = UInt32(queueBytes)
        self.answerPackets = UInt32(answerPackets)
    }

    /// The largest body of a POST and the largest WebSocket message.
    public var payloadBytes: Int { Int(payload) }

    /// Milliseconds in the nanoseconds that sessions reckon in.
    static func nanoseconds(_ milliseconds: UInt32) -> UInt64 { UInt64(milliseconds) * 1_000_000 }
}
