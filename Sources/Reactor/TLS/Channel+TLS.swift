import CLinux
import Glibc

extension Channel {
    /// Speaks TLS as the server, from the first byte on. To be called before ``EventLoop/adopt(_:)``.
    ///
    /// From here on all that the channel says and hears is plaintext; nothing else about it changes. Before the
    /// handshake is done nothing is received, and what is sent waits as for a full socket. The deadline is the
    /// channel's own.
    public final func secure(with context: TLSContext) {
        precondition(generation == 0 && tls == nil, "a channel is secured once, before it is adopted")
        tls = TLSSession(descriptor: fileDescriptor, context: context, serverName: nil, port: 0)
    }

    /// Speaks TLS as the client of a server that must prove to be `serverName`: a host's name, or its address.
    ///
    /// - Parameter port: tells the servers of one host apart when a session is resumed.
    public final func secure(with context: TLSContext, serverName: String, port: UInt16) {
        precondition(generation == 0 && tls == nil, "a channel is secured once, before it is adopted")
        tls = TLSSession(descriptor: fileDescriptor, context: context, serverName: serverName, port: port)
    }

    /// Whether the channel speaks TLS.
    public final var isSecure: Bool { tls != nil }

    /// Whether the peer proved itself with a certificate that our authorities vouch for.
    public final var hasPeerCertificate: Bool { tls?.hasPeerCertificate ?? false }

    /// `Syscall.send` of a secured channel. What the socket did not take of a record blocks further writes.
    final func sendSealed(_ session: TLSSession, _ base: UnsafeRawPointer, _ count: Int) -> Int {
        let result = session.send(base, count)
        if session.owedByteCount > 0 { state.insert(.writeBlocked) }
        return result
    }

    /// As ``sendSealed(_:_:_:)``, of several ranges. Small ones share records.
    final func sendSealed(_ session: TLSSession, _ vectors: UnsafeBufferPointer<iovec>) -> Int {
        let room = loop.gatherBuffer
        guard let roomBase = room.baseAddress else { return -Int(EAGAIN) }
        var taken = 0
        var gathered = 0
        for vector in vectors {
            guard let base = vector.iov_base, vector.iov_len > 0 else { continue }
            if gathered + vector.iov_len > room.count {
                if let end = put(session, roomBase, gathered, &taken) { return end }
                gathered = 0
            }
            if vector.iov_len >= room.count {
                if let end = put(session, base, vector.iov_len, &taken) { return end }
            } else {
                (roomBase + gathered).copyMemory(from: base, byteCount: vector.iov_len)
                gathered += vector.iov_len
            }
        }
        return put(session, roomBase, gathered, &taken) ?? taken
    }

    /// Sends one range of several. - Returns: what to answer if nothing may follow; nil if the next range may.
    private final func put(
        _ session: TLSSession, _ base: UnsafeRawPointer, _ count: Int, _ taken: inout Int
    ) -> Int? {
        if count == 0 { return nil }
        let result = sendSealed(session, base, count)
        if result < 0 { return taken > 0 && result == -Int(EAGAIN) ? taken : result }
        taken += result
        return session.owedByteCount > 0 ? taken : nil
    }
}
