import Bytes
public import Grid

/// A public key's short name for people and logs: the SHA-256 digest of its raw bytes.
public struct KeyFingerprint: Hashable, Sendable, CustomStringConvertible {
    public let digest: Digest256

    /// The fingerprint of a raw public key.
    public init(publicKey: [UInt8]) { digest = SHA256.digest(publicKey) }

    /// 64 lower-case hexadecimal digits; safe in URLs, file names and logs.
    public var text: String { Hexadecimal.encode(digest.bytes) }

    public var description: String { text }
}
