import Bytes
import Grid

/// Writes events for the NeuroGraph dialect: `{"channel", "timestamp", "event_type", "data"}`. What `data` says is what
/// the native dialect says of the same event.
enum NeuroGraphEvents {
    /// Where an event is told, and as what; `nil` for one that the dialect does not carry.
    static func kind(of event: RoomEvent) -> (channel: EventChannel, type: StaticString)? {
        switch event {
        case .nodeRegistered: (.status, "node_registered")
        case .nodeStatus: (.status, "node_status")
        case .systemNotification: (.status, "system_notification")
        case .taskUpdated(let event):
            switch event.kind {
            case .created: (.actions, "task_created")
            case .status: (.actions, "task_status")
            case .result: (.actions, "task_completed")
            case .fee: (.actions, "task_fee")
            case .execution: nil
            }
        case .taskAssigned: (.actions, "task_assigned")
        case .taskProgressed: (.actions, "task_progress")
        // A broadcast has a name of its own.
        case .channelMessage(let message): isWhole(message) ? (message.channel ?? .status, "system_metrics") : nil
        case .topologyChanged: (.status, "topology_update")
        case .alertRaised: (.signals, "alert_new")
        case .alertUpdated: (.signals, "alert_update")
        case .predictionMade: (.signals, "prediction")
        case .lineLogged: (.logs, "log")
        case .actionExecuted: (.actions, "action_executed")
        case .connectionChanged(let event): (.connections, event.isOpen ? "client_connected" : "client_disconnected")
        case .nodeMetrics, .nodeListed, .nodeCondition, .balanceUpdated, .paymentConfirmed, .analyticsUpdated: nil
        }
    }

    /// A process's first measurement has none before it that a rate could be reckoned from, and clients read numbers:
    /// it is not told.
    private static func isWhole(_ message: ChannelMessage) -> Bool {
        guard case .system(let metrics) = message.content else { return true }
        return metrics.process.cpuHundredths != nil && metrics.eventsPerSecondHundredths != nil
    }

    static func write(_ logged: LoggedEvent, to writer: inout JSONWriter) {
        guard let kind = kind(of: logged.event) else {
            preconditionFailure("an event is written that the dialect does not carry")
        }
        if case .channelMessage(let message) = logged.event { return write(message, at: logged.at, to: &writer) }
        begin(kind.channel, at: logged.at, to: &writer)
        writer.field("event_type", static: kind.type)
        writer.key("data")
        switch logged.event {
        case .nodeRegistered(let event): NativeEvents.registered(event, to: &writer)
        case .nodeStatus(let event): NativeEvents.status(event, to: &writer)
        case .systemNotification(let event): NativeEvents.notification(event, to: &writer)
        case .taskUpdated(let event): NativeTaskEvents.write(ended(event), to: &writer)
        case .taskAssigned(let event): NativeTaskEvents.write(event, to: &writer)
        case .taskProgressed(let event): NativeTaskEvents.write(event, to: &writer)
        case .topologyChanged(let event): NativeAlertEvents.write(event, to: &writer)
        case .alertRaised(let event), .alertUpdated(let event): NativeAlertEvents.write(event, to: &writer)
        case .predictionMade(let event): NativeAlertEvents.write(event, to: &writer)
        case .lineLogged(let event): NativeLogEvents.write(event, to: &writer)
        case .actionExecuted(let event): action(event, to: &writer)
        case .connectionChanged(let event): connection(event, to: &writer)
        case .channelMessage, .nodeMetrics, .nodeListed, .nodeCondition, .balanceUpdated, .paymentConfirmed,
            .analyticsUpdated:
            preconditionFailure("an event without data is written")
        }
        writer.endObject()
    }

    /// A task's result is told before its state moves; here the event is named after the end, and says so itself.
    private static func ended(_ event: TaskUpdated) -> TaskUpdated {
        guard event.kind == .result else { return event }
        var event = event
        (event.previous, event.state) = (event.state, .completed)
        return event
    }

    private static func action(_ event: ActionExecuted, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("action", event.kind.rawValue)
        writer.field("user_id", event.user?.text)
        writer.field("node_id", event.node)
        writer.field("detail", known: event.detail)
        writer.field("timestamp", event.at)
        writer.endObject()
    }

    private static func connection(_ event: ConnectionChanged, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("client_id", event.connection)
        writer.field("user_id", event.user?.text)
        writer.field("dialect", event.dialect)
        writer.field("address", known: event.address)
        if !event.isOpen { writer.field("reason", event.reason?.rawValue) }
        writer.field("timestamp", event.at)
        writer.endObject()
    }

    /// Of a message that no other dialect knows.
    static func write(_ message: ChannelMessage, at time: Timestamp, to writer: inout JSONWriter) {
        begin(message.channel, at: time, to: &writer)
        switch message.content {
        case .broadcast(let type, let data):
            writer.field("event_type", type)
            writer.field("data", inOneLine: data)
        case .system(let metrics):
            writer.field("event_type", static: "system_metrics")
            writer.key("data")
            writer.beginObject()
            writer.field("cpu_percent", fixed: metrics.process.cpuHundredths, decimals: 2)
            writer.field("memory_mb", metrics.process.residentBytes >> 20)
            writer.field("events_per_sec", fixed: metrics.eventsPerSecondHundredths, decimals: 2)
            writer.field("total_tokens", metrics.totalTokens)
            writer.endObject()
        }
        writer.endObject()
    }

    private static func begin(_ channel: EventChannel?, at time: Timestamp, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("channel", static: channel?.staticName ?? "*")
        writer.field("timestamp", time)
    }
}
