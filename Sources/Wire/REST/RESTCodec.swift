public import Bytes
public import Grid

/// The bodies of the REST interface, JSON each (docs/protocol.md, "REST").
public enum RESTCodec {
    /// `GET /api/v1/nodes`: a page of nodes, and where the next one begins.
    public static func nodes(_ nodes: [NodeSummary], next: NodeID?, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.key("nodes")
            writer.beginArray()
            for node in nodes { NodeResource.write(node, isFull: false, to: &writer) }
            writer.endArray()
            writer.field("next_cursor", next)
            writer.endObject()
        }
    }

    /// `GET /api/v1/nodes/{id}`: all that is known of a node.
    public static func node(_ node: NodeSummary, into buffer: inout ByteBuffer) {
        buffer.appendJSON { NodeResource.write(node, isFull: true, to: &$0) }
    }

    /// `POST /api/v1/notifications`: what to call the notification, and where it stands in its room's log.
    public static func notified(_ id: UUID128, at position: LogPosition, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("notification_id", id)
            writer.field("room", BaseRoom.general.name)
            writer.field("epoch", position.epoch)
            writer.field("offset", position.offset)
            writer.endObject()
        }
    }

    /// Reads the body of `POST /api/v1/notifications`.
    ///
    /// - Throws: a ``WireError`` that names the field; a key that is not known is one, for what it asks for would
    ///   silently not be said.
    public static func notification(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> NotificationContent {
        try NotificationDecoder.decode(bytes)
    }

    /// The body of every error.
    public static func error(_ refusal: Refusal, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.key("error")
            writer.beginObject()
            writer.field("code", refusal.code.rawValue)
            writer.field("message", refusal.message)
            writer.endObject()
            writer.endObject()
        }
    }

    /// The HTTP status that goes with a refusal.
    public static func status(for code: Refusal.Code) -> Int {
        switch code {
        case .invalidMessage, .unknownType, .unknownRoom, .notInRoom, .invalidFilter, .badRequest,
            .alreadyAuthenticated, .outOfOrder:
            400
        case .notAuthenticated, .invalidToken, .tokenExpired, .authTimeout, .enrolmentUnknown, .invalidProof: 401
        case .insufficientBalance: 402
        case .forbidden: 403
        case .notFound, .unknownNode: 404
        case .methodNotAllowed: 405
        case .enrolmentUsed, .fenced, .idempotencyConflict, .notCancellable, .alertResolved: 409
        case .enrolmentExpired: 410
        case .messageTooLarge: 413
        case .unsupportedMediaType: 415
        case .unknownRunner, .impossibleRequest: 422
        case .tooManyRequests, .tooManyTasks: 429
        case .internalFault: 500
        case .unavailable, .connectionFailed: 503
        }
    }

    /// `GET /healthz`: the process answers.
    public static func liveness(into buffer: inout ByteBuffer) {
        buffer.append("{\"status\":\"ok\"}")
    }

    /// `GET /readyz`: whether new work is taken; `reason` is a word such as `draining`, `nil` when ready.
    public static func readiness(refusedBecause reason: String?, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("status", static: reason == nil ? "ready" : "not_ready")
            if let reason { writer.field("reason", reason) }
            writer.endObject()
        }
    }
}
