import Bytes
import Grid

/// Reads what an administrator has to say to everybody.
enum NotificationDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> NotificationContent {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var title: String?
        var message: String?
        var content = NotificationContent(title: "", message: "")
        while let key = try reader.nextKey() {
            switch key {
            case "level": content.level = try level(&reader) ?? .info
            case "title": title = try reader.text("title", limit: Limits.notificationTitleBytes)
            case "message": message = try reader.text("message", limit: Limits.notificationMessageBytes)
            case "scheduled_time": content.scheduledTime = try time(&reader)
            case "estimated_duration":
                content.estimatedDurationSeconds = try reader.whole("estimated_duration", in: 0...UInt32.max)
            case "affected_services": content.affectedServices = try services(&reader)
            default:
                let name = String(key.string.prefix(32))
                throw WireError(.invalidMessage, field: "\"\(name)\"", "is not known")
            }
        }
        try reader.finish()
        content.title = try reader.required(title, "title")
        content.message = try reader.required(message, "message")
        guard !content.title.isEmpty else { throw reader.fault("title", "empty") }
        guard !content.message.isEmpty else { throw reader.fault("message", "empty") }
        return content
    }

    private static func level(_ reader: inout MessageReader) throws(WireError) -> NotificationLevel? {
        guard let name = try reader.text("level", limit: 16) else { return nil }
        guard let level = NotificationLevel(rawValue: name) else {
            throw reader.fault("level", "expected info, warning, error or critical")
        }
        return level
    }

    private static func time(_ reader: inout MessageReader) throws(WireError) -> Timestamp? {
        guard let text = try reader.text("scheduled_time", limit: 64) else { return nil }
        guard let time = Timestamp(iso8601: text) else {
            throw reader.fault("scheduled_time", "expected a time as 2024-01-16T02:00:00.000Z")
        }
        return time
    }

    private static func services(_ reader: inout MessageReader) throws(WireError) -> [String] {
        var services: [String] = []
        guard try reader.beginArray("affected_services") else { return services }
        while try reader.nextElement() {
            guard services.count < Limits.notificationServices else {
                throw reader.fault("affected_services", "more than \(Limits.notificationServices) values")
            }
            let service = try reader.required(
                reader.text("affected_services", limit: Limits.notificationServiceBytes), "affected_services")
            guard !service.isEmpty else { throw reader.fault("affected_services", "an empty value") }
            services.append(service)
        }
        return services
    }
}
