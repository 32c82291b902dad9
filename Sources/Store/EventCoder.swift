import Bytes
import Grid

/// An event of a durable room as the Store keeps it: its kind, and a JSON object of what else it says.
///
/// JSON, so that a later version can add a key without touching what is stored: a reader passes over keys that it does
/// not know, and one that is not there reads as `nil`. A key never changes its meaning.
enum EventCoder {
    /// What a kind is called; never changed.
    private enum Kind: String {
        case systemNotification = "system_notification"
    }

    // MARK: Writing

    static func encode(_ event: RoomEvent) -> (kind: String, body: String) {
        switch event {
        case .systemNotification(let notification):
            (Kind.systemNotification.rawValue, body { write(notification, to: &$0) })
        case .taskUpdated, .taskAssigned, .taskProgressed, .balanceUpdated, .paymentConfirmed:
            preconditionFailure("SEAM")
        case .nodeRegistered, .nodeStatus, .nodeMetrics:
            preconditionFailure("an event of a room that is not durable is to be stored")
        }
    }

    private static func body(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        return writer.buffer.text
    }

    private static func write(_ notification: SystemNotification, to writer: inout JSONWriter) {
        let content = notification.content
        writer.field("id", notification.id.description)
        writer.field("level", content.level.name)
        writer.field("title", content.title)
        writer.field("message", content.message)
        if let time = content.scheduledTime { writer.field("scheduled_time", time.milliseconds) }
        if let duration = content.estimatedDurationSeconds { writer.field("estimated_duration", duration) }
        if !content.affectedServices.isEmpty {
            writer.key("affected_services")
            writer.beginArray()
            for service in content.affectedServices { writer.string(service) }
            writer.endArray()
        }
        writer.field("sender", notification.sender.text)
        if let key = notification.requestKey { writer.field("request_key", key) }
        writer.field("sent_at", notification.sentAt.milliseconds)
    }

    // MARK: Reading

    /// The event; `nil` for a kind or a body that this version did not write.
    static func decode(kind: String, body: String) -> RoomEvent? {
        guard let kind = Kind(rawValue: kind) else { return nil }
        var text = body
        return text.withUTF8 { bytes in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes))
            do throws(JSONError) {
                switch kind {
                case .systemNotification: return try notification(&reader).map { .systemNotification($0) }
                }
            } catch {
                return nil
            }
        }
    }

    private static func notification(_ reader: inout JSONReader) throws(JSONError) -> SystemNotification? {
        var (id, level, title, message, sender): (UUID128?, NotificationLevel?, String?, String?, String?)
        var (scheduled, duration, sent, requestKey): (Int64?, UInt32?, Int64?, String?)
        var services: [String] = []
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "id": id = UUID128(try reader.readString())
            case "level": level = NotificationLevel(rawValue: try reader.readString())
            case "title": title = try reader.readString()
            case "message": message = try reader.readString()
            case "scheduled_time": scheduled = try reader.readInt64()
            case "estimated_duration": duration = UInt32(exactly: try reader.readInt64())
            case "affected_services":
                try reader.beginArray()
                while try reader.nextElement() { services.append(try reader.readString()) }
            case "sender": sender = try reader.readString()
            case "request_key": requestKey = try reader.readString()
            case "sent_at": sent = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard let id, let level, let title, let message, let sender, let sent else { return nil }
        return SystemNotification(
            id: id,
            content: NotificationContent(
                level: level, title: title, message: message,
                scheduledTime: scheduled.map { Timestamp(milliseconds: $0) }, estimatedDurationSeconds: duration,
                affectedServices: services),
            sender: UserID(sender), requestKey: requestKey, sentAt: Timestamp(milliseconds: sent))
    }
}
