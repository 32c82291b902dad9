import Bytes
import Grid

/// The platform's figures, as events and answers have them: documented names, in their order.
enum AnalyticsPayload {
    static func metrics(_ metrics: PlatformMetrics, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("active_users", metrics.activeUsers)
        writer.field("active_nodes", metrics.activeNodes)
        writer.field("tasks_per_minute", metrics.tasksPerMinute)
        writer.field("average_response_time", fixed: metrics.averageResponseMilliseconds, decimals: 3)
        writer.field("network_utilization", fixed: metrics.networkUtilizationHundredths, decimals: 2)
        writer.endObject()
    }
}
