public import Bytes
public import Grid
internal import Wire

/// Server-Sent Events as they stand on the connection: each one a chunk of the body (RFC 9112 §7.1), so that a client
/// of HTTP sees where the last one is torn.
public enum StreamFrame {
    /// What follows the data of every event: the blank line that ends it, and the chunk's end.
    static let tail: StaticString = "\n\n\r\n"
    private static let dataEndCount = 2

    /// Appends a frame up to its data, which `dataCount` bytes follow without a line break, and ``tail``.
    ///
    /// - Parameters:
    ///   - positions: the event's id; empty for an event that moves nothing.
    ///   - fields: scratch; what it holds is lost.
    static func appendHead(
        type: StaticString, positions: [RoomPosition], dataCount: Int, fields: inout ByteBuffer,
        into buffer: inout ByteBuffer
    ) {
        fields.removeAll(keepingCapacity: true)
        if !positions.isEmpty {
            fields.append("id: ")
            StreamID.append(positions, into: &fields)
            fields.append("\n")
        }
        fields.append("event: ")
        fields.append(type)
        fields.append("\ndata: ")
        append(chunkOf: fields.count + dataCount + dataEndCount, into: &buffer)
        buffer.append(fields)
    }

    /// Appends the frame of one event.
    ///
    /// - Parameters:
    ///   - data: one line.
    ///   - positions: the event's id; empty for an event that moves nothing.
    public static func append(
        type: StaticString, data: ByteBuffer, positions: [RoomPosition] = [], into buffer: inout ByteBuffer
    ) {
        var fields = ByteBuffer(capacity: 128)
        appendHead(type: type, positions: positions, dataCount: data.count, fields: &fields, into: &buffer)
        buffer.append(data)
        buffer.append(tail)
    }

    /// Appends how long the client shall wait before it comes back.
    public static func append(retryMilliseconds: UInt64, into buffer: inout ByteBuffer) {
        var fields = ByteBuffer(capacity: 32)
        fields.append("retry: ")
        fields.append(decimal: retryMilliseconds)
        append(chunkOf: fields.count + dataEndCount, into: &buffer)
        buffer.append(fields)
        buffer.append(tail)
    }

    /// A comment, which tells both ends and all between them that the stream lives.
    public static func appendHeartbeat(into buffer: inout ByteBuffer) {
        append(chunkOf: 1 + dataEndCount, into: &buffer)
        buffer.append(":")
        buffer.append(tail)
    }

    /// Appends a chunk's length, in hexadecimal.
    private static func append(chunkOf count: Int, into buffer: inout ByteBuffer) {
        var shift = 0
        while count >> (shift + 4) > 0 { shift += 4 }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: count >> shift) & 0xF
            buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
        buffer.append("\r\n")
    }
}
