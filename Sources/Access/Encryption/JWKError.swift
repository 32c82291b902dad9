/// Why a key that a client brought is not taken. No case carries any part of the key.
public enum JWKError: Error, Hashable, Sendable, CustomStringConvertible {
    /// More bytes than ``Grid/Limits/jwkBytes``.
    case tooLarge
    /// Not a JSON object of the expected shape; the text says where.
    case malformed(String)
    /// A member that this kind of key needs is absent; the text is its name.
    case missingMember(String)
    /// `kty` is none of `oct`, `EC` and `OKP`.
    case unsupportedType
    /// `crv` is neither `P-256` nor `X25519`, or not one of its `kty`.
    case unsupportedCurve
    /// The key brings its private half, which is nobody's business but its owner's.
    case privateKey
    /// A member says that the key is for something else; the text is its name.
    case unsuitable(String)
    /// A member is longer or shorter than it can be; the text is its name.
    case wrongLength(String)
    /// The coordinates are of no point of the curve, or of one that no secret can be agreed with.
    case invalidPoint

    public var description: String {
        switch self {
        case .tooLarge: "the key is too large"
        case .malformed(let reason): "the key cannot be read: \(reason)"
        case .missingMember(let name): "the key has no \(name)"
        case .unsupportedType: "the key's kty is not taken here (oct, EC, OKP)"
        case .unsupportedCurve: "the key's crv is not taken here (P-256, X25519)"
        case .privateKey: "the key is a private one"
        case .unsuitable(let name): "the key's \(name) says that it is for something else"
        case .wrongLength(let name): "the key's \(name) has a wrong length"
        case .invalidPoint: "the key is no point of its curve"
        }
    }
}
