/// An API key, by the identifier that operators see. The key itself is known to its holder alone.
public struct APIKeyID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var uuid: UUID128
    public init(_ uuid: UUID128) { self.uuid = uuid }
    /// Parses the canonical text form; `nil` for anything else.
    public init?(_ text: String) {
        guard let uuid = UUID128(text) else { return nil }
        self.uuid = uuid
    }
    public var description: String { uuid.description }
    public static func < (left: APIKeyID, right: APIKeyID) -> Bool { left.uuid < right.uuid }
}

/// An API key by what an operator has in hand.
public enum APIKeyReference: Hashable, Sendable {
    case id(APIKeyID)
    /// The digest of the key itself.
    case digest(Digest256)
}

/// What is kept of an API key (TriggerX): never the key, only its digest.
///
/// The digest is plain SHA-256, without a salt and without a slow function. Those make it dear to try out likely
/// secrets; a key has no likely ones, but 256 random bits (``Access/APIKey``), and nobody tries out 2²⁵⁶. A slow
/// function would only give strangers who knock a way to use up the processor.
public struct APIKeyRecord: Hashable, Sendable {
    public var id: APIKeyID
    /// SHA-256 of the key's text.
    public var digest: Digest256
    /// Whoever presents the key speaks for this user.
    public var owner: UserID
    /// For people; may be empty, at most ``Limits/apiKeyNameBytes``.
    public var name: String
    /// Requests and messages a minute, all connections of the key together; 0 = no limit.
    public var ratePerMinute: Int
    public var createdAt: Timestamp
    /// When it was last seen in use, as far as was noted: at most once in ``Limits/apiKeyUseSeconds``.
    public var lastUsedAt: Timestamp?
    /// When it was taken back; `nil` while it was not.
    public var revokedAt: Timestamp?
    /// From when on it is taken no more; `nil`: it has no term.
    public var expiresAt: Timestamp?

    public init(
        id: APIKeyID, digest: Digest256, owner: UserID, name: String = "",
        ratePerMinute: Int = Limits.apiKeyRatePerMinute, createdAt: Timestamp, expiresAt: Timestamp? = nil
    ) {
        self.id = id
        self.digest = digest
        self.owner = owner
        self.name = name
        self.ratePerMinute = ratePerMinute
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// Whether it was not taken back. Its term may be over all the same, see ``end(by:)``.
    public var isActive: Bool { revokedAt == nil }

    /// When it was taken back, or its term was over; `nil` where it is good at `now`.
    ///
    /// A revocation counts whatever `now` says: a clock that was set back gives nothing back.
    public func end(by now: Timestamp) -> Timestamp? {
        if let revokedAt { return revokedAt }
        guard let expiresAt, expiresAt <= now else { return nil }
        return expiresAt
    }
}
