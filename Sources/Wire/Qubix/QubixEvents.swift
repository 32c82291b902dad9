import Bytes
import Grid

/// Writes events for the QUBIX dialect: `{"type", "subscriptionId", "data", "timestamp"}` (EVENTS 17).
///
/// One message serves all subscribers, so `subscriptionId` names what the event is about and not how its reader came
/// by it: the provider or the job, and `marketplace` where the market is told.
enum QubixEvents {
    static func write(_ logged: LoggedEvent, to writer: inout JSONWriter) {
        guard let type = type(of: logged.event) else {
            preconditionFailure("an event is written that the dialect does not carry")
        }
        writer.beginObject()
        writer.field("type", static: type)
        switch logged.event {
        case .nodeRegistered(let event): registered(event, to: &writer)
        case .nodeStatus(let event): status(event, to: &writer)
        case .nodeMetrics(let event): metrics(event, to: &writer)
        case .nodeListed(let event): listed(event, to: &writer)
        case .taskUpdated(let event):
            if let end = event.jobEnd {
                completed(event, end, to: &writer)
            } else {
                progress(event.job, event.jobStanding, to: &writer)
            }
        case .taskAssigned(let event): progress(event.job, event.jobStanding, to: &writer)
        case .taskProgressed(let event): progress(event.job, event.jobStanding, to: &writer)
        case .nodeCondition, .systemNotification, .balanceUpdated, .paymentConfirmed, .alertRaised, .alertUpdated,
            .predictionMade, .topologyChanged, .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged,
            .channelMessage:
            break
        }
        writer.field("timestamp", logged.at)
        writer.endObject()
    }

    /// `nil` for an event that the dialect does not carry.
    static func type(of event: RoomEvent) -> StaticString? {
        switch event {
        case .nodeRegistered: "PROVIDER_REGISTERED"
        case .nodeStatus: "PROVIDER_STATUS_CHANGED"
        case .nodeMetrics: "GPU_METRICS_UPDATE"
        case .nodeListed: "MARKETPLACE_UPDATE"
        case .taskUpdated(let event):
            switch event.kind {
            case .created, .status, .result: event.jobEnd == nil ? "JOB_PROGRESS" : "JOB_COMPLETED"
            case .fee, .execution: nil
            }
        case .taskAssigned, .taskProgressed: "JOB_PROGRESS"
        case .nodeCondition, .systemNotification, .balanceUpdated, .paymentConfirmed, .alertRaised, .alertUpdated,
            .predictionMade, .topologyChanged, .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged,
            .channelMessage:
            nil
        }
    }

    private static func beginData(of subscription: QubixSubscription, to writer: inout JSONWriter) {
        writer.field("subscriptionId", subscription.id)
        writer.key("data")
        writer.beginObject()
    }

    // MARK: Providers

    private static func registered(_ event: NodeRegistered, to writer: inout JSONWriter) {
        beginData(of: .marketplace, to: &writer)
        writer.field("id", event.node)
        writer.field("workerId", event.keyFingerprint.map { Hexadecimal.encode($0.bytes) })
        writer.field("gpuModel", NodePayload.commonestModel(event.specifications.gpus)?.name)
        writer.field("pricePerHour", micros: event.pricePerHourMicros)
        writer.endObject()
    }

    private static func status(_ event: NodeStatusChanged, to writer: inout JSONWriter) {
        beginData(of: .provider(event.node), to: &writer)
        writer.field("providerId", event.node)
        writer.field("isOnline", event.status != .offline)
        writer.field("isAvailable", event.status == .online)
        writer.field("status", event.status.name)
        writer.endObject()
    }

    private static func metrics(_ event: NodeMetrics, to writer: inout JSONWriter) {
        let host = event.sample.host
        let totals = GPUTotals(event.sample.gpus)
        beginData(of: .provider(event.node), to: &writer)
        writer.field("providerId", event.node)
        writer.key("metrics")
        writer.beginObject()
        writer.field("cpuPercent", hundredths: host.cpuPercent)
        writer.field("ramPercent", fixed: host.memoryUsedHundredths, decimals: 2)
        writer.field("gpuPercent", fixed: totals.utilizationHundredths, decimals: 2)
        writer.field("gpuTemp", totals.temperatureCelsius)
        writer.endObject()
        writer.endObject()
    }

    private static func listed(_ event: NodeListed, to writer: inout JSONWriter) {
        beginData(of: .marketplace, to: &writer)
        writer.field("providerId", event.node)
        writer.field("isAvailable", event.listing.isAvailable)
        writer.field("rental", static: event.listing.isRented ? "rented" : "free")
        writer.field("pricePerHour", micros: event.pricePerHourMicros)
        writer.endObject()
    }

    // MARK: Jobs

    private static func progress(_ job: String, _ standing: JobStanding?, to writer: inout JSONWriter) {
        beginData(of: .job(job), to: &writer)
        writer.field("jobId", job)
        writer.key("progress")
        writer.beginObject()
        writer.field("progress", standing?.percent)
        writer.field("status", standing?.state.name)
        writer.endObject()
        writer.endObject()
    }

    /// - Parameter event: the end of the job's last task, whose result it is.
    private static func completed(_ event: TaskUpdated, _ end: TaskState, to writer: inout JSONWriter) {
        beginData(of: .job(event.job), to: &writer)
        writer.field("jobId", event.job)
        writer.field("status", end.name)
        writer.key("result")
        if let result = event.result { self.result(result, of: event.task, to: &writer) } else { writer.null() }
        writer.endObject()
    }

    private static func result(_ result: TaskResult, of task: TaskID, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("taskId", task)
        if result.output.isEmpty {
            writer.field("output", nil as String?)
        } else {
            writer.field("output", inOneLine: result.output)
        }
        writer.field("exitStatus", result.exitStatus)
        writer.field("signal", result.signal)
        writer.field("fault", result.fault?.rawValue)
        writer.field("message", known: result.message)
        writer.field("processingTime", fixed: result.ranMilliseconds, decimals: 3)
        writer.endObject()
    }
}
