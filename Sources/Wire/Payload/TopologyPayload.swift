import Bytes
import Grid

/// The devices of the network, as events and answers have them.
enum TopologyPayload {
    static func devices(_ devices: [TopologyDevice], to writer: inout JSONWriter) {
        writer.beginArray()
        for device in devices {
            writer.beginObject()
            writer.field("id", device.id)
            writer.field("type", device.kind.rawValue)
            writer.field("name", known: device.name)
            writer.key("connections")
            writer.beginArray()
            for connection in device.connections { writer.string(connection) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }
}
