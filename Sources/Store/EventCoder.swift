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
        case taskUpdated = "task_updated"
        case taskAssigned = "task_assigned"
        case taskProgressed = "task_progressed"
        case balanceUpdated = "balance_updated"
        case paymentConfirmed = "payment_confirmed"
        case alertRaised = "alert_raised"
        case alertUpdated = "alert_updated"
        case predictionMade = "prediction_made"
    }

    /// The event's kind and body.
    static func encode(_ event: RoomEvent) -> (kind: String, body: String) {
        let (kind, body) = parts(of: event)
        return (kind.rawValue, body)
    }

    private static func parts(of event: RoomEvent) -> (Kind, String) {
        switch event {
        case .systemNotification(let event): (.systemNotification, JSONWriter.text { write(event, to: &$0) })
        case .taskUpdated(let event): (.taskUpdated, JSONWriter.text { write(event, to: &$0) })
        case .taskAssigned(let event): (.taskAssigned, JSONWriter.text { write(event, to: &$0) })
        case .taskProgressed(let event): (.taskProgressed, JSONWriter.text { write(event, to: &$0) })
        case .balanceUpdated(let event): (.balanceUpdated, JSONWriter.text { write(event, to: &$0) })
        case .paymentConfirmed(let event): (.paymentConfirmed, JSONWriter.text { write(event, to: &$0) })
        case .alertRaised(let alert): (.alertRaised, AlertCoder.encode(alert))
        case .alertUpdated(let alert): (.alertUpdated, AlertCoder.encode(alert))
        case .predictionMade(let event): (.predictionMade, JSONWriter.text { write(event, to: &$0) })
        case .nodeRegistered, .nodeStatus, .nodeMetrics, .nodeListed, .nodeCondition, .topologyChanged,
            .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged, .channelMessage:
            preconditionFailure("an event of a room that is not durable is to be stored")
        }
    }

    /// The event; `nil` for a kind or a body that this version did not write.
    static func decode(kind: String, body: String) -> RoomEvent? {
        guard let kind = Kind(rawValue: kind) else { return nil }
        return JSONReader.value(of: body) { (reader) throws(JSONError) in
            switch kind {
            case .systemNotification: .systemNotification(try notification(&reader))
            case .taskUpdated: .taskUpdated(try taskUpdated(&reader))
            case .taskAssigned: .taskAssigned(try taskAssigned(&reader))
            case .taskProgressed: .taskProgressed(try taskProgressed(&reader))
            case .balanceUpdated: .balanceUpdated(try balanceUpdated(&reader))
            case .paymentConfirmed: .paymentConfirmed(try paymentConfirmed(&reader))
            case .alertRaised: .alertRaised(try AlertCoder.decode(&reader))
            case .alertUpdated: .alertUpdated(try AlertCoder.decode(&reader))
            case .predictionMade: .predictionMade(try prediction(&reader))
            }
        }
    }

    // MARK: Notifications

    private static func write(_ notification: SystemNotification, to writer: inout JSONWriter) {
        let content = notification.content
        writer.field("id", notification.id.description)
        writer.field("level", content.level.name)
        writer.field("title", content.title)
        writer.field("message", content.message)
        writer.present("scheduled_time", content.scheduledTime?.milliseconds)
        writer.present("estimated_duration", content.estimatedDurationSeconds)
        if !content.affectedServices.isEmpty {
            writer.array("affected_services", content.affectedServices) { $0.string($1) }
        }
        writer.field("sender", notification.sender.text)
        writer.present("request_key", notification.requestKey)
        writer.field("sent_at", notification.sentAt.milliseconds)
    }

    private static func notification(_ reader: inout JSONReader) throws(JSONError) -> SystemNotification {
        var (id, level, title, message, sender): (UUID128?, NotificationLevel?, String?, String?, String?)
        var (scheduled, duration, sent, requestKey): (Int64?, UInt32?, Int64?, String?)
        var services: [String] = []
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "id": id = try reader.readNamed { UUID128($0) }
            case "level": level = try reader.readNamed { NotificationLevel(rawValue: $0) }
            case "title": title = try reader.readString()
            case "message": message = try reader.readString()
            case "scheduled_time": scheduled = try reader.readInt64()
            case "estimated_duration": duration = try reader.readInteger()
            case "affected_services":
                services = try reader.readArray { (reader) throws(JSONError) in try reader.readString() }
            case "sender": sender = try reader.readString()
            case "request_key": requestKey = try reader.readString()
            case "sent_at": sent = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return SystemNotification(
            id: try reader.required(id),
            content: NotificationContent(
                level: try reader.required(level), title: try reader.required(title),
                message: try reader.required(message),
                scheduledTime: scheduled.map { Timestamp(milliseconds: $0) }, estimatedDurationSeconds: duration,
                affectedServices: services),
            sender: UserID(try reader.required(sender)), requestKey: requestKey,
            sentAt: Timestamp(milliseconds: try reader.required(sent)))
    }
}
