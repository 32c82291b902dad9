import Bytes
import Grid

/// Reads what TriggerX clients say: `{"type": …, "data": {"room": …}}`, keys in any order, others passed over. What
/// stands beside `room` (`job_id`, `task_id`, `user_id`) repeats what it says.
enum TriggerXDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> TriggerXMessage {
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
        case "SUBSCRIBE": return .subscribe(room: try room(data))
        case "UNSUBSCRIBE": return .unsubscribe(room: try room(data))
        default: throw MessageType.unknown(known)
        }
    }

    /// The room that `data`, which is valid JSON already, names.
    private static func room(_ data: UnsafeRawBufferPointer?) throws(WireError) -> String {
        guard let data else { throw WireError(.invalidMessage, field: "data", "missing") }
        var reader = MessageReader(data, insideDepth: 1)
        guard try reader.beginObject("data") else { throw reader.fault("data", "missing") }
        reader.scope = "data."
        var room: String?
        while let key = try reader.nextKey() {
            switch key {
            // One that is too long is no room's name, and told so.
            case "room": room = try reader.text("room", limit: Limits.unauthenticatedMessageBytes)
            default: try reader.skip()
            }
        }
        return try reader.required(room, "room")
    }
}
