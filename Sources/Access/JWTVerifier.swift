import Bytes
public import Grid

/// What tokens must show to be accepted.
public struct JWTConfiguration: Sendable {
    /// The closed list: a token is checked with the one key of its algorithm, or refused.
    public var keys: [JWTKey]
    /// Where set, `iss` must be exactly this.
    public var issuer: String?
    /// Where set, `aud` must name this. Where not, `aud` is ignored.
    public var audience: String?

    public init(keys: [JWTKey], issuer: String? = nil, audience: String? = nil) {
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
    }
}

/// Checks signed tokens (RFC 7519 in the compact form, by the rules of RFC 8725).
///
/// The configured keys decide, the token never: `none`, an algorithm without a key, a key brought along and
/// extensions are refused, and no claim is looked at before the signature holds. Safe on any thread.
public struct JWTVerifier: Sendable {
    private let keys: [JWTAlgorithm: JWTKey]
    private let issuer: String?
    private let audience: String?

    /// How far the clocks of issuer and coordinator may differ, in milliseconds.
    public static let leewayMilliseconds: Int64 = 5000

    /// Throws ``KeyError/unusable(source:reason:)`` for no key at all, or two of one algorithm.
    public init(configuration: JWTConfiguration) throws(KeyError) {
        guard !configuration.keys.isEmpty else {
            throw .unusable(source: "the token configuration", reason: "names no key, so no token could be accepted")
        }
        var keys: [JWTAlgorithm: JWTKey] = [:]
        for key in configuration.keys {
            guard keys.updateValue(key, forKey: key.algorithm) == nil else {
                throw .unusable(
                    source: "the token configuration", reason: "names two keys for \(key.algorithm.rawValue)")
            }
        }
        self.keys = keys
        issuer = configuration.issuer
        audience = configuration.audience
    }

    /// The algorithms that are accepted.
    public var algorithms: Set<JWTAlgorithm> { Set(keys.keys) }

    /// The claims of a token that holds at `now`.
    public func verify(_ token: String, now: Timestamp) throws(TokenError) -> TokenClaims {
        let text = [UInt8](token.utf8)
        let result = text.withUnsafeBytes { bytes in
            Result { () throws(TokenError) in try verify(bytes, now: now) }
        }
        return try result.get()
    }

    /// The claims of a token that holds at `now`.
    public func verify(_ token: UnsafeRawBufferPointer, now: Timestamp) throws(TokenError) -> TokenClaims {
        guard token.count <= Limits.tokenBytes else {
            throw .malformed("larger than \(Limits.tokenBytes) bytes")
        }
        let parts = try Parts(token)
        let header = parts.header.withUnsafeBytes { json in
            Result { () throws(TokenError) in try JOSEHeader.read(json) }
        }
        guard let algorithm = JWTAlgorithm(rawValue: try header.get().algorithm), let key = keys[algorithm] else {
            throw .unsupportedAlgorithm
        }
        guard key.verify(parts.signature, of: parts.signingInput) else { throw .badSignature }
        let claims = parts.payload.withUnsafeBytes { json in
            Result { () throws(TokenError) in try TokenClaims.read(json) }
        }
        return try check(claims.get(), now)
    }

    private func check(_ claims: TokenClaims, _ now: Timestamp) throws(TokenError) -> TokenClaims {
        guard now < claims.expiresAt.adding(milliseconds: Self.leewayMilliseconds) else { throw .expired }
        let latest = now.adding(milliseconds: Self.leewayMilliseconds)
        if let notBefore = claims.notBefore, notBefore > latest { throw .notYetValid }
        if let issuedAt = claims.issuedAt, issuedAt > latest { throw .notYetValid }
        if let issuer {
            guard let named = claims.issuer else { throw .missingClaim("iss") }
            guard named == issuer else { throw .wrongIssuer }
        }
        if let audience {
            guard !claims.audience.isEmpty else { throw .missingClaim("aud") }
            guard claims.audience.contains(audience) else { throw .wrongAudience }
        }
        return claims
    }

    /// The three parts of the compact form, decoded.
    private struct Parts {
        let header: [UInt8]
        let payload: [UInt8]
        /// Empty in an unsigned token.
        let signature: [UInt8]
        /// The bytes that were signed: header, dot, payload, as they stand.
        let signingInput: UnsafeRawBufferPointer

        init(_ token: UnsafeRawBufferPointer) throws(TokenError) {
            let dot = UInt8(ascii: ".")
            guard let first = token.firstIndex(of: dot),
                let second = token[(first + 1)...].firstIndex(of: dot),
                !token[(second + 1)...].contains(dot)
            else { throw .malformed("not three parts") }
            header = try Self.decode(token[..<first], "header")
            payload = try Self.decode(token[(first + 1)..<second], "payload")
            signature = try Self.decode(token[(second + 1)...], "signature")
            signingInput = UnsafeRawBufferPointer(rebasing: token[..<second])
        }

        private static func decode(
            _ text: Slice<UnsafeRawBufferPointer>, _ part: String
        ) throws(TokenError) -> [UInt8] {
            guard let bytes = Base64.decode(UnsafeRawBufferPointer(rebasing: text), urlSafe: true) else {
                throw .malformed("the \(part) is not base64url")
            }
            return bytes
        }
    }
}
