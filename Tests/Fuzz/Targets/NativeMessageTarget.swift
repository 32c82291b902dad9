import Bytes
import Grid
import Wire

extension FuzzTarget {
    /// The native dialect: what is taken can be said again in plain words, and answers echo nothing that breaks them.
    static let nativeMessage = FuzzTarget("native-message") { input in
        guard let message = try taken({ try NativeCodec.decode(input) }) else { return }
        let text = written { Client.write(message, into: &$0) }
        let again = try text.withBytes { try NativeCodec.decode($0) }
        try require(again == message, "\(message) became \(again)")
        for reply in Client.echoes(of: message) {
            try requireJSON(written { NativeCodec.encode(reply, into: &$0) })
        }
    }
}

/// A client that says what it is told to say.
private enum Client {
    static func write(_ message: ClientMessage, into buffer: inout ByteBuffer) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("data")
        let type: StaticString
        switch message {
        case .authenticate(let token):
            type = "authenticate"
            writer.beginObject()
            writer.field("token", token)
            writer.endObject()
        case .joinRoom(let join):
            type = "join_room"
            write(join, to: &writer)
        case .leaveRoom(let name):
            type = "leave_room"
            writer.beginObject()
            writer.field("room", name)
            writer.endObject()
        case .ping(let data?):
            type = "ping"
            data.withUnsafeBytes { writer.raw(bytes: $0) }
        case .ping(nil):
            buffer.append("{\"type\":\"ping\"}")
            return
        }
        writer.key("type")
        writer.string(static: type)
        writer.endObject()
        writer.buffer.withBytes { buffer.append($0) }
    }

    private static func write(_ join: RoomJoin, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("filters")
        writer.beginObject()
        write("regions", join.filter.regions, to: &writer)
        write("status", join.filter.statuses, to: &writer)
        write("node_ids", Set(join.filter.nodeIDs.map(\.description)), to: &writer)
        writer.field("user_id", join.filter.userID?.text)
        writer.endObject()
        if let since = join.since {
            writer.key("since")
            writer.beginObject()
            writer.key("epoch")
            writer.int(since.epoch)
            writer.key("offset")
            writer.int(since.offset)
            writer.endObject()
        }
        writer.field("room", join.roomName)
        writer.endObject()
    }

    private static func write(_ key: String, _ values: Set<String>, to writer: inout JSONWriter) {
        writer.key(key)
        writer.beginArray()
        for value in values.sorted() { writer.string(value) }
        writer.endArray()
    }

    /// The answers that repeat something of the message.
    static func echoes(of message: ClientMessage) -> [NativeReply] {
        let time = Timestamp(milliseconds: 1_705_314_600_000)
        switch message {
        case .authenticate(let token):
            return [.authResponse(user: UserID(token), session: UUID128(high: 1, low: 2), permissions: [])]
        case .joinRoom(let join):
            let position = join.since ?? LogPosition(epoch: 1, offset: 0)
            return [.roomJoined(name: join.roomName, position: position, recovery: join.since == nil ? nil : .whole)]
        case .leaveRoom(let name): return [.roomLeft(name: name)]
        case .ping(let data): return [.pong(time: time, echo: data)]
        }
    }
}
