/// Why the coordinator refuses something: a stable code for programs, a sentence for people.
public struct Refusal: Error, Hashable, Sendable {
    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The codes that clients see, exactly as spelled on the wire. Listed in docs/protocol.md.
    public enum Code: String, Sendable, CaseIterable {
        // Messages
        case invalidMessage = "INVALID_MESSAGE"
        case unknownType = "UNKNOWN_TYPE"
        case messageTooLarge = "MESSAGE_TOO_LARGE"
        // Authentication
        case notAuthenticated = "NOT_AUTHENTICATED"
        case alreadyAuthenticated = "ALREADY_AUTHENTICATED"
        case invalidToken = "INVALID_TOKEN"
        case tokenExpired = "TOKEN_EXPIRED"
        case authTimeout = "AUTH_TIMEOUT"
        // Rooms
        case unknownRoom = "UNKNOWN_ROOM"
        case notInRoom = "NOT_IN_ROOM"
        case invalidFilter = "INVALID_FILTER"
        case forbidden = "FORBIDDEN"
        case tooManyRequests = "TOO_MANY_REQUESTS"
        case connectionFailed = "CONNECTION_FAILED"
        // REST
        case notFound = "NOT_FOUND"
        case methodNotAllowed = "METHOD_NOT_ALLOWED"
        case badRequest = "BAD_REQUEST"
        case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
        case idempotencyConflict = "IDEMPOTENCY_CONFLICT"
        case unavailable = "UNAVAILABLE"
        // Tasks and money
        case unknownRunner = "UNKNOWN_RUNNER"
        case impossibleRequest = "IMPOSSIBLE_REQUEST"
        case insufficientBalance = "INSUFFICIENT_BALANCE"
        case tooManyTasks = "TOO_MANY_TASKS"
        case notCancellable = "NOT_CANCELLABLE"
        case internalFault = "INTERNAL"
        // Alerts
        case alertResolved = "ALERT_RESOLVED"
        // Agents
        case enrolmentUnknown = "ENROLMENT_UNKNOWN"
        case enrolmentUsed = "ENROLMENT_USED"
        case enrolmentExpired = "ENROLMENT_EXPIRED"
        case unknownNode = "UNKNOWN_NODE"
        case invalidProof = "INVALID_PROOF"
        case outOfOrder = "OUT_OF_ORDER"
        case fenced = "FENCED"
    }
}

/// Why a connection is closed, as a WebSocket close code. 3000–3499: reconnect; 3500–3999: do not.
public struct CloseReason: Hashable, Sendable {
    public var code: UInt16
    /// At most 32 ASCII bytes.
    public var text: String
    public init(code: UInt16, text: String) {
        self.code = code
        self.text = text
    }

    /// Codes that tell a peer not to come back the same way.
    public static let unwantedCodes: ClosedRange<UInt16> = 3500...3999

    public static let normal = CloseReason(code: 1000, text: "")
    public static let drain = CloseReason(code: 1001, text: "drain")
    public static let protocolError = CloseReason(code: 1002, text: "protocol error")
    public static let unsupportedData = CloseReason(code: 1003, text: "text only")
    public static let invalidUTF8 = CloseReason(code: 1007, text: "invalid utf-8")
    public static let policy = CloseReason(code: 1008, text: "policy")
    public static let tooLarge = CloseReason(code: 1009, text: "too large")
    public static let fault = CloseReason(code: 1011, text: "internal fault")
    public static let restart = CloseReason(code: 1012, text: "restart")
    public static let tryLater = CloseReason(code: 1013, text: "try later")
    public static let noPing = CloseReason(code: 3004, text: "no ping")
    public static let slow = CloseReason(code: 3008, text: "slow")
    public static let noHeartbeat = CloseReason(code: 3012, text: "no heartbeat")
    public static let fenced = CloseReason(code: 3500, text: "fenced")
    public static let refused = CloseReason(code: 3501, text: "refused")
}
