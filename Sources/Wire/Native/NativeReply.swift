public import Grid

/// What the coordinator answers a client of the native dialect (docs/protocol.md); events are ``LoggedEvent``s.
public enum NativeReply: Hashable, Sendable {
    case authResponse(user: UserID, session: UUID128, permissions: Permissions)
    case authError(Refusal)
    case connected(connection: UUID128, serverTime: Timestamp)
    /// The session is in the room: what follows stands behind `position`. `recovery` answers a `since`.
    case roomJoined(name: String, position: LogPosition, recovery: Recovery?)
    case roomLeft(name: String)
    /// A message or a wish was refused; the connection stays. `retryMilliseconds`: when it may be asked again.
    case error(Refusal, retryMilliseconds: UInt64?)
    /// More than `limit` of what `message` names; `remaining` are left until `resetTime`.
    case rateLimitExceeded(message: String, resetTime: Timestamp, limit: Int, remaining: Int)
    /// Events of a room that this session does not get, because newer ones stand in for them: it is too slow.
    /// All of them lie between two offsets, both included.
    case conflated(room: BaseRoom, skipped: UInt64, from: UInt64, to: UInt64)
    /// The same of a stream of several rooms, whose offsets do not compare.
    case streamConflated(skipped: UInt64)
    /// The connection is about to be closed; up to where it was given everything, a room each.
    case resumeTicket(ResumeReason, retryMilliseconds: UInt64, rooms: [RoomPosition])
    /// `echo` is the JSON of the ping's `data`.
    case pong(time: Timestamp, echo: [UInt8]?)
}

/// Why a session gets a ticket to resume with.
public enum ResumeReason: Hashable, Sendable {
    /// It was too slow for too long.
    case slow
    /// The coordinator stops.
    case drain

    var name: StaticString {
        switch self {
        case .slow: "slow"
        case .drain: "drain"
        }
    }
}

extension NativeReply {
    /// The `type` of the message.
    public var type: StaticString {
        switch self {
        case .authResponse: "auth_response"
        case .authError: "auth_error"
        case .connected: "connected"
        case .roomJoined: "room_joined"
        case .roomLeft: "room_left"
        case .error: "error"
        case .rateLimitExceeded: "rate_limit_exceeded"
        case .conflated, .streamConflated: "conflated"
        case .resumeTicket: "resume_ticket"
        case .pong: "pong"
        }
    }

    /// What a client should do about a refused authentication, as `auth_error` tells it.
    static func action(for code: Refusal.Code) -> StaticString {
        switch code {
        case .invalidToken, .tokenExpired, .forbidden: "redirect_to_login"
        case .authTimeout, .notAuthenticated: "authenticate"
        default: "none"
        }
    }
}
