import Bytes
public import Grid

/// What a user's program shows to be let in (TriggerX), good until it is taken back. The coordinator keeps its digest
/// only, and looks a key up by that: what a stranger can learn from how long the look-up takes is about the digest of
/// a key that he has, and leads to no other one.
///
/// Printing one shows that it is an API key, not which.
public struct APIKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// `ngk_` and 43 characters of base64url: 32 random bytes.
    public let text: String
    /// The SHA-256 digest of the text: enough for what cannot be guessed, see ``Grid/APIKeyRecord``.
    public let digest: Digest256

    /// Every API key's beginning, so that a secret scanner can tell one.
    public static let prefix = "ngk_"
    private static let secretBytes = 32

    /// Draws a new key.
    public static func mint() -> APIKey {
        APIKey(unchecked: prefix + Base64.encode(SecureRandom.bytes(secretBytes), urlSafe: true, padded: false))
    }

    /// Takes a key as a program presents it; `nil` where the text cannot be one.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let secret = [UInt8](text.utf8.dropFirst(Self.prefix.utf8.count))
        let decoded = secret.withUnsafeBytes { Base64.decode($0, urlSafe: true) }
        guard let decoded, decoded.count == Self.secretBytes else { return nil }
        self.init(unchecked: text)
    }

    private init(unchecked text: String) {
        self.text = text
        digest = SHA256.digest(text)
    }

    public var description: String { Self.prefix + "…" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
