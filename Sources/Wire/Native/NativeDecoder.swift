import Bytes
import Grid

/// Reads what clients of the native dialect say: `{"type": …, "data": {…}}`, keys in any order.
enum NativeDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> ClientMessage {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var type: JSONText?
        var data: UnsafeRawBufferPointer?
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.name("type")
            case "data": data = try reader.raw()
            default: try reader.skip()
            }
        }
        try reader.finish()
        let known = try reader.required(type, "type")
        switch known {
        case "authenticate": return try authenticate(data)
        case "join_room": return try joinRoom(data)
        case "leave_room": return try leaveRoom(data)
        case "ping": return try ping(data)
        default: throw MessageType.unknown(known)
        }
    }

    /// A reader inside `data`, which is valid JSON already.
    private static func open(_ data: UnsafeRawBufferPointer?) throws(WireError) -> MessageReader {
        guard let data else { throw WireError(.invalidMessage, field: "data", "missing") }
        var reader = MessageReader(data, insideDepth: 1)
        guard try reader.beginObject("data") else { throw reader.fault("data", "missing") }
        reader.scope = "data."
        return reader
    }

    private static func authenticate(_ data: UnsafeRawBufferPointer?) throws(WireError) -> ClientMessage {
        var reader = try open(data)
        var token: String?
        while let key = try reader.nextKey() {
            switch key {
            case "token": token = try reader.text("token", limit: Limits.messageBytes)
            default: try reader.skip()
            }
        }
        return .authenticate(token: try reader.required(token, "token"))
    }

    private static func joinRoom(_ data: UnsafeRawBufferPointer?) throws(WireError) -> ClientMessage {
        var reader = try open(data)
        var name: String?
        var filter = RoomFilter()
        var since: LogPosition?
        while let key = try reader.nextKey() {
            switch key {
            case "room": name = try reader.text("room", limit: Limits.roomNameBytes)
            case "filters": filter = try FilterDecoder.decode(&reader)
            case "since": since = try position(&reader)
            default: try reader.skip()
            }
        }
        return .joinRoom(RoomJoin(roomName: try reader.required(name, "room"), filter: filter, since: since))
    }

    private static func leaveRoom(_ data: UnsafeRawBufferPointer?) throws(WireError) -> ClientMessage {
        var reader = try open(data)
        var name: String?
        while let key = try reader.nextKey() {
            switch key {
            case "room": name = try reader.text("room", limit: Limits.roomNameBytes)
            default: try reader.skip()
            }
        }
        return .leaveRoom(name: try reader.required(name, "room"))
    }

    private static func ping(_ data: UnsafeRawBufferPointer?) throws(WireError) -> ClientMessage {
        guard let data else { return .ping(data: nil) }
        guard data.count <= Limits.pingEchoBytes else {
            throw WireError(.invalidMessage, field: "data", "longer than \(Limits.pingEchoBytes) bytes")
        }
        return .ping(data: [UInt8](data))
    }

    private static func position(_ reader: inout MessageReader) throws(WireError) -> LogPosition? {
        guard try reader.beginObject("since") else { return nil }
        reader.scope = "data.since."
        var epoch: UInt64?
        var offset: UInt64?
        while let key = try reader.nextKey() {
            switch key {
            case "epoch": epoch = try reader.amount("epoch")
            case "offset": offset = try reader.amount("offset")
            default: try reader.skip()
            }
        }
        let position = LogPosition(
            epoch: try reader.required(epoch, "epoch"), offset: try reader.required(offset, "offset"))
        reader.scope = "data."
        return position
    }
}
