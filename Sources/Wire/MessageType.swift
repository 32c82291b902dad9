import Bytes
import Grid

/// Finds a message's `type`, wherever in the object it stands.
enum MessageType {
    /// The text of the first `type`. It points into `bytes`; what stands behind it is not validated yet.
    static func find(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> JSONText {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        while let key = try reader.nextKey() {
            guard key == "type" else {
                try reader.skip()
                continue
            }
            return try reader.required(reader.name("type"), "type")
        }
        throw reader.missing("type")
    }

    /// The refusal of a type that the receiver does not know. The name is repeated in part, for the sender's log.
    static func unknown(_ type: JSONText) -> WireError {
        let name = String(type.string.prefix(32))
        return WireError(.unknownType, field: "type", "\"\(name)\" is not a message type")
    }
}
