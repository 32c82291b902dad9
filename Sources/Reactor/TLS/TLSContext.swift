import COpenSSL
import Synchronization

/// Whose word a client takes for its server's name.
public enum TLSTrust: Hashable, Sendable {
    /// The machine's own store of authorities.
    case system
    /// The authorities of a PEM file, and no others.
    case file(String)
}

/// What all TLS connections of one side have in common: who it is, whom it believes, what it speaks.
///
/// TLS 1.2 with forward-secret AEAD suites, and TLS 1.3; sessions resume by tickets, whose keys live and die with the
/// context. `@unchecked Sendable`: nothing changes after the initialisers but what OpenSSL and the mutex guard.
public final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    let isClient: Bool
    /// Sessions that a client may resume, one a server.
    private let resumable = Mutex<[String: ResumableSession]>([:])

    private static let suites = "ECDHE+AESGCM:ECDHE+CHACHA20"
    private static let groups = "X25519:P-256:P-384"
    /// Servers whose last session a client keeps.
    private static let resumableCount = 256
    /// The one application protocol, in the form of RFC 7301: its length goes before it.
    fileprivate static let applicationProtocol: [UInt8] = [8] + Array("http/1.1".utf8)

    /// A server's context.
    ///
    /// - Parameter clientAuthorities: PEM file of authorities. Clients are asked for a certificate then; one that does
    ///   not verify ends the handshake, none at all does not.
    public init(server identity: TLSIdentity, clientAuthorities: String? = nil) throws(TLSFileError) {
        isClient = false
        pointer = Self.makeContext(TLS_server_method())
        // Whole from here on: where this throws, deinit frees.
        try identity.install(in: pointer)
        if let clientAuthorities {
            try Self.believe(clientAuthorities, in: pointer)
            SSL_CTX_set_client_CA_list(pointer, SSL_load_client_CA_file(clientAuthorities))
            SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        }
        // Without a name of its own a server that asks for certificates resumes nothing.
        let name = Array("neurogrid".utf8)
        precondition(SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count)) == 1)
        // One ticket is enough to come back with; each costs the handshake a record.
        precondition(SSL_CTX_set_num_tickets(pointer, 1) == 1)
        SSL_CTX_set_alpn_select_cb(pointer, chooseProtocol, nil)
    }

    /// A client's context: servers must prove the name that they are called by.
    ///
    /// - Parameter identity: presented to servers that ask for a certificate.
    public init(client trust: TLSTrust, identity: TLSIdentity? = nil) throws(TLSFileError) {
        isClient = true
        pointer = Self.makeContext(TLS_client_method())
        // Whole from here on: where this throws, deinit frees.
        switch trust {
        case .system: precondition(SSL_CTX_set_default_verify_paths(pointer) == 1)
        case .file(let path): try Self.believe(path, in: pointer)
        }
        try identity?.install(in: pointer)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let offer = Self.applicationProtocol
        // This one call answers 0 for success.
        precondition(SSL_CTX_set_alpn_protos(pointer, offer, UInt32(offer.count)) == 0)
    }

    deinit { SSL_CTX_free(pointer) }

    private static func makeContext(_ method: OpaquePointer?) -> OpaquePointer {
        ERR_clear_error()
        guard let context = SSL_CTX_new(method) else { preconditionFailure("OpenSSL made no context") }
        SSL_CTX_set_options(context, copenssl_options)
        // Buffers only while a record is in them.
        copenssl_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
        copenssl_forget_sessions(context)
        precondition(copenssl_set_minimum_version(context, TLS1_2_VERSION) == 1, "OpenSSL has no TLS 1.2")
        precondition(SSL_CTX_set_cipher_list(context, suites) == 1, "OpenSSL has no suite of ours")
        precondition(copenssl_set_groups(context, groups) == 1, "OpenSSL has no group of ours")
        return context
    }

    private static func believe(_ path: String, in context: OpaquePointer) throws(TLSFileError) {
        // Read here first: OpenSSL's own message for a file that is not there names no file.
        _ = try PEMFile.read(path)
        ERR_clear_error()
        guard SSL_CTX_load_verify_file(context, path) == 1 else {
            throw .takingQueue(path: path, "holds no PEM certificate of an authority")
        }
    }

    // MARK: Coming back

    /// Keeps what is needed to resume the session with that server.
    func remember(_ ssl: OpaquePointer, for server: String) {
        guard let session = SSL_get1_session(ssl) else { return }
        let kept = ResumableSession(owning: session)
        guard SSL_SESSION_is_resumable(session) == 1 else { return }
        resumable.withLock { table in
            if table.count >= Self.resumableCount, table[server] == nil { table.removeAll() }
            table[server] = kept
        }
    }

    /// Lets a new connection resume the last session with that server. A ticket is shown once only, so that nobody on
    /// the way can tell by it that two connections are the same client's.
    func resume(_ ssl: OpaquePointer, with server: String) {
        guard let session = resumable.withLock({ $0.removeValue(forKey: server) }) else { return }
        SSL_set_session(ssl, session.pointer)
    }
}

/// A session that may be resumed, with the one reference to it.
private final class ResumableSession: @unchecked Sendable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { SSL_SESSION_free(pointer) }
}

/// A client that offers protocols must offer ours; one that offers none speaks it anyway.
private let chooseProtocol:
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
        UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, length, offers, count, _ in
        guard let offers, let chosen, let length else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let wanted = TLSContext.applicationProtocol
        var place = 0
        while place < Int(count) {
            let end = place + 1 + Int(offers[place])
            guard end <= Int(count) else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            if end - place == wanted.count, wanted.indices.allSatisfy({ offers[place + $0] == wanted[$0] }) {
                // Points into the offer, which lives as long as OpenSSL needs it.
                chosen.pointee = offers + place + 1
                length.pointee = offers[place]
                return SSL_TLSEXT_ERR_OK
            }
            place = end
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
