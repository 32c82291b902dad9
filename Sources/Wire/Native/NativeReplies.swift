import Bytes
import Grid

/// Writes the coordinator's answers in the native dialect: `{"type", "data"}`.
enum NativeReplies {
    static func write(_ reply: NativeReply, to writer: inout JSONWriter) {
        writer.beginObject()
        switch reply {
        case .authResponse(let user, let session, let permissions):
            authResponse(user, session, permissions, to: &writer)
        case .authError(let refusal):
            head(reply.type, to: &writer)
            refused(refusal, to: &writer)
            writer.field("action", static: NativeReply.action(for: refusal.code))
        case .connected(let connection, let serverTime):
            head(reply.type, to: &writer)
            writer.field("connection_id", connection)
            writer.field("server_time", serverTime)
            writer.field("api_version", static: NativeCodec.apiVersion)
        case .roomJoined(let name, let position, let recovery):
            head(reply.type, to: &writer)
            writer.field("room", name)
            writer.field("epoch", position.epoch)
            writer.field("offset", position.offset)
            if let recovery { recovered(recovery, to: &writer) }
        case .roomLeft(let name):
            head(reply.type, to: &writer)
            writer.field("room", name)
        case .error(let refusal, let retryMilliseconds):
            head(reply.type, to: &writer)
            refused(refusal, to: &writer)
            if let retryMilliseconds { writer.field("retry_in", retryMilliseconds) }
        case .rateLimitExceeded(let message, let resetTime, let limit, let remaining):
            head(reply.type, to: &writer)
            refused(Refusal(.tooManyRequests, message), to: &writer)
            writer.field("reset_time", resetTime)
            writer.field("limit", limit)
            writer.field("remaining", remaining)
        case .conflated(let room, let skipped, let from, let to):
            head(reply.type, to: &writer)
            writer.field("room", room.name)
            writer.field("skipped", skipped)
            writer.field("from_offset", from)
            writer.field("to_offset", to)
        case .streamConflated(let skipped):
            head(reply.type, to: &writer)
            writer.field("skipped", skipped)
        case .resumeTicket(let reason, let retryMilliseconds, let rooms):
            resumeTicket(reason, retryMilliseconds, rooms, to: &writer)
        case .pong(let time, let echo):
            // Twice: on a connection that may yet turn out to speak NeuroGraph, its clients look at the top.
            writer.field("type", static: reply.type)
            writer.field("timestamp", time)
            writer.key("data")
            writer.beginObject()
            writer.field("timestamp", time)
            if let echo {
                writer.key("echo")
                echo.withUnsafeBytes { writer.raw(bytes: $0) }
            }
        }
        writer.endObject()
        writer.endObject()
    }

    /// Begins the message and its `data`.
    private static func head(_ type: StaticString, to writer: inout JSONWriter) {
        writer.field("type", static: type)
        writer.key("data")
        writer.beginObject()
    }

    /// `success` stands twice: the document's message shows it at the top, its JavaScript class reads it in `data`.
    private static func authResponse(
        _ user: UserID, _ session: UUID128, _ permissions: Permissions, to writer: inout JSONWriter
    ) {
        writer.field("type", static: "auth_response")
        writer.field("success", true)
        writer.key("data")
        writer.beginObject()
        writer.field("user_id", user.text)
        writer.field("session_id", session)
        writer.key("permissions")
        writer.beginArray()
        for name in permissions.names { writer.string(name) }
        writer.endArray()
        writer.field("success", true)
    }

    private static func resumeTicket(
        _ reason: ResumeReason, _ retryMilliseconds: UInt64, _ rooms: [RoomPosition], to writer: inout JSONWriter
    ) {
        head("resume_ticket", to: &writer)
        writer.field("reason", static: reason.name)
        writer.field("retry_after_ms", retryMilliseconds)
        writer.key("rooms")
        writer.beginArray()
        for place in rooms {
            writer.beginObject()
            writer.field("room", place.room.name)
            writer.field("epoch", place.position.epoch)
            writer.field("offset", place.position.offset)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func recovered(_ recovery: Recovery, to writer: inout JSONWriter) {
        switch recovery {
        case .whole:
            writer.field("recovered", true)
        case .partial(let gap):
            writer.field("recovered", false)
            writer.key("gap")
            writer.beginObject()
            writer.key("from")
            self.position(gap.from, to: &writer)
            writer.key("to")
            self.position(gap.to, to: &writer)
            writer.field("cause", gap.cause.rawValue)
            writer.endObject()
        }
    }

    private static func position(_ position: LogPosition, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("epoch", position.epoch)
        writer.field("offset", position.offset)
        writer.endObject()
    }

    private static func refused(_ refusal: Refusal, to writer: inout JSONWriter) {
        writer.field("code", refusal.code.rawValue)
        writer.field("message", refusal.message)
    }
}
