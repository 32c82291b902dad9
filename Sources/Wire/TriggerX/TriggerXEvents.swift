import Bytes
import Grid

/// Writes events for the TriggerX dialect: `{"type", "data", "timestamp"}`, with what changed in `data.changes`
/// (EVENTS 24).
///
/// An assignment is told once, by the change of status that it is: the dialect has no other word for it.
enum TriggerXEvents {
    static func write(_ logged: LoggedEvent, to writer: inout JSONWriter) {
        guard case .taskUpdated(let event) = logged.event else {
            preconditionFailure("an event is written that the dialect does not carry")
        }
        writer.beginObject()
        writer.field("type", static: type(of: event.kind))
        writer.key("data")
        writer.beginObject()
        writer.field("task_id", event.number)
        writer.field("job_id", event.job)
        writer.field("user_id", event.owner.text)
        writer.key("changes")
        writer.beginObject()
        changes(event, to: &writer)
        writer.endObject()
        writer.field("timestamp", event.updatedAt)
        writer.endObject()
        writer.field("timestamp", logged.at)
        writer.endObject()
    }

    /// `nil` for an event that the dialect does not carry.
    static func type(of event: RoomEvent) -> StaticString? {
        switch event {
        case .taskUpdated(let event): type(of: event.kind)
        case .taskAssigned, .taskProgressed, .nodeRegistered, .nodeStatus, .nodeMetrics, .nodeListed,
            .nodeCondition, .systemNotification, .balanceUpdated, .paymentConfirmed, .channelMessage, .topologyChanged,
            .alertRaised,
            .alertUpdated, .predictionMade, .lineLogged, .actionExecuted, .connectionChanged, .analyticsUpdated:
            nil
        }
    }

    private static func type(of kind: TaskUpdated.Kind) -> StaticString {
        switch kind {
        case .created: "TASK_CREATED"
        case .status: "TASK_STATUS_CHANGED"
        case .result, .execution: "TASK_UPDATED"
        case .fee: "TASK_FEE_UPDATED"
        }
    }

    private static func changes(_ event: TaskUpdated, to writer: inout JSONWriter) {
        switch event.kind {
        case .created:
            writer.field("task_id", event.number)
            writer.field("job_id", event.job)
            writer.field("task_definition_id", event.taskDefinitionID)
            writer.field("is_imua", event.isIMUA)
            writer.field("created_at", event.updatedAt)
        case .status: status(event, to: &writer)
        case .result:
            if let result = event.result { self.result(result, to: &writer) }
            cost(event.costMicros, event.currency, to: &writer)
        case .fee: writer.field("fee", micros: event.feeMicros)
        case .execution:
            for field in event.execution.fields { write(field.value, of: field.key, to: &writer) }
        }
    }

    private static func status(_ event: TaskUpdated, to writer: inout JSONWriter) {
        writer.field("status", static: event.state.staticName)
        if event.state == .assigned { writer.field("node_id", event.node) }
        // The result of one that completed has been told by an event of its own.
        if event.state == .failed || event.state == .cancelled, let result = event.result {
            self.result(result, to: &writer)
        }
    }

    private static func result(_ result: TaskResult, to writer: inout JSONWriter) {
        writer.key("result")
        writer.beginObject()
        if result.output.isEmpty {
            writer.field("output", nil as String?)
        } else {
            writer.field("output", inOneLine: result.output)
        }
        writer.field("exit_status", result.exitStatus)
        writer.field("signal", result.signal)
        writer.field("fault", result.fault?.rawValue)
        writer.field("message", known: result.message)
        writer.field("processing_time", fixed: result.ranMilliseconds, decimals: 3)
        writer.endObject()
    }

    private static func cost(_ micros: Int64?, _ currency: Currency, to writer: inout JSONWriter) {
        guard let micros else { return }
        writer.key("cost")
        writer.beginObject()
        writer.field("amount", micros: micros)
        writer.field("currency", currency.code)
        writer.endObject()
    }

    /// One field of an external task's execution as a member; `null` where nobody has told it.
    static func write(
        _ value: TaskExecution.Value?, of key: TaskExecution.Key, to writer: inout JSONWriter
    ) {
        writer.key(key.rawValue)
        switch value {
        case nil: writer.null()
        case .integer(let number): writer.int(number)
        case .integers(let numbers):
            writer.beginArray()
            for number in numbers { writer.int(number) }
            writer.endArray()
        case .text(let text): writer.string(text)
        case .time(let time): writer.time(time)
        case .micros(let micros): writer.fixed(micros, decimals: 6)
        case .truth(let truth): writer.bool(truth)
        }
    }
}
