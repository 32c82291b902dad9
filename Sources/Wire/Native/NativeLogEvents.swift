import Bytes
import Grid

/// Writes the `data` of `log`, which tells of lines of the log, of operators' actions and of connections.
enum NativeLogEvents {
    static func write(_ event: LogLine, to writer: inout JSONWriter) {
        begin(event.level, "log", event.message, event.at, to: &writer)
        for entry in event.fields { field(entry.name, entry.value, to: &writer) }
        end(&writer)
    }

    static func write(_ event: ActionExecuted, to writer: inout JSONWriter) {
        begin(.info, "action", event.kind.rawValue, event.at, to: &writer)
        field("user_id", event.user?.text, to: &writer)
        field("node_id", event.node?.description, to: &writer)
        field("detail", event.detail.isEmpty ? nil : event.detail, to: &writer)
        end(&writer)
    }

    static func write(_ event: ConnectionChanged, to writer: inout JSONWriter) {
        let what = event.isOpen ? "client_connected" : "client_disconnected"
        begin(.info, "connection", what, event.at, to: &writer)
        field("connection_id", event.connection.description, to: &writer)
        field("dialect", event.dialect, to: &writer)
        field("user_id", event.user?.text, to: &writer)
        field("address", event.address.isEmpty ? nil : event.address, to: &writer)
        field("reason", event.reason?.rawValue, to: &writer)
        end(&writer)
    }

    private static func begin(
        _ level: LogLine.Level, _ source: StaticString, _ message: String, _ at: Timestamp, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("level", level.name)
        writer.field("source", source)
        writer.field("message", message)
        writer.field("timestamp", at)
        writer.key("fields")
        writer.beginObject()
    }

    private static func field(_ name: String, _ value: String?, to writer: inout JSONWriter) {
        guard let value else { return }
        writer.key(name)
        writer.string(value)
    }

    private static func end(_ writer: inout JSONWriter) {
        writer.endObject()
        writer.endObject()
    }
}
