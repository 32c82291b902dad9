import COpenSSL

/// How OpenSSL reaches a session's input and output: a BIO of our own, whose data is the session.
enum TLSTransport {
    /// One BIO; its data is still to be set.
    static func make() -> OpaquePointer? {
        guard let transport = BIO_new(method) else { return nil }
        BIO_set_init(transport, 1)
        return transport
    }

    /// Made once, used by all, never freed. OpenSSL only reads it.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = BIO_meth_new(kind, "neurogrid channel"), BIO_meth_set_read(method, read) == 1,
            BIO_meth_set_write(method, write) == 1, BIO_meth_set_ctrl(method, control) == 1
        else { preconditionFailure("out of memory") }
        return method
    }()

    private static let read: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
        transport, target, count in
        BIO_clear_flags(transport, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        guard let target, let session = session(of: transport) else { return -1 }
        guard let taken = session.takeInput(target, Int(count)) else {
            BIO_set_flags(transport, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        return Int32(taken)
    }

    private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
        transport, source, count in
        BIO_clear_flags(transport, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        guard let source, let session = session(of: transport) else { return -1 }
        return session.transmit(UnsafeRawBufferPointer(start: source, count: Int(count))) ? count : -1
    }

    private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
        _, command, _, _ in
        // Everything is handed on at once, so a flush has nothing to do; nothing else is known here.
        command == BIO_CTRL_FLUSH ? 1 : 0
    }

    /// The session whose call OpenSSL is in.
    private static func session(of transport: OpaquePointer?) -> TLSSession? {
        guard let data = BIO_get_data(transport) else { return nil }
        return Unmanaged<TLSSession>.fromOpaque(data).takeUnretainedValue()
    }
}
