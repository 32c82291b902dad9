import Bytes
import Grid

/// An alert's members, as events and answers have them.
enum AlertPayload {
    /// Everything that is told of an alert.
    static func fields(_ alert: Alert, to writer: inout JSONWriter) {
        let content = alert.content
        writer.field("alert_id", alert.id)
        writer.field("status", alert.status.name)
        writer.field("severity", content.severity.name)
        writer.field("kind", content.kind)
        writer.field("node_id", content.node)
        writer.field("message", content.message)
        writer.field("value", fixed: content.reading.valueThousandths, decimals: 3)
        writer.field("threshold", fixed: content.reading.thresholdThousandths, decimals: 3)
        writer.field("unit", known: content.reading.unit)
        writer.field("raised_by", alert.raised.user?.text)
        writer.field("raised_at", alert.raised.at)
        writer.field("acknowledged_by", alert.acknowledged?.user?.text)
        writer.field("acknowledged_at", alert.acknowledged?.at)
        writer.field("resolved_by", alert.resolved?.user?.text)
        writer.field("resolved_at", alert.resolved?.at)
        writer.field("updated_by", alert.updated.user?.text)
        writer.field("updated_at", alert.updated.at)
    }
}
