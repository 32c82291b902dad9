public import Bytes
public import Grid

/// The native dialect of `/ws`: JSON text frames `{"type": …, "data": {…}}` (docs/protocol.md).
///
/// Documented fields keep their documented names, units and order; ours come after them.
public enum NativeCodec {
    /// What `connected` calls `api_version`.
    public static let apiVersion: StaticString = "1.0.0"

    /// Reads one frame of a client.
    ///
    /// - Throws: a ``WireError``: `INVALID_MESSAGE`, `UNKNOWN_TYPE` (types that only the server says included),
    ///   `INVALID_FILTER`.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> ClientMessage {
        try NativeDecoder.decode(bytes)
    }

    /// Reads the filters of a stream of server-sent events: `{ROOM: FILTER, …}`, a filter as in `join_room`.
    ///
    /// - Throws: `INVALID_FILTER` for whatever is wrong with them.
    public static func streamFilters(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [String: RoomFilter] {
        try StreamFilterDecoder.decode(bytes)
    }

    /// The `type` of the message for `event`.
    public static func type(of event: RoomEvent) -> StaticString { NativeEvents.type(of: event) }

    /// Whether a message is a client's `authenticate`, which nobody says who speaks another dialect.
    public static func isAuthentication(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard case .authenticate? = try? decode(bytes) else { return false }
        return true
    }

    /// Whether this dialect has a message for `event`.
    public static func carries(_ event: RoomEvent) -> Bool {
        switch event {
        case .nodeRegistered, .nodeStatus, .nodeMetrics, .systemNotification, .taskUpdated, .taskAssigned,
            .taskProgressed, .balanceUpdated, .paymentConfirmed, .alertRaised, .alertUpdated, .predictionMade,
            .topologyChanged, .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged:
            true
        case .nodeListed, .nodeCondition, .channelMessage: false
        }
    }

    /// Appends the message for `event`; allocates nothing once the buffer has room.
    public static func encode(_ event: LoggedEvent, into buffer: inout ByteBuffer) {
        buffer.appendJSON { NativeEvents.write(event, to: &$0) }
    }

    /// Appends the message for `reply`.
    public static func encode(_ reply: NativeReply, into buffer: inout ByteBuffer) {
        buffer.appendJSON { NativeReplies.write(reply, to: &$0) }
    }
}
