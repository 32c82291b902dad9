public import Bytes
public import Grid

/// The dialect of `/qubix`: JSON text frames `{"type": …}` (docs/protocol-qubix.md).
public enum QubixCodec {
    /// Reads one frame of a client.
    ///
    /// - Throws: a ``WireError``: `INVALID_MESSAGE` or `UNKNOWN_TYPE` (types that only the server says included).
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> QubixMessage {
        try QubixDecoder.decode(bytes)
    }

    /// Whether this dialect has a message for `event`.
    public static func carries(_ event: RoomEvent) -> Bool { QubixEvents.type(of: event) != nil }

    /// Appends the message for an `event` that the dialect carries.
    public static func encode(_ event: LoggedEvent, into buffer: inout ByteBuffer) {
        buffer.appendJSON { QubixEvents.write(event, to: &$0) }
    }

    /// Appends the message for `reply`.
    public static func encode(_ reply: QubixReply, at time: Timestamp, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("type", static: reply.type)
            switch reply {
            case .pong: break
            case .subscribed(let subscription), .unsubscribed(let subscription):
                writer.field("subscriptionId", subscription.id)
            case .error(let refusal):
                writer.key("data")
                writer.beginObject()
                writer.field("code", refusal.code.rawValue)
                writer.field("message", refusal.message)
                writer.endObject()
            }
            writer.field("timestamp", time)
            writer.endObject()
        }
    }

    /// Appends the body of `GET /api/websocket/stats`.
    ///
    /// - Parameters:
    ///   - subscriptions: how many different ones there are.
    ///   - details: some of them, each with its subscribers, in the order in which they are listed.
    public static func statistics(
        clients: Int, subscriptions: Int, details: [(id: String, subscribers: Int)], into buffer: inout ByteBuffer
    ) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("success", true)
            writer.key("stats")
            writer.beginObject()
            writer.field("totalClients", clients)
            writer.field("totalSubscriptions", subscriptions)
            writer.key("subscriptionDetails")
            writer.beginArray()
            for detail in details {
                writer.beginObject()
                writer.field("subscriptionId", detail.id)
                writer.field("subscriberCount", detail.subscribers)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
            writer.endObject()
        }
    }
}
