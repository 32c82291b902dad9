import COpenSSL

/// Why a TLS connection could not be, or broke.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer's certificate does not verify: the `X509_V_ERR_…` number, and OpenSSL's words for it.
    case certificate(code: Int32, reason: String)
    /// The peer ended the connection with this alert of RFC 8446 §6.
    case alert(UInt8)
    /// The peer speaks HTTP where TLS is spoken.
    case plainHTTP
    /// The peer broke the protocol, or speaks no version, suite or application protocol of ours: OpenSSL's words.
    case handshake(String)
    /// The stream ended without the peer's goodbye: something may have been cut off.
    case truncated
    /// The peer made us owe it answers without reading them.
    case unreadAnswers

    /// One line for people.
    public var description: String {
        switch self {
        case .certificate(_, let reason): "the certificate is not trusted: \(reason)"
        case .alert(let number):
            "the peer refused: \(String(cString: SSL_alert_desc_string_long(Int32(number)))) (alert \(number))"
        case .plainHTTP: "the peer speaks HTTP without TLS"
        case .handshake(let reason): "TLS: \(reason)"
        case .truncated: "the peer ended the stream without a TLS goodbye"
        case .unreadAnswers: "the peer does not read what it makes us answer"
        }
    }

    /// What OpenSSL left in the thread's queue after a call on `ssl` failed; the queue is empty then.
    static func taken(from ssl: OpaquePointer?) -> TLSError {
        // The first entry is the cause; what follows was only passing it on.
        let entry = ERR_get_error()
        ERR_clear_error()
        guard entry != 0, ERR_GET_LIB(entry) == ERR_LIB_SSL else {
            return .handshake(words(for: entry))
        }
        let reason = ERR_GET_REASON(entry)
        switch reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            let code = Int32(truncatingIfNeeded: SSL_get_verify_result(ssl))
            return .certificate(code: code, reason: String(cString: X509_verify_cert_error_string(Int(code))))
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            return .plainHTTP
        case SSL_AD_REASON_OFFSET...SSL_AD_REASON_OFFSET + 255:
            return .alert(UInt8(truncatingIfNeeded: reason - SSL_AD_REASON_OFFSET))
        default:
            return .handshake(words(for: entry))
        }
    }

    /// OpenSSL's words for an entry of its queue.
    static func words(for entry: UInt) -> String {
        guard let text = ERR_reason_error_string(entry) else { return "error \(entry)" }
        return String(cString: text)
    }
}
