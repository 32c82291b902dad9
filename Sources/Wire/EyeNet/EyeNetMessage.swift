/// What an EyeNet client says in events (docs/protocol-eyenet.md).
public enum EyeNetMessage: Hashable, Sendable {
    case subscribe(EyeNetSubscription)
    case unsubscribe(EyeNetSubscription)
}

/// What a client says of itself when it connects to a namespace: `{token, publicKey}`.
public struct EyeNetIntroduction {
    /// A JWT; `nil` where there is none.
    public var token: String?
    /// The JSON of a key for which sensitive fields are to be encrypted; `nil` where there is none. It lives as long as
    /// the packet.
    public var publicKey: UnsafeRawBufferPointer?
}

/// What became of a wish; the raw value is the `status` of the acknowledgement.
public enum EyeNetOutcome: String, Hashable, Sendable, CaseIterable {
    case subscribed, unsubscribed

    /// The event that tells a client which gave no callback.
    public var event: StaticString {
        switch self {
        case .subscribed: "subscribed"
        case .unsubscribed: "unsubscribed"
        }
    }
}
