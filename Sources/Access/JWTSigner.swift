import Bytes
import Grid

/// Mints tokens with the coordinator's own secret: HS256, compact form (RFC 7515 §7.1).
public struct JWTSigner: Sendable {
    private let key: JWTKey

    public init(secret: SigningSecret) { key = JWTKey(secret: secret) }

    /// The token's text. The subject must be one that ``JWTVerifier`` takes; times are cut to whole seconds.
    public func mint(_ claims: TokenClaims) -> String {
        precondition((1...Limits.userIDBytes).contains(claims.subject.text.utf8.count), "a subject of a wrong length")
        let header = Base64.encode([UInt8](#"{"alg":"HS256","typ":"JWT"}"#.utf8), urlSafe: true, padded: false)
        let payload = claims.json().withBytes { Base64.encode([UInt8]($0), urlSafe: true, padded: false) }
        let input = [UInt8]((header + "." + payload).utf8)
        let code = input.withUnsafeBytes { key.authenticationCode(of: $0) }
        return String(decoding: input, as: UTF8.self) + "." + Base64.encode(code, urlSafe: true, padded: false)
    }
}
