public import Grid

/// What a verified token says. Claims with other names are ignored.
public struct TokenClaims: Hashable, Sendable {
    /// `sub`: 1 to ``Limits/userIDBytes`` bytes without control characters.
    public var subject: UserID
    /// `permissions`: an array of names. Names that this version does not know are ignored.
    public var permissions: Permissions
    /// `exp`, to the millisecond; minted tokens carry whole seconds.
    public var expiresAt: Timestamp
    /// `nbf`: before this the token is refused.
    public var notBefore: Timestamp?
    /// `iat`: when it was minted.
    public var issuedAt: Timestamp?
    /// `iss`.
    public var issuer: String?
    /// `aud`: one string or an array of them.
    public var audience: [String]
    /// `jti`: 1 to ``Limits/tokenIDBytes`` bytes without control characters; names the token where it is revoked.
    public var tokenID: String?
    /// `region`: at most ``Limits/regionBytes`` bytes without control characters.
    public var region: String?

    public init(
        subject: UserID, permissions: Permissions, expiresAt: Timestamp, notBefore: Timestamp? = nil,
        issuedAt: Timestamp? = nil, issuer: String? = nil, audience: [String] = [], tokenID: String? = nil,
        region: String? = nil
    ) {
        self.subject = subject
        self.permissions = permissions
        self.expiresAt = expiresAt
        self.notBefore = notBefore
        self.issuedAt = issuedAt
        self.issuer = issuer
        self.audience = audience
        self.tokenID = tokenID
        self.region = region
    }
}
