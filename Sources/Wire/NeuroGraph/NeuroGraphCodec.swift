public import Bytes
public import Grid

/// The dialect of `/neurograph/ws`: JSON text frames, `{"type": …}` and `{"channel": …}` (docs/protocol-neurograph.md).
public enum NeuroGraphCodec {
    /// Reads one frame of a client.
    ///
    /// - Throws: a ``WireError``: `INVALID_MESSAGE`, `UNKNOWN_TYPE` (types that only the server says included) or
    ///   `UNKNOWN_ROOM` for a name that is no channel's.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> NeuroGraphMessage {
        try NeuroGraphDecoder.decode(bytes)
    }

    /// Whether a connection whose first message that is speaks this dialect. A `ping` decides nothing.
    public static func isDecisive(_ bytes: UnsafeRawBufferPointer) -> Bool { NeuroGraphDecoder.isDecisive(bytes) }

    /// Whether this dialect has a message for `event`.
    public static func carries(_ event: RoomEvent) -> Bool { NeuroGraphEvents.kind(of: event) != nil }

    /// Appends the message for an `event` that the dialect carries.
    public static func encode(_ event: LoggedEvent, into buffer: inout ByteBuffer) {
        buffer.appendJSON { NeuroGraphEvents.write(event, to: &$0) }
    }

    /// Appends the message for `reply`.
    public static func encode(_ reply: NeuroGraphReply, at time: Timestamp, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("type", static: reply.type)
            switch reply {
            case .connected(let client, let user):
                writer.field("client_id", client)
                writer.field("user_id", user?.text)
                writer.field("timestamp", time)
            case .subscribed(let channels), .unsubscribed(let channels), .subscriptions(let channels):
                writer.key("channels")
                writer.beginArray()
                for channel in channels { writer.string(static: channel.staticName) }
                writer.endArray()
                writer.field("timestamp", time)
            case .pong: writer.field("timestamp", time)
            case .bufferOverflow(let dropped): writer.field("dropped", dropped)
            case .error(let refusal):
                writer.field("message", refusal.message)
                writer.field("code", refusal.code.rawValue)
            }
            writer.endObject()
        }
    }
}
