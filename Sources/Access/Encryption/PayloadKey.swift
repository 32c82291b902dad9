public import Bytes
import Grid

/// A user's key, for which sensitive parts of payloads are encrypted: JWE (RFC 7516) in the compact form with
/// `A256GCM`, which any JOSE library can open.
///
/// - `{"kty":"EC","crv":"P-256"}` and `{"kty":"OKP","crv":"X25519"}`: `ECDH-ES`. Each message has a key pair and so an
///   encryption key of its own; with the user's private half alone it can be opened.
/// - `{"kty":"oct"}` of 32 bytes: `dir`. The key itself encrypts, each message under a random nonce of 96 bits: below
///   2³² messages a key two of them meet with a probability of less than 2⁻³² (NIST SP 800-38D §8.3), and at the
///   documented 1,000 events a minute that takes 8,000 years.
///
/// Printing one shows nothing of it. Safe on any thread.
public struct PayloadKey: Sendable, CustomStringConvertible, CustomReflectable {
    private enum Material: Sendable {
        case shared([UInt8])
        case agreement(AgreementCurve, EVPKey)
    }

    private let material: Material
    /// The key's `kid`, at most ``Grid/Limits/jwkIDBytes``: repeated in each message's header, so that a client with
    /// several keys knows which.
    public let keyID: String?

    /// The content encryption, named in each header and bound into each agreed key.
    private static let encryption = "A256GCM"

    /// Reads a key as JSON (RFC 7517).
    ///
    /// Strict: coordinates have their full length and are a point of the curve, a private half is refused, and so is a
    /// key whose `use` or `alg` is for something else. Members that have nothing to do with it are skipped.
    public init(jwk: UnsafeRawBufferPointer) throws(JWKError) {
        let members = try JWKMembers.read(jwk)
        guard let type = members.type else { throw .missingMember("kty") }
        guard !members.hasPrivateHalf else { throw .privateKey }
        if let keyID = members.keyID, !(1...Limits.jwkIDBytes).contains(keyID.utf8.count) { throw .wrongLength("kid") }
        guard members.use ?? "enc" == "enc" else { throw .unsuitable("use") }
        keyID = members.keyID
        switch type {
        case "oct":
            // WebCrypto names such a key after its cipher, JOSE after its use.
            guard ["dir", Self.encryption].contains(members.algorithm ?? "dir") else { throw .unsuitable("alg") }
            material = .shared(try JWKMembers.bytes(members.secret, of: "k"))
        case "EC", "OKP":
            guard members.algorithm ?? "ECDH-ES" == "ECDH-ES" else { throw .unsuitable("alg") }
            guard let curve = members.curve else { throw .missingMember("crv") }
            switch (type, curve) {
            case ("EC", "P-256"): material = .agreement(.p256, try Self.p256(members))
            case ("OKP", "X25519"): material = .agreement(.x25519, try Self.x25519(members))
            default: throw .unsupportedCurve
            }
        default:
            throw .unsupportedType
        }
    }

    private static func p256(_ members: JWKMembers) throws(JWKError) -> EVPKey {
        let x = try JWKMembers.bytes(members.x, of: "x")
        let y = try JWKMembers.bytes(members.y, of: "y")
        guard let key = EVPKey(p256X: x, y: y) else { throw .invalidPoint }
        return key
    }

    private static func x25519(_ members: JWKMembers) throws(JWKError) -> EVPKey {
        let key = EVPKey(x25519PublicKey: try JWKMembers.bytes(members.x, of: "x"))
        // A point of a small order agrees with everybody on zeros: found here, so that encrypting cannot fail.
        guard EVPKey.generateX25519().agree(with: key) != nil else { throw .invalidPoint }
        return key
    }

    // MARK: Encrypting

    /// Appends the encrypted form of these bytes, a field's JSON value: letters, digits, `-`, `_` and four dots, so
    /// it can stand in a JSON string as it is.
    public func encrypt(_ plaintext: UnsafeRawBufferPointer, into target: inout ByteBuffer) {
        switch material {
        case .shared: encrypt(plaintext, nonce: SecureRandom.bytes(AESGCM.nonceBytes), into: &target)
        case .agreement(let curve, _):
            encrypt(
                plaintext, nonce: SecureRandom.bytes(AESGCM.nonceBytes), ephemeral: curve.generate(), into: &target)
        }
    }

    /// Appends the encrypted form as a JSON string, quotes and all.
    public func encrypt(_ plaintext: UnsafeRawBufferPointer, into writer: inout JSONWriter) {
        var text = ByteBuffer()
        text.append(UInt8(ascii: "\""))
        encrypt(plaintext, into: &text)
        text.append(UInt8(ascii: "\""))
        text.withBytes { writer.raw(bytes: $0) }
    }

    /// Encrypts with what is drawn otherwise.
    ///
    /// - Parameter ephemeral: the message's own key pair, on the key's curve; `nil` for a shared key.
    func encrypt(
        _ plaintext: UnsafeRawBufferPointer, nonce: [UInt8], ephemeral: EVPKey? = nil, into target: inout ByteBuffer
    ) {
        let key: [UInt8]
        switch (material, ephemeral) {
        case (.shared(let secret), nil): key = secret
        case (.agreement(_, let peer), let ephemeral?):
            guard let secret = ephemeral.agree(with: peer) else {
                preconditionFailure("a key that was taken agrees with every other")
            }
            key = ConcatKDF.derive(secret, algorithm: Self.encryption, bitCount: AESGCM.keyBytes * 8)
        case (.shared, _?), (.agreement, nil): preconditionFailure("a message's own key belongs to an agreement")
        }
        // The header's text is authenticated as it stands, in base64url.
        var header = ByteBuffer()
        self.header(ephemeral).withBytes { Base64.encode($0, into: &header, urlSafe: true, padded: false) }
        let sealed = header.withBytes { AESGCM.seal(plaintext, key: key, nonce: nonce, beside: $0) }
        target.append(header)
        // No encrypted key: it is agreed on, or there already.
        target.append(UInt8(ascii: "."))
        for part in [nonce, sealed.ciphertext, sealed.tag] {
            target.append(UInt8(ascii: "."))
            part.withUnsafeBytes { Base64.encode($0, into: &target, urlSafe: true, padded: false) }
        }
    }

    private func header(_ ephemeral: EVPKey?) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        switch material {
        case .shared:
            writer.field("alg", "dir")
            writer.field("enc", Self.encryption)
        case .agreement(let curve, _):
            writer.field("alg", "ECDH-ES")
            writer.field("enc", Self.encryption)
            if let ephemeral {
                writer.key("epk")
                curve.write(ephemeral, into: &writer)
            }
        }
        if let keyID { writer.field("kid", keyID) }
        writer.endObject()
        return writer.buffer
    }

    public var description: String { "a payload key" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
