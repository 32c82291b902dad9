public import Bytes
public import Grid

/// The dialect of EyeNet's clients: events of Socket.IO, each with one argument (docs/protocol-eyenet.md).
public enum EyeNetCodec {
    /// Reads an event of a client.
    ///
    /// - Throws: a ``WireError``: `UNKNOWN_TYPE` for a name that means nothing here (the server's own included),
    ///   `INVALID_MESSAGE`, or `UNKNOWN_ROOM` for a topic that there is not.
    public static func decode(_ packet: SocketIOPacket) throws(WireError) -> EyeNetMessage {
        try EyeNetDecoder.decode(packet)
    }

    /// Reads what a client says of itself, an object or nothing.
    public static func introduction(_ auth: UnsafeRawBufferPointer) throws(WireError) -> EyeNetIntroduction {
        try EyeNetDecoder.introduction(auth)
    }

    /// Whether this dialect has an event for `event`.
    public static func carries(_ event: RoomEvent) -> Bool { EyeNetEvents.name(of: event) != nil }

    /// Appends the array of name and argument for an `event` that the dialect carries: what a packet holds behind its
    /// namespace.
    public static func encode(_ event: LoggedEvent, into buffer: inout ByteBuffer) {
        buffer.appendJSON { EyeNetEvents.write(event, to: &$0) }
    }

    /// Writes the argument of an acknowledgement.
    public static func acknowledge(
        _ outcome: EyeNetOutcome, _ subscription: EyeNetSubscription, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("status", outcome.rawValue)
        writer.field("channel", subscription.channel)
        writer.endObject()
    }

    /// Writes the argument of the acknowledgement of a wish that is refused; the event `error` says it as well.
    public static func acknowledge(_ refusal: Refusal, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("status", "error")
        writer.field("code", refusal.code.rawValue)
        writer.field("message", refusal.message)
        writer.endObject()
    }

    /// Writes the argument of the event `error`.
    public static func error(_ refusal: Refusal, at time: Timestamp, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", "error")
        writer.key("data")
        writer.beginObject()
        writer.field("code", refusal.code.rawValue)
        writer.field("message", refusal.message)
        writer.field("timestamp", time)
        writer.endObject()
        writer.endObject()
    }

    /// The `data` of a connect error.
    public static func connectErrorData(_ code: Refusal.Code) -> String { "{\"code\":\"\(code.rawValue)\"}" }
}
