public import Bytes

/// Appends the texts of packets as a server sends them: what an Engine.IO message holds, without its type.
///
/// Attachments follow a packet as binary messages, in the order of their numbers, with nothing between them.
public enum SocketIOEncoder {
    /// A client is in a namespace; `sid` is its id there, which others may know.
    public static func connect(_ namespace: String, sid: String, into buffer: inout ByteBuffer) {
        begin(.connect, in: namespace, into: &buffer)
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("sid", sid)
            writer.endObject()
        }
    }

    /// A client is not let into a namespace. `data`, a JSON value, says more to programs; empty where there is no more.
    public static func connectError(
        _ namespace: String, message: String, data: String = "", into buffer: inout ByteBuffer
    ) {
        begin(.connectError, in: namespace, into: &buffer)
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("message", message)
            if !data.isEmpty { writer.field("data", verbatim: data) }
            writer.endObject()
        }
    }

    /// A client is put out of a namespace.
    public static func disconnect(_ namespace: String, into buffer: inout ByteBuffer) {
        begin(.disconnect, in: namespace, into: &buffer)
    }

    /// An event: `write` appends its arguments behind the name, each one JSON value.
    ///
    /// - Parameters:
    ///   - id: asks for an acknowledgement under it.
    ///   - attachments: how many binary messages follow; ``SocketIOPlaceholder`` stands for each among the arguments.
    public static func event(
        _ name: StaticString, in namespace: String, id: UInt64? = nil, attachments: Int = 0,
        into buffer: inout ByteBuffer, _ write: (inout JSONWriter) -> Void
    ) {
        begin(attachments > 0 ? .binaryEvent : .event, in: namespace, attachments: attachments, id: id, into: &buffer)
        buffer.appendJSON { writer in
            writer.beginArray()
            writer.string(static: name)
            write(&writer)
            writer.endArray()
        }
    }

    /// The acknowledgement of an event that came with `id`: `write` appends its arguments, each one JSON value.
    public static func ack(
        _ id: UInt64, in namespace: String, attachments: Int = 0, into buffer: inout ByteBuffer,
        _ write: (inout JSONWriter) -> Void
    ) {
        begin(attachments > 0 ? .binaryAck : .ack, in: namespace, attachments: attachments, id: id, into: &buffer)
        buffer.appendJSON { writer in
            writer.beginArray()
            write(&writer)
            writer.endArray()
        }
    }

    /// Writes what stands before the payload.
    private static func begin(
        _ type: SocketIOPacketType, in namespace: String, attachments: Int = 0, id: UInt64? = nil,
        into buffer: inout ByteBuffer
    ) {
        precondition(namespace.utf8.first == UInt8(ascii: "/"), "a namespace begins with a slash")
        buffer.append(type.rawValue)
        if type.isBinary {
            buffer.append(decimal: Int64(attachments))
            buffer.append(UInt8(ascii: "-"))
        }
        if namespace != SocketIOPacket.mainNamespace {
            buffer.append(namespace)
            buffer.append(UInt8(ascii: ","))
        }
        if let id { buffer.append(decimal: id) }
    }
}
