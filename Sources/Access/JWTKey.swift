import COpenSSL

/// A signature algorithm of RFC 7518 or RFC 8037. The raw value is the `alg` header, in exactly this spelling.
public enum JWTAlgorithm: String, Hashable, Sendable, CaseIterable {
    /// HMAC with SHA-256 and a shared secret.
    case hs256 = "HS256"
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// Ed25519.
    case edDSA = "EdDSA"
}

/// A key that tokens are verified with. The key's own kind decides the one algorithm it is good for (RFC 8725 §3.1),
/// so that nothing in a token can turn a public key into a shared secret.
public struct JWTKey: Sendable {
    public let algorithm: JWTAlgorithm
    private let key: EVPKey

    /// RSA keys below this are refused (RFC 7518 §3.3).
    public static let minimumRSABits = 2048
    /// RSA keys above this are refused: verifying with one costs too much.
    public static let maximumRSABits = 16384

    /// A shared secret: HS256.
    public init(secret: SigningSecret) {
        algorithm = .hs256
        key = EVPKey(hmacSecret: secret.bytes)
    }

    /// A public key in PEM: RS256 for RSA, ES256 for P-256, EdDSA for Ed25519; other kinds are refused.
    ///
    /// `source` names where the text came from in the error.
    public init(publicPEM text: [UInt8], source: String = "the public key") throws(KeyError) {
        guard let key = EVPKey(publicPEM: text) else {
            throw .unusable(source: source, reason: "holds no public key in PEM (BEGIN PUBLIC KEY)")
        }
        switch key.kind {
        case EVP_PKEY_RSA:
            guard (Self.minimumRSABits...Self.maximumRSABits).contains(key.bitCount) else {
                throw .unusable(
                    source: source,
                    reason:
                        "an RSA key needs \(Self.minimumRSABits) to \(Self.maximumRSABits) bits, not \(key.bitCount)")
            }
            algorithm = .rs256
        case EVP_PKEY_EC:
            guard key.groupName == "prime256v1" else {
                throw .unusable(source: source, reason: "an elliptic-curve key must be on P-256")
            }
            algorithm = .es256
        case EVP_PKEY_ED25519:
            algorithm = .edDSA
        default:
            throw .unusable(source: source, reason: "is no RSA, P-256 or Ed25519 key")
        }
        self.key = key
    }

    /// Reads a public key from a PEM file, which need not be secret.
    public static func load(publicKeyFile path: String) throws(KeyError) -> JWTKey {
        try JWTKey(publicPEM: SecretFile.readPublic(path), source: path)
    }

    /// Whether the signature, as it stands in a token, is this key's over the input.
    func verify(_ signature: [UInt8], of input: UnsafeRawBufferPointer) -> Bool {
        switch algorithm {
        case .hs256:
            let expected = key.sign(input, hashed: true)
            return expected.count == signature.count && CRYPTO_memcmp(expected, signature, expected.count) == 0
        case .rs256:
            return key.verify(signature, of: input, hashed: true)
        case .es256:
            guard let encoded = ECDSASignature.der(fromRaw: signature) else { return false }
            return key.verify(encoded, of: input, hashed: true)
        case .edDSA:
            guard signature.count == Ed25519KeyPair.signatureBytes else { return false }
            return key.verify(signature, of: input, hashed: false)
        }
    }

    /// The HMAC over the input; for the signer, which holds a secret's key only.
    func authenticationCode(of input: UnsafeRawBufferPointer) -> [UInt8] {
        precondition(algorithm == .hs256, "only a shared secret makes authentication codes")
        return key.sign(input, hashed: true)
    }
}
