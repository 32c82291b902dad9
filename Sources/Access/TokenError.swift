/// Why a token is refused. No case carries any part of the token.
public enum TokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not the compact form of a signed token, or a header or claim of the wrong shape; the text says which.
    case malformed(String)
    /// `none`, or an algorithm for which no key is configured.
    case unsupportedAlgorithm
    /// Not signed with the configured key.
    case badSignature
    /// `exp` has passed.
    case expired
    /// `nbf` or `iat` lies ahead.
    case notYetValid
    /// `aud` does not name the configured audience.
    case wrongAudience
    /// `iss` is not the configured issuer.
    case wrongIssuer
    /// A claim that every token needs is absent; the text is its name.
    case missingClaim(String)

    public var description: String {
        switch self {
        case .malformed(let reason): "malformed token: \(reason)"
        case .unsupportedAlgorithm: "the token's algorithm is not accepted here"
        case .badSignature: "the token's signature is not valid"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .wrongAudience: "the token is for another audience"
        case .wrongIssuer: "the token is from another issuer"
        case .missingClaim(let name): "the token has no claim \(name)"
        }
    }
}
