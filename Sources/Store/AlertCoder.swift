import Bytes
import Grid

/// An alert as the Store keeps it, in its own record and in events: a JSON object, read as ``EventCoder`` says.
enum AlertCoder {
    static func encode(_ alert: Alert) -> String {
        let content = alert.content
        return JSONWriter.text { writer in
            writer.field("id", alert.id.description)
            writer.field("status", alert.status.name)
            writer.field("severity", content.severity.name)
            writer.present("kind", content.kind)
            writer.present("node", content.node?.description)
            writer.field("message", content.message)
            writer.present("value", content.reading.valueThousandths)
            writer.present("threshold", content.reading.thresholdThousandths)
            writer.present("unit", content.reading.unit.isEmpty ? nil : content.reading.unit)
            writer.object("raised") { write(alert.raised, to: &$0) }
            if let step = alert.acknowledged { writer.object("acknowledged") { write(step, to: &$0) } }
            if let step = alert.resolved { writer.object("resolved") { write(step, to: &$0) } }
            writer.present("request_key", alert.requestKey)
        }
    }

    private static func write(_ step: AlertStep, to writer: inout JSONWriter) {
        writer.present("user", step.user?.text)
        writer.field("at", step.at.milliseconds)
    }

    /// The alert; `nil` for a text that this version did not write.
    static func decode(_ body: String) -> Alert? {
        JSONReader.value(of: body) { (reader) throws(JSONError) in try decode(&reader) }
    }

    static func decode(_ reader: inout JSONReader) throws(JSONError) -> Alert {
        var (id, status, severity, message): (AlertID?, AlertStatus?, AlertSeverity?, String?)
        var (kind, node, requestKey): (String?, NodeID?, String?)
        var reading = AlertReading()
        var (raised, acknowledged, resolved): (AlertStep?, AlertStep?, AlertStep?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "id": id = try reader.readNamed { AlertID($0) }
            case "status": status = try reader.readNamed { AlertStatus(rawValue: $0) }
            case "severity": severity = try reader.readNamed { AlertSeverity(rawValue: $0) }
            case "kind": kind = try reader.readString()
            case "node": node = try reader.readNamed { NodeID($0) }
            case "message": message = try reader.readString()
            case "value": reading.valueThousandths = try reader.readInt64()
            case "threshold": reading.thresholdThousandths = try reader.readInt64()
            case "unit": reading.unit = try reader.readString()
            case "raised": raised = try step(&reader)
            case "acknowledged": acknowledged = try step(&reader)
            case "resolved": resolved = try step(&reader)
            case "request_key": requestKey = try reader.readString()
            default: try reader.skipValue()
            }
        }
        let content = AlertContent(
            severity: try reader.required(severity), kind: kind, node: node, message: try reader.required(message),
            reading: reading)
        var alert = Alert(
            id: try reader.required(id), content: content, raised: try reader.required(raised), requestKey: requestKey)
        alert.status = try reader.required(status)
        alert.acknowledged = acknowledged
        alert.resolved = resolved
        return alert
    }

    private static func step(_ reader: inout JSONReader) throws(JSONError) -> AlertStep {
        var (user, at): (String?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "user": user = try reader.readString()
            case "at": at = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return AlertStep(user: user.map { UserID($0) }, at: Timestamp(milliseconds: try reader.required(at)))
    }
}
