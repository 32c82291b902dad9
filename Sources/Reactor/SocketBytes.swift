internal import CLinux

/// What a TCP socket has carried in its life, as the kernel counted: nobody has to count along for it.
public struct SocketBytes: Sendable {
    /// Bytes of the peer.
    public var received: UInt64 = 0
    /// Bytes to the peer, sent again ones included.
    public var sent: UInt64 = 0

    /// Asks a socket; both are 0 where it is none of TCP's.
    public init(of descriptor: Int32) {
        clinux_tcp_bytes(descriptor, &received, &sent)
    }
}
