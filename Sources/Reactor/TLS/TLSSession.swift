import COpenSSL
import Glibc

/// The TLS of one connection: OpenSSL above, the socket below.
///
/// OpenSSL never sees the socket. What a read of the loop brought lies in the loop's buffer and is fed through
/// ``TLSTransport``; what OpenSSL writes goes to the socket at once, and what the socket refuses of it waits here. So
/// OpenSSL's own write never has to be repeated with the same bytes: a record is either not begun, or it is ciphertext
/// whose plaintext nobody needs any more. At rest a session holds no buffer.
final class TLSSession {
    /// What one read of the socket came to.
    enum Input {
        /// So many bytes of plaintext, from the start of the buffer.
        case bytes(Int)
        /// Ciphertext came, but no plaintext of it yet.
        case partial
        /// The socket was empty.
        case empty
        /// The peer will send nothing more.
        case end
        /// The socket broke.
        case failed(errno: Int32)
        /// TLS broke; ``failure`` says why.
        case broken
    }

    private struct Flags: OptionSet {
        let rawValue: UInt8
        static let client = Flags(rawValue: 1 << 0)
        static let established = Flags(rawValue: 1 << 1)
        /// Output is gathered until the present input is handled.
        static let corked = Flags(rawValue: 1 << 2)
        /// The peer said goodbye; it may still read.
        static let peerSaidGoodbye = Flags(rawValue: 1 << 3)
        static let saidGoodbye = Flags(rawValue: 1 << 4)
        /// The socket may hold more, or the end was seen behind plaintext: read again without an edge.
        static let mayHoldMore = Flags(rawValue: 1 << 5)
        /// The failure has been reported; what still comes is dropped.
        static let isDead = Flags(rawValue: 1 << 6)
    }

    /// Plaintext of one record at most.
    static let recordBytes = 16 << 10
    /// Ciphertext is received so far behind the place where its plaintext goes. What OpenSSL still holds of a record
    /// that began in an earlier read is less, so plaintext never overtakes ciphertext that is still to be read.
    static let lead = 17 << 10
    /// Ciphertext that may wait for the socket: a record and whatever a handshake says at once.
    static let owedLimit = 128 << 10

    private let descriptor: Int32
    private var flags: Flags = []
    private var ssl: OpaquePointer?
    private let context: TLSContext
    /// A client's server, to resume with later.
    private let server: String?
    /// Ciphertext of the present read that OpenSSL has not taken yet.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Ciphertext that the socket has not taken yet.
    private var owed: WriteQueue?
    private var socketError: Int32 = 0
    /// Why TLS broke, if it did.
    private(set) var failure: TLSError?

    /// - Parameter serverName: whom a client wants to speak to: a name or an address; `nil` on the server's side.
    init(descriptor: Int32, context: TLSContext, serverName: String?, port: UInt16) {
        precondition(context.isClient == (serverName != nil), "a client names its server, and a server has no name")
        self.descriptor = descriptor
        self.context = context
        server = serverName.map { "\($0):\(port)" }
        guard let ssl = SSL_new(context.pointer), let transport = TLSTransport.make() else {
            preconditionFailure("out of memory")
        }
        self.ssl = ssl
        BIO_set_data(transport, Unmanaged.passUnretained(self).toOpaque())
        // One reference serves both directions, and goes with the SSL.
        SSL_set_bio(ssl, transport, transport)
        if let serverName {
            flags.insert(.client)
            Self.expect(serverName, of: ssl)
            if let server { context.resume(ssl, with: server) }
            SSL_set_connect_state(ssl)
        } else {
            SSL_set_accept_state(ssl)
        }
    }

    deinit { precondition(ssl == nil, "a TLS session is closed by its channel before it is let go") }

    /// The server must have a certificate for this name, or this address.
    private static func expect(_ name: String, of ssl: OpaquePointer) {
        let parameters = SSL_get0_param(ssl)
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 { return }
        ERR_clear_error()
        SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        precondition(SSL_set1_host(ssl, name) == 1, "out of memory")
        copenssl_set_server_name(ssl, name)
    }

    var isClient: Bool { flags.contains(.client) }

    /// Whether the handshake is done.
    var isEstablished: Bool { flags.contains(.established) }

    /// Whether the session goes on from an earlier one.
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// Whether the peer presented a certificate. One that does not verify has ended the handshake.
    var hasPeerCertificate: Bool {
        isEstablished && SSL_get0_peer_certificate(ssl) != nil && SSL_get_verify_result(ssl) == Int(X509_V_OK)
    }

    /// Whether the socket must be read again though no edge will tell.
    var mayHoldMore: Bool { flags.contains(.mayHoldMore) }

    /// Ciphertext that waits for the socket.
    var owedByteCount: Int { owed?.count ?? 0 }

    // MARK: Input

    /// Reads the socket once, and decrypts in place what came.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Input {
        precondition(buffer.count >= 2 * Self.lead, "the loop's read buffer is too small for TLS")
        guard let base = buffer.baseAddress else { return .empty }
        flags.remove(.mayHoldMore)
        if failure != nil, !flags.contains(.isDead) { return reportFailure() }
        let room = buffer.count - Self.lead
        let count = Syscall.receive(descriptor, base + Self.lead, room)
        if count == 0 { return ended() }
        if count < 0 && count != -Int(EAGAIN) { return .failed(errno: Int32(-count)) }
        if count == room { flags.insert(.mayHoldMore) }
        if flags.contains(.isDead) { return count > 0 ? .partial : .empty }
        if flags.contains(.peerSaidGoodbye) { return .end }
        // A client speaks first.
        if count < 0 && (isEstablished || !isClient) { return .empty }
        input = UnsafeRawBufferPointer(start: base + Self.lead, count: max(0, count))
        let wasClear = owed == nil
        flags.insert(.corked)
        let plain = isEstablished || shakeHands() ? decrypt(into: buffer) : 0
        flags.remove(.corked)
        // A full socket is not asked again before its edge; a broken one is found by the next write or read.
        if wasClear { _ = drain() }
        if plain > 0 {
            // An end or a fault behind it is reported after it.
            if failure != nil || flags.contains(.peerSaidGoodbye) { flags.insert(.mayHoldMore) }
            return .bytes(plain)
        }
        if failure != nil { return reportFailure() }
        if flags.contains(.peerSaidGoodbye) { return .end }
        return count > 0 ? .partial : .empty
    }

    private func reportFailure() -> Input {
        flags.insert(.isDead)
        return .broken
    }

    /// The peer's stream is over. A server forgives one that says no goodbye: what it takes carries its own length.
    private func ended() -> Input {
        if flags.contains(.peerSaidGoodbye) || flags.contains(.isDead) || !isClient { return .end }
        failure = .truncated
        return reportFailure()
    }

    /// True when the handshake is done.
    private func shakeHands() -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            flags.insert(.established)
            return true
        }
        if SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ { fail() }
        return false
    }

    /// - Returns: bytes of plaintext at the start of the buffer.
    private func decrypt(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var total = 0
        while input.count > 0, failure == nil {
            ERR_clear_error()
            let result = SSL_read(ssl, base + total, Int32(min(buffer.count - total, Self.recordBytes)))
            if result > 0 {
                total += Int(result)
                continue
            }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ:
                precondition(input.count == 0, "ciphertext was left over")
            case SSL_ERROR_ZERO_RETURN:
                flags.insert(.peerSaidGoodbye)
                input = UnsafeRawBufferPointer(start: nil, count: 0)
            default:
                fail()
            }
        }
        return total
    }

    /// Notes why OpenSSL's last call failed.
    private func fail() {
        if failure == nil { failure = TLSError.taken(from: ssl) }
        input = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// What OpenSSL asks the transport for; nil when the present read is used up.
    func takeInput(_ target: UnsafeMutableRawPointer, _ count: Int) -> Int? {
        guard let base = input.baseAddress, input.count > 0 else { return nil }
        let taken = min(count, input.count)
        target.copyMemory(from: base, byteCount: taken)
        input = UnsafeRawBufferPointer(rebasing: input[taken...])
        return taken
    }

    // MARK: Output

    /// Encrypts and sends, record by record, until the socket refuses some of one; its rest is owed then.
    ///
    /// - Returns: bytes of plaintext that are taken, or a negative errno as of `send(2)`: EAGAIN before the handshake
    ///   is done and while ciphertext is owed, EPROTO with a ``failure``.
    func send(_ base: UnsafeRawPointer, _ count: Int) -> Int {
        if failure != nil { return -Int(EPROTO) }
        if socketError != 0 { return -Int(socketError) }
        if !isEstablished || owed != nil { return -Int(EAGAIN) }
        var done = 0
        while done < count && owed == nil {
            let piece = min(count - done, Self.recordBytes)
            ERR_clear_error()
            let result = SSL_write(ssl, base + done, Int32(piece))
            guard result > 0 else {
                if socketError != 0 {
                    ERR_clear_error()
                    return -Int(socketError)
                }
                fail()
                return -Int(EPROTO)
            }
            done += Int(result)
        }
        return done
    }

    /// Takes what OpenSSL writes: to the socket, and what it refuses, to the owed. False when it cannot be taken.
    func transmit(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, socketError == 0 else { return socketError == 0 }
        var sent = 0
        if owed == nil && !flags.contains(.corked) {
            sent = Syscall.send(descriptor, base, bytes.count)
            if sent == bytes.count { return true }
            if sent < 0 && sent != -Int(EAGAIN) {
                socketError = Int32(-sent)
                return false
            }
            sent = max(0, sent)
        }
        let queue = owed ?? WriteQueue()
        guard queue.count + bytes.count <= Self.owedLimit else {
            failure = failure ?? .unreadAnswers
            return false
        }
        queue.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        owed = queue
        return true
    }

    /// Offers the owed ciphertext to the socket. - Returns: 0, or the negative errno of a broken socket.
    func drain() -> Int {
        guard let queue = owed, let base = queue.bytes.baseAddress else { return 0 }
        let result = Syscall.send(descriptor, base, queue.count)
        if result < 0 {
            if result == -Int(EAGAIN) { return 0 }
            socketError = Int32(-result)
            return result
        }
        queue.consume(result)
        if queue.count == 0 { owed = nil }
        return 0
    }

    // MARK: The end

    /// Says goodbye once (close_notify), unless TLS has broken. True when nothing is owed any more.
    func sayGoodbye() -> Bool {
        if owed == nil, isEstablished, failure == nil, socketError == 0, !flags.contains(.saidGoodbye) {
            flags.insert(.saidGoodbye)
            ERR_clear_error()
            _ = SSL_shutdown(ssl)
            ERR_clear_error()
        }
        return owed == nil
    }

    /// Frees everything, after a goodbye if there is room for one.
    func close() {
        guard let ssl else { return }
        _ = sayGoodbye()
        if let server, isEstablished, failure == nil { context.remember(ssl, for: server) }
        self.ssl = nil
        SSL_free(ssl)
        ERR_clear_error()
        owed = nil
    }
}
