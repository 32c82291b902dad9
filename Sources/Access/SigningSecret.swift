import Bytes

/// The coordinator's HMAC secret for the tokens it mints itself.
///
/// Printing one shows nothing of it.
public struct SigningSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// At least ``minimumBytes``.
    public let bytes: [UInt8]

    /// RFC 7518 §3.2: a key at least as long as the hash's output.
    public static let minimumBytes = 32
    /// Its file's name in the data directory.
    public static let fileName = "jwt.key"

    /// Takes a secret; `source` names where it came from in the error for one too short or of the wrong kind.
    public init(bytes: [UInt8], source: String = "the secret") throws(KeyError) {
        guard bytes.count >= Self.minimumBytes else {
            throw .unusable(source: source, reason: "a secret needs at least \(Self.minimumBytes) bytes")
        }
        // A published key used as a secret would let everyone mint tokens.
        guard !bytes.starts(with: "-----BEGIN".utf8) else {
            throw .unusable(source: source, reason: "is a PEM text, which is never a shared secret")
        }
        self.bytes = bytes
    }

    /// Reads a secret from a file of mode 0600 or stricter: its bytes without one line break at the end.
    public static func load(from path: String) throws(KeyError) -> SigningSecret {
        var bytes = try SecretFile.read(path)
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        return try SigningSecret(bytes: bytes, source: path)
    }

    /// Reads `jwt.key` of the data directory, or draws a new secret and keeps it there with mode 0600.
    ///
    /// The file is one line of text (43 characters of base64url from 32 random bytes); those characters are the secret.
    public static func loadOrCreate(directory: String) throws(KeyError) -> SigningSecret {
        let path = directory + "/" + fileName
        do throws(KeyError) {
            return try load(from: path)
        } catch .system(let call, _, let errno) where call == "open" && errno == SecretFile.notFound {
            let text = Base64.encode(SecureRandom.bytes(minimumBytes), urlSafe: true, padded: false) + "\n"
            do throws(KeyError) {
                try SecretFile.create(path, [UInt8](text.utf8))
            } catch .exists {
                // Another process was faster: its secret is as good, and is the one on disk.
            }
            return try load(from: path)
        }
    }

    public var description: String { "a signing secret" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
