import Bytes
public import Grid

/// What an operator hands to a new node's agent, good for one enrolment. The coordinator keeps its digest only.
///
/// Printing one shows that it is a join token, not which.
public struct JoinToken: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// `ngj_` and 43 characters of base64url: 32 random bytes.
    public let text: String
    /// The SHA-256 digest of the text.
    public let digest: Digest256

    /// Every join token's beginning, so that a secret scanner can tell one.
    public static let prefix = "ngj_"
    private static let secretBytes = 32

    /// Draws a new token.
    public static func mint() -> JoinToken {
        JoinToken(unchecked: prefix + Base64.encode(SecureRandom.bytes(secretBytes), urlSafe: true, padded: false))
    }

    /// Takes a token as an agent presents it; `nil` where the text cannot be one.
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
