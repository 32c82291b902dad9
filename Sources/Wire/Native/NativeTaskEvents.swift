import Bytes
import Grid

/// Writes the `data` of events about tasks for the native dialect: documented fields first, in their order.
enum NativeTaskEvents {
    /// `task_update`.
    static func write(_ event: TaskUpdated, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("task_id", event.task)
        writer.field("status", static: event.state.staticName)
        writer.key("previous_status")
        if let previous = event.previous { writer.string(static: previous.staticName) } else { writer.null() }
        writer.field("node_id", event.node)
        writer.field("updated_at", event.updatedAt)
        writer.key("result")
        if let result = event.result { self.result(result, to: &writer) } else { writer.null() }
        // What an outside party says that a task costs is what it costs (TriggerX).
        writer.key("cost")
        cost(event.costMicros ?? event.feeMicros, event.currency, to: &writer)
        writer.field("task_number", event.number)
        writer.field("job_id", event.job)
        writer.field("user_id", event.owner.text)
        writer.field("epoch", event.epoch)
        writer.field("fault", event.result?.fault?.rawValue)
        writer.endObject()
    }

    /// `result`: what the run gave, and how it ended. Nobody counts tokens: `tokens_used` is unknown.
    private static func result(_ result: TaskResult, to writer: inout JSONWriter) {
        writer.beginObject()
        if result.output.isEmpty {
            writer.field("output", nil as String?)
        } else {
            writer.field("output", inOneLine: result.output)
        }
        writer.field("tokens_used", nil as Int?)
        writer.field("processing_time", fixed: result.ranMilliseconds, decimals: 3)
        writer.field("exit_status", result.exitStatus)
        writer.field("signal", result.signal)
        writer.field("message", known: result.message)
        writer.endObject()
    }

    private static func cost(_ micros: Int64?, _ currency: Currency, to writer: inout JSONWriter) {
        guard let micros else { return writer.null() }
        writer.beginObject()
        writer.field("amount", micros: micros)
        writer.field("currency", currency.code)
        writer.endObject()
    }

    /// `task_assigned`.
    static func write(_ event: TaskAssigned, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("task_id", event.task)
        writer.field("node_id", event.node)
        writer.field("user_id", event.owner.text)
        writer.field("model", event.model)
        writer.field("priority", event.priority)
        writer.field("estimated_duration", event.estimatedDurationSeconds)
        writer.field("assigned_at", event.assignedAt)
        writer.field("task_number", event.number)
        writer.field("job_id", event.job)
        writer.field("epoch", event.epoch)
        writer.endObject()
    }

    /// `task_progress`.
    static func write(_ event: TaskProgressed, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("task_id", event.task)
        writer.field("progress", event.progress.percent)
        writer.field("stage", event.progress.stage)
        writer.field("eta_seconds", event.progress.etaSeconds)
        writer.field("message", event.progress.message)
        writer.field("task_number", event.number)
        writer.field("job_id", event.job)
        writer.field("node_id", event.node)
        writer.field("epoch", event.epoch)
        writer.field("updated_at", event.at)
        writer.endObject()
    }
}
