/// An operator's word that tokens no longer count, whatever they say themselves.
public struct Revocation: Hashable, Sendable {
    /// Which tokens.
    public enum Subject: Hashable, Sendable {
        /// Every token of the user that was issued at this time or before, or does not say when.
        case user(UserID)
        /// The token with that `jti`: 1 to ``Limits/tokenIDBytes`` bytes.
        case token(String)
    }

    public var subject: Subject
    public var at: Timestamp

    public init(_ subject: Subject, at: Timestamp) {
        self.subject = subject
        self.at = at
    }

    /// Whether a token is revoked.
    ///
    /// Tokens tell their time in whole seconds, so one of the very second of the revocation counts as older.
    public func covers(user: UserID, issuedAt: Timestamp?, tokenID: String?) -> Bool {
        switch subject {
        case .user(let revoked): revoked == user && (issuedAt.map { $0 <= at } ?? true)
        case .token(let revoked): revoked == tokenID
        }
    }
}
