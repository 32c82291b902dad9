import Bytes
import COpenSSL

/// A curve that a secret is agreed on (ECDH-ES): RFC 7518 §4.6 and RFC 8037 §3.2.
enum AgreementCurve: Sendable {
    case p256
    case x25519

    /// A key pair for one message.
    func generate() -> EVPKey {
        switch self {
        case .p256: .generateP256()
        case .x25519: .generateX25519()
        }
    }

    /// Writes a public key of this curve as a JWK of its necessary members.
    func write(_ key: EVPKey, into writer: inout JSONWriter) {
        let point = key.encodedPublicKey
        writer.beginObject()
        switch self {
        case .p256:
            precondition(point.count == 65, "a point of P-256 has two coordinates of 32 bytes")
            writer.field("kty", "EC")
            writer.field("crv", "P-256")
            writer.field("x", Base64.encode(Array(point[1..<33]), urlSafe: true, padded: false))
            writer.field("y", Base64.encode(Array(point[33...]), urlSafe: true, padded: false))
        case .x25519:
            precondition(point.count == 32, "a point of X25519 has 32 bytes")
            writer.field("kty", "OKP")
            writer.field("crv", "X25519")
            writer.field("x", Base64.encode(point, urlSafe: true, padded: false))
        }
        writer.endObject()
    }
}

extension EVPKey {
    /// A fresh X25519 key.
    static func generateX25519() -> EVPKey {
        var pointer: OpaquePointer?
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_X25519, nil)
        defer { EVP_PKEY_CTX_free(context) }
        precondition(EVP_PKEY_keygen_init(context) == 1, "OpenSSL has no X25519")
        precondition(EVP_PKEY_keygen(context, &pointer) == 1, "an X25519 key could not be drawn")
        guard let pointer else { preconditionFailure("an X25519 key could not be drawn") }
        return EVPKey(owning: pointer)
    }

    /// What stands before the coordinates in the DER of a public key on P-256 (RFC 5480): the lengths, the two
    /// identifiers, and the mark of an uncompressed point.
    private static let p256Prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ]

    /// The public key of these coordinates on P-256, 32 bytes each; `nil` unless they are a point of the curve.
    convenience init?(p256X x: [UInt8], y: [UInt8]) {
        precondition(x.count == 32 && y.count == 32, "a coordinate of P-256 has 32 bytes")
        let encoded = Self.p256Prefix + x + y
        let pointer = encoded.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var start = bytes.baseAddress
            return d2i_PUBKEY(nil, &start, bytes.count)
        }
        guard let pointer else {
            ERR_clear_error()
            return nil
        }
        self.init(owning: pointer)
        // Reading checks it too; a point off the curve would give our secrets away, so nobody's word is taken for it.
        guard isValidPublicKey else { return nil }
    }

    /// The X25519 public key of these 32 bytes.
    convenience init(x25519PublicKey bytes: [UInt8]) {
        precondition(bytes.count == 32, "an X25519 key has 32 bytes")
        guard let pointer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, bytes, bytes.count) else {
            preconditionFailure("OpenSSL has no X25519")
        }
        self.init(owning: pointer)
    }

    private var isValidPublicKey: Bool {
        let context = EVP_PKEY_CTX_new(pointer, nil)
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_PKEY_public_check(context) == 1
    }

    /// The public half as octets: uncompressed on P-256, 32 bytes on X25519.
    var encodedPublicKey: [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = EVP_PKEY_get1_encoded_public_key(pointer, &start)
        defer { CRYPTO_free(start, #fileID, Int32(#line)) }
        precondition(count > 0, "this key has no public octets")
        return [UInt8](UnsafeBufferPointer(start: start, count: count))
    }

    /// The secret that this private key and the peer's public one share, 32 bytes.
    ///
    /// `nil` for a peer on X25519 with which everybody shares the same, all of it zeros (RFC 7748 §6.1).
    func agree(with peer: EVPKey) -> [UInt8]? {
        let context = EVP_PKEY_CTX_new(pointer, nil)
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer.pointer) == 1 else {
            return nil
        }
        var secret = [UInt8](repeating: 0, count: 32)
        var count = secret.count
        guard EVP_PKEY_derive(context, &secret, &count) == 1, count == secret.count else { return nil }
        return secret
    }
}
