public import Bytes
public import Grid

/// The dialect of `/api/ws/tasks` and of the requests beside it: JSON (docs/protocol-triggerx.md).
public enum TriggerXCodec {
    // MARK: Messages

    /// Reads one frame of a client.
    ///
    /// - Throws: a ``WireError``: `INVALID_MESSAGE` or `UNKNOWN_TYPE` (types that only the server says included), which
    ///   are both `INVALID_MESSAGE` in the dialect (``TriggerXError/init(_:)-(Refusal)``).
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TriggerXMessage {
        try TriggerXDecoder.decode(bytes)
    }

    /// Whether this dialect has a message for `event`.
    public static func carries(_ event: RoomEvent) -> Bool { TriggerXEvents.type(of: event) != nil }

    /// Appends the message for an `event` that the dialect carries.
    public static func encode(_ event: LoggedEvent, into buffer: inout ByteBuffer) {
        buffer.appendJSON { TriggerXEvents.write(event, to: &$0) }
    }

    /// Appends the message for `reply`.
    public static func encode(_ reply: TriggerXReply, at time: Timestamp, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            switch reply {
            case .subscribed(let room): acknowledgement("SUBSCRIBED", room, to: &writer)
            case .unsubscribed(let room): acknowledgement("UNSUBSCRIBED", room, to: &writer)
            case .error(let error): self.error(error.code.rawValue, error.message, to: &writer)
            }
            writer.field("timestamp", time)
            writer.endObject()
        }
    }

    private static func acknowledgement(_ type: StaticString, _ room: TriggerXRoom, to writer: inout JSONWriter) {
        writer.field("type", static: type)
        writer.key("data")
        writer.beginObject()
        writer.field("room", room.name)
        writer.endObject()
    }

    private static func error(_ code: String, _ message: String, to writer: inout JSONWriter) {
        writer.field("type", "ERROR")
        writer.key("data")
        writer.beginObject()
        writer.field("code", code)
        writer.field("message", message)
        writer.endObject()
    }

    // MARK: Requests

    /// Reads the body of `POST /api/tasks`.
    ///
    /// - Throws: a ``WireError`` with `BAD_REQUEST` that names the field.
    public static func wish(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TriggerXWish {
        try TriggerXBodies.wish(bytes)
    }

    /// Reads the body of `PUT /api/tasks/{id}/fee`, in micro-units.
    ///
    /// - Throws: likewise.
    public static func fee(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Int64 {
        try TriggerXBodies.fee(bytes)
    }

    /// Reads the body of `PUT /api/tasks/execution/{id}`: at least one field.
    ///
    /// - Throws: likewise.
    public static func report(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TriggerXReport {
        try TriggerXBodies.report(bytes)
    }

    /// Appends a task as its requests are answered.
    public static func task(_ task: TaskRecord, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("task_id", task.number)
            writer.field("task_uuid", task.id)
            writer.field("job_id", task.job)
            writer.field("user_id", task.owner.text)
            writer.field("task_definition_id", task.specification.taskDefinitionID)
            writer.field("is_imua", task.specification.isIMUA)
            writer.field("status", static: task.state.staticName)
            writer.field("fee", micros: task.feeMicros)
            for key in TaskExecution.Key.allCases {
                TriggerXEvents.write(task.execution[key], of: key, to: &writer)
            }
            writer.field("created_at", task.createdAt)
            writer.field("updated_at", task.updatedAt)
            writer.endObject()
        }
    }

    /// Appends the body of a request that is refused: the dialect's `ERROR`, and beside it `error` as in all requests'
    /// bodies.
    ///
    /// - Parameter code: the dialect's where it has one for it, else ours.
    public static func refused(
        _ code: String, _ message: String, at time: Timestamp, into buffer: inout ByteBuffer
    ) {
        buffer.appendJSON { writer in
            writer.beginObject()
            error(code, message, to: &writer)
            writer.field("timestamp", time)
            writer.key("error")
            writer.beginObject()
            writer.field("code", code)
            writer.field("message", message)
            writer.endObject()
            writer.endObject()
        }
    }

    // MARK: Statistics

    /// Appends the body of `GET /api/ws/stats`.
    ///
    /// - Parameters:
    ///   - rooms: how many different ones there are.
    ///   - details: some of them, each with its subscribers, in the order in which they are listed.
    public static func statistics(
        clients: Int, rooms: Int, details: [(room: String, subscribers: Int)], into buffer: inout ByteBuffer
    ) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("status", "success")
            writer.key("data")
            writer.beginObject()
            writer.field("total_clients", clients)
            writer.field("total_rooms", rooms)
            writer.key("rooms")
            writer.beginObject()
            for detail in details {
                writer.key(detail.room)
                writer.int(detail.subscribers)
            }
            writer.endObject()
            writer.endObject()
            writer.endObject()
        }
    }

    /// Appends the body of `GET /api/ws/health`: `timestamp` in whole seconds since 1970.
    public static func health(
        isHealthy: Bool, now: Timestamp, connections: Int, rooms: Int, into buffer: inout ByteBuffer
    ) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("status", static: isHealthy ? "healthy" : "unhealthy")
            writer.field("timestamp", now.milliseconds / 1000)
            writer.key("websocket")
            writer.beginObject()
            writer.field("active_connections", connections)
            writer.field("active_rooms", rooms)
            writer.endObject()
            writer.endObject()
        }
    }
}
