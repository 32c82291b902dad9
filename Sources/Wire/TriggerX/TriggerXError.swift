public import Grid

/// Why something is refused, in the dialect's own words.
public struct TriggerXError: Error, Hashable, Sendable {
    /// The closed list; the raw value is the name on the wire.
    public enum Code: String, Sendable, CaseIterable {
        case missingKey = "MISSING_API_KEY"
        case invalidKey = "INVALID_API_KEY"
        case rateLimitExceeded = "RATE_LIMIT_EXCEEDED"
        case invalidRoom = "INVALID_ROOM"
        case accessDenied = "ACCESS_DENIED"
        /// The key was taken back while it was in use.
        case authenticationFailed = "AUTHENTICATION_FAILED"
        case invalidMessage = "INVALID_MESSAGE"
        case unavailable = "UNAVAILABLE"
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What a session is refused, told in the dialect. What is not there and what is somebody else's look the same.
    public init(_ refusal: Refusal) {
        let code: Code =
            switch refusal.code {
            case .tooManyRequests, .tooManyTasks: .rateLimitExceeded
            case .unknownRoom, .notInRoom, .forbidden, .notFound: .accessDenied
            case .connectionFailed, .unavailable: .unavailable
            default: .invalidMessage
            }
        self.init(code, refusal.message)
    }

    /// The HTTP status that goes with it before the upgrade.
    public var status: Int {
        switch code {
        case .missingKey, .invalidKey, .authenticationFailed: 401
        case .accessDenied: 403
        case .rateLimitExceeded: 429
        case .invalidRoom, .invalidMessage: 400
        case .unavailable: 503
        }
    }
}
