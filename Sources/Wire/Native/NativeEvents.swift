import Bytes
import Grid

/// Writes events for the native dialect: `{"type", "room", "epoch", "offset", "data"}`.
enum NativeEvents {
    static func write(_ logged: LoggedEvent, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: type(of: logged.event))
        writer.field("room", static: logged.event.room.staticName)
        writer.field("epoch", logged.position.epoch)
        writer.field("offset", logged.position.offset)
        writer.key("data")
        switch logged.event {
        case .nodeRegistered(let event): registered(event, to: &writer)
        case .nodeStatus(let event): status(event, to: &writer)
        case .nodeMetrics(let event): metrics(event, to: &writer)
        case .systemNotification(let event): notification(event, to: &writer)
        case .taskUpdated(let event): NativeTaskEvents.write(event, to: &writer)
        case .taskAssigned(let event): NativeTaskEvents.write(event, to: &writer)
        case .taskProgressed(let event): NativeTaskEvents.write(event, to: &writer)
        case .balanceUpdated(let event): NativeMoneyEvents.write(event, to: &writer)
        case .paymentConfirmed(let event): NativeMoneyEvents.write(event, to: &writer)
        case .alertRaised(let event), .alertUpdated(let event): NativeAlertEvents.write(event, to: &writer)
        case .predictionMade(let event): NativeAlertEvents.write(event, to: &writer)
        case .topologyChanged(let event): NativeAlertEvents.write(event, to: &writer)
        case .analyticsUpdated(let event): NativeAlertEvents.write(event, to: &writer)
        case .lineLogged(let event): NativeLogEvents.write(event, to: &writer)
        case .actionExecuted(let event): NativeLogEvents.write(event, to: &writer)
        case .connectionChanged(let event): NativeLogEvents.write(event, to: &writer)
        case .nodeListed, .nodeCondition, .channelMessage:
            preconditionFailure("an event is written that the dialect does not carry")
        }
        writer.endObject()
    }

    static func type(of event: RoomEvent) -> StaticString {
        switch event {
        case .nodeRegistered: "node_registered"
        case .nodeStatus: "node_status"
        case .nodeMetrics: "node_metrics"
        case .systemNotification: "system_notification"
        case .taskUpdated: "task_update"
        case .taskAssigned: "task_assigned"
        case .taskProgressed: "task_progress"
        case .balanceUpdated: "balance_update"
        case .paymentConfirmed: "payment_confirmed"
        case .alertRaised: "alert_new"
        case .alertUpdated: "alert_update"
        case .predictionMade: "prediction"
        case .topologyChanged: "topology_update"
        case .analyticsUpdated: "analytics_update"
        case .lineLogged, .actionExecuted, .connectionChanged: "log"
        case .nodeListed, .nodeCondition, .channelMessage:
            preconditionFailure("an event has no type that the dialect does not carry")
        }
    }

    /// Of a node that exists from now on.
    static func registered(_ event: NodeRegistered, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("node_id", event.node)
        writer.field("name", event.name)
        writer.field("owner_id", event.owner.text)
        writer.key("specifications")
        NodePayload.specifications(event.specifications, to: &writer)
        writer.key("location")
        NodePayload.location(event.location, to: &writer)
        writer.field("registered_at", event.registeredAt)
        writer.endObject()
    }

    /// Of a node's status.
    static func status(_ event: NodeStatusChanged, to writer: inout JSONWriter) {
        let isSilent = event.status == .offline || event.sample == nil
        let totals = isSilent ? GPUTotals() : GPUTotals(event.sample?.gpus ?? [])
        writer.beginObject()
        writer.field("node_id", event.node)
        writer.field("status", event.status.name)
        writer.field("previous_status", event.previous?.name)
        writer.field("current_task", event.currentTask)
        writer.field("updated_at", event.updatedAt)
        writer.key("metrics")
        writer.beginObject()
        writer.field("gpu_utilization", fixed: totals.utilizationHundredths, decimals: 2)
        writer.field("memory_usage", gigabytes: totals.memoryUsedBytes)
        writer.field("temperature", totals.temperatureCelsius)
        writer.field("power_draw", watts: totals.powerMilliwatts)
        writer.endObject()
        NodePayload.health(event.health, to: &writer)
        if !isSilent, let sample = event.sample { hops(event.hops, sample, to: &writer) }
        writer.endObject()
    }

    private static func metrics(_ event: NodeMetrics, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("node_id", event.node)
        writer.field("timestamp", event.sample.takenAt)
        writer.key("metrics")
        NodePayload.beginMetrics(event.sample, GPUTotals(event.sample.gpus), to: &writer)
        writer.endObject()
        NodePayload.health(event.health, to: &writer)
        writer.field("interval_seconds", seconds: event.sample.intervalMilliseconds)
        writer.key("gpus")
        GPUPayload.write(event.sample.gpus, event.gpus, to: &writer)
        writer.key("host")
        NodePayload.host(event.sample.host, to: &writer)
        hops(event.hops, event.sample, to: &writer)
        writer.endObject()
    }

    /// `hops`: where the sample was when, in microseconds since 1970.
    private static func hops(_ hops: SampleHops?, _ sample: NodeSample, to writer: inout JSONWriter) {
        guard let hops else { return }
        // An agent may claim to have sampled at any time.
        let (sampled, overflow) = sample.takenAt.milliseconds.multipliedReportingOverflow(by: 1000)
        writer.key("hops")
        writer.beginObject()
        writer.field("sampled", overflow ? sample.takenAt.milliseconds : sampled)
        writer.field("received", hops.receivedMicroseconds)
        writer.field("published", hops.publishedMicroseconds)
        writer.endObject()
    }

    /// Of a notice to everybody.
    static func notification(_ event: SystemNotification, to writer: inout JSONWriter) {
        let content = event.content
        writer.beginObject()
        writer.field("level", content.level.name)
        writer.field("title", content.title)
        writer.field("message", content.message)
        writer.field("scheduled_time", content.scheduledTime)
        writer.field("estimated_duration", content.estimatedDurationSeconds)
        writer.key("affected_services")
        writer.beginArray()
        for service in content.affectedServices { writer.string(service) }
        writer.endArray()
        writer.field("notification_id", event.id)
        writer.field("sent_at", event.sentAt)
        writer.endObject()
    }
}
