import COpenSSL

/// An Ed25519 key pair (RFC 8032): an agent's identity. The private half never leaves the process but into its file.
public struct Ed25519KeyPair: Sendable {
    private let key: EVPKey
    /// The public key, 32 raw bytes.
    public let publicKey: [UInt8]

    private init(_ key: EVPKey) {
        self.key = key
        publicKey = key.rawPublicKey
    }

    /// The length of a signature in bytes.
    public static let signatureBytes = 64

    /// Draws a new pair.
    public static func generate() -> Ed25519KeyPair { Ed25519KeyPair(.generateEd25519()) }

    /// Reads the pair from a PKCS #8 PEM file, as ``save(to:)`` or `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// Throws ``KeyError/exposed(path:mode:)`` for a file that others than its owner may read.
    public static func load(from path: String) throws(KeyError) -> Ed25519KeyPair {
        let text = try SecretFile.read(path)
        guard let key = EVPKey(privatePEM: text), key.kind == EVP_PKEY_ED25519 else {
            throw .unusable(source: path, reason: "holds no unencrypted Ed25519 private key in PEM")
        }
        return Ed25519KeyPair(key)
    }

    /// Writes the pair to a new file of mode 0600, on disk when this returns.
    ///
    /// Throws ``KeyError/exists(path:)`` where a file of that name is there: an identity is never overwritten.
    public func save(to path: String) throws(KeyError) {
        try SecretFile.create(path, key.privatePEM)
    }

    /// The signature over the message, 64 bytes; the same for the same message.
    public func sign(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        let signature = key.sign(message, hashed: false)
        precondition(signature.count == Self.signatureBytes, "an Ed25519 signature has 64 bytes")
        return signature
    }

    /// The signature over the message, 64 bytes.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { sign($0) }
    }

    /// Whether `signature` is that of the holder of `publicKey` over `message`. Wrong lengths are just no signature.
    public static func verify(
        signature: [UInt8], of message: UnsafeRawBufferPointer, publicKey: [UInt8]
    ) -> Bool {
        guard signature.count == signatureBytes, let key = EVPKey(ed25519PublicKey: publicKey) else { return false }
        return key.verify(signature, of: message, hashed: false)
    }

    /// Whether `signature` is that of the holder of `publicKey` over `message`.
    public static func verify(signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        message.withUnsafeBytes { verify(signature: signature, of: $0, publicKey: publicKey) }
    }
}
