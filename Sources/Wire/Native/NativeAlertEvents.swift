import Bytes
import Grid

/// Writes the `data` of events about alerts, predictions, the network and the platform for the native dialect.
enum NativeAlertEvents {
    /// `alert_new`, `alert_update`: the alert as it stands.
    static func write(_ alert: Alert, to writer: inout JSONWriter) {
        writer.beginObject()
        AlertPayload.fields(alert, to: &writer)
        writer.endObject()
    }

    /// `prediction`.
    static func write(_ event: Prediction, to writer: inout JSONWriter) {
        let content = event.content
        writer.beginObject()
        writer.field("prediction_id", event.id)
        writer.field("status", content.status.name)
        writer.key("results")
        writer.beginArray()
        for result in content.results {
            writer.beginObject()
            writer.field("label", result.label)
            writer.field("confidence", fixed: result.confidenceMillionths, decimals: 6)
            writer.endObject()
        }
        writer.endArray()
        writer.field("node_id", content.node)
        writer.field("model", content.model)
        writer.field("message", content.message)
        writer.field("timestamp", event.madeAt)
        writer.endObject()
    }

    /// `topology_update`.
    static func write(_ event: TopologyChange, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("change_type", event.kind.rawValue)
        writer.key("devices")
        TopologyPayload.devices(event.devices, to: &writer)
        writer.field("timestamp", event.at)
        writer.endObject()
    }

    /// `analytics_update`: documented fields first, in their order.
    static func write(_ event: AnalyticsUpdated, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("timestamp", event.at)
        writer.key("metrics")
        AnalyticsPayload.metrics(event.metrics, to: &writer)
        writer.key("alerts")
        writer.beginArray()
        for alert in event.alerts {
            summary(alert, to: &writer)
        }
        writer.endArray()
        writer.endObject()
    }

    /// An alert among the platform's figures.
    private static func summary(_ alert: Alert, to writer: inout JSONWriter) {
        let content = alert.content
        writer.beginObject()
        writer.field("level", content.severity.name)
        writer.field("message", content.message)
        writer.field("threshold", fixed: content.reading.thresholdThousandths, decimals: 3)
        writer.field("alert_id", alert.id)
        writer.field("status", alert.status.name)
        writer.field("kind", content.kind)
        writer.field("node_id", content.node)
        writer.field("value", fixed: content.reading.valueThousandths, decimals: 3)
        writer.field("unit", known: content.reading.unit)
        writer.field("updated_at", alert.updated.at)
        writer.endObject()
    }
}
