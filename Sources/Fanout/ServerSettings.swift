public import Grid
public import Web

/// What all connections of one server have in common; one object, shared by reference.
public final class ServerSettings: Sendable {
    public let http: HTTPLimits
    /// From accept to a finished request or upgrade.
    public let handshakeNanoseconds: UInt64
    /// How long an answer that is put off may take; then it is 503.
    public let answerNanoseconds: UInt64
    /// How long a connection may rest between two requests.
    public let keepAliveNanoseconds: UInt64
    /// A WebSocket peer silent for that long is pinged; silent for twice as long, it is gone. 0: never.
    public let heartbeatNanoseconds: UInt64
    /// How long a closing handshake may take.
    public let closeNanoseconds: UInt64
    /// The largest message of a fresh WebSocket; a session may raise it once it trusts its peer.
    public let messageBytes: Int
    /// Fragments of one message, empty ones included.
    public let messageFragments: Int
    /// From the first byte of a message to its last; 0: any time.
    public let assemblyNanoseconds: UInt64
    /// Whether permessage-deflate is agreed to where it is offered and the connection's decision allows it.
    public let deflates: Bool

    public init(
        http: HTTPLimits = HTTPLimits(), handshakeNanoseconds: UInt64 = UInt64(Limits.handshakeSeconds) * 1_000_000_000,
        answerNanoseconds: UInt64 = 30_000_000_000, keepAliveNanoseconds: UInt64 = 60_000_000_000,
        heartbeatNanoseconds: UInt64 = 30_000_000_000, closeNanoseconds: UInt64 = 2_000_000_000,
        messageBytes: Int = Limits.unauthenticatedMessageBytes, messageFragments: Int = Limits.messageFragments,
        assemblyNanoseconds: UInt64 = UInt64(Limits.messageAssemblySeconds) * 1_000_000_000,
        deflates: Bool = true
    ) {
        self.http = http
        self.handshakeNanoseconds = handshakeNanoseconds
        self.answerNanoseconds = answerNanoseconds
        self.keepAliveNanoseconds = keepAliveNanoseconds
        self.heartbeatNanoseconds = heartbeatNanoseconds
        self.closeNanoseconds = closeNanoseconds
        self.messageBytes = messageBytes
        self.messageFragments = messageFragments
        self.assemblyNanoseconds = assemblyNanoseconds
        self.deflates = deflates
    }
}
