import COpenSSL

/// One key of OpenSSL's, freed with its last reference.
///
/// `@unchecked Sendable`: an `EVP_PKEY` is never changed once made, and OpenSSL 3 lets any number of threads
/// sign and verify with the same one, each with a context of its own.
final class EVPKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the one reference that the caller holds.
    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// A fresh Ed25519 key.
    static func generateEd25519() -> EVPKey {
        var pointer: OpaquePointer?
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
        defer { EVP_PKEY_CTX_free(context) }
        precondition(EVP_PKEY_keygen_init(context) == 1, "OpenSSL has no Ed25519")
        precondition(EVP_PKEY_keygen(context, &pointer) == 1, "an Ed25519 key could not be drawn")
        guard let pointer else { preconditionFailure("an Ed25519 key could not be drawn") }
        return EVPKey(owning: pointer)
    }

    /// A fresh key on the curve P-256.
    static func generateP256() -> EVPKey {
        var pointer: OpaquePointer?
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        let isReady =
            EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_group_name(context, "prime256v1") == 1
        precondition(isReady && EVP_PKEY_keygen(context, &pointer) == 1, "a P-256 key could not be drawn")
        guard let pointer else { preconditionFailure("a P-256 key could not be drawn") }
        return EVPKey(owning: pointer)
    }

    /// The Ed25519 public key of these 32 bytes, or `nil` if OpenSSL does not take them.
    convenience init?(ed25519PublicKey bytes: [UInt8]) {
        guard bytes.count == 32,
            let pointer = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else {
            ERR_clear_error()
            return nil
        }
        self.init(owning: pointer)
    }

    /// A key for HMAC.
    convenience init(hmacSecret bytes: [UInt8]) {
        guard let pointer = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nil, bytes, bytes.count) else {
            preconditionFailure("OpenSSL has no HMAC")
        }
        self.init(owning: pointer)
    }

    /// The first `PUBLIC KEY` of a PEM text, or `nil` where there is none that OpenSSL understands.
    convenience init?(publicPEM text: [UInt8]) {
        self.init(pem: text) { PEM_read_bio_PUBKEY($0, nil, refusePassword, nil) }
    }

    /// The first unencrypted `PRIVATE KEY` of a PEM text, or `nil`.
    convenience init?(privatePEM text: [UInt8]) {
        self.init(pem: text) { PEM_read_bio_PrivateKey($0, nil, refusePassword, nil) }
    }

    private convenience init?(pem text: [UInt8], _ read: (OpaquePointer) -> OpaquePointer?) {
        guard text.count <= Int(Int32.max) else { return nil }
        // OpenSSL reads the text where it lies, so it has to stay there until the source is freed.
        let pointer = text.withUnsafeBytes { text -> OpaquePointer? in
            guard let source = BIO_new_mem_buf(text.baseAddress, Int32(text.count)) else { return nil }
            defer { BIO_free(source) }
            return read(source)
        }
        guard let pointer else {
            // The queue is the thread's, and TLS on the same thread reads it after its own calls.
            ERR_clear_error()
            return nil
        }
        self.init(owning: pointer)
    }

    /// The private key as unencrypted PKCS #8 PEM.
    var privatePEM: [UInt8] {
        guard let sink = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
        defer { BIO_free(sink) }
        let written = PEM_write_bio_PKCS8PrivateKey(sink, pointer, nil, nil, 0, nil, nil)
        precondition(written == 1, "a private key could not be written")
        var text = [UInt8](repeating: 0, count: SecretFile.maximumBytes)
        let count = BIO_read(sink, &text, Int32(text.count))
        precondition(count > 0, "a private key could not be written")
        text.removeLast(text.count - Int(count))
        return text
    }

    /// The raw public key of an Ed25519 key, 32 bytes.
    var rawPublicKey: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        let done = EVP_PKEY_get_raw_public_key(pointer, &bytes, &count)
        precondition(done == 1 && count == 32, "not an Ed25519 key")
        return bytes
    }

    /// The `EVP_PKEY_…` number of the key's kind.
    var kind: Int32 { EVP_PKEY_get_base_id(pointer) }

    /// The key's size in bits.
    var bitCount: Int { Int(EVP_PKEY_get_bits(pointer)) }

    /// The name of an elliptic-curve key's group, as `prime256v1`.
    var groupName: String? {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard EVP_PKEY_get_group_name(pointer, &name, name.count, &count) == 1 else {
            ERR_clear_error()
            return nil
        }
        return String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Signs the message, over its SHA-256 digest unless the algorithm hashes by itself (Ed25519).
    func sign(_ message: UnsafeRawBufferPointer, hashed: Bool) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let start = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let ready = EVP_DigestSignInit(context, nil, hashed ? EVP_sha256() : nil, nil, pointer)
        precondition(ready == 1, "this key cannot sign")
        var count = 0
        precondition(EVP_DigestSign(context, nil, &count, start, message.count) == 1, "this key cannot sign")
        var signature = [UInt8](repeating: 0, count: count)
        let done = EVP_DigestSign(context, &signature, &count, start, message.count)
        precondition(done == 1, "signing failed")
        signature.removeLast(signature.count - count)
        return signature
    }

    /// Whether the signature is this public key's over the message. Not for HMAC, which compares.
    func verify(_ signature: [UInt8], of message: UnsafeRawBufferPointer, hashed: Bool) -> Bool {
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_DigestVerifyInit(context, nil, hashed ? EVP_sha256() : nil, nil, pointer) == 1 else { return false }
        let start = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return EVP_DigestVerify(context, signature, signature.count, start, message.count) == 1
    }
}

/// Keys here are never encrypted; without this OpenSSL would ask for a password on the terminal.
private let refusePassword:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
        { _, _, _, _ in -1 }
