import Bytes
import Grid

/// Writes events for the EyeNet dialect: `["<type>",{"type": …, "data": {…}}]`.
enum EyeNetEvents {
    static func write(_ logged: LoggedEvent, to writer: inout JSONWriter) {
        guard let name = name(of: logged.event) else {
            preconditionFailure("an event is written that the dialect does not carry")
        }
        writer.beginArray()
        writer.string(static: name)
        writer.beginObject()
        writer.field("type", static: name)
        writer.key("data")
        writer.beginObject()
        switch logged.event {
        case .nodeStatus(let event): status(event, at: logged.at, to: &writer)
        case .nodeCondition(let event):
            status(
                of: event.node, event.condition, uptimeSeconds: event.uptimeSeconds, lastSeen: event.lastSampleAt,
                at: logged.at, to: &writer)
        case .nodeMetrics(let event): metrics(event, at: logged.at, to: &writer)
        case .alertRaised(let alert): raised(alert, to: &writer)
        case .alertUpdated(let alert): updated(alert, to: &writer)
        case .predictionMade(let prediction): predicted(prediction, to: &writer)
        case .topologyChanged(let change): topology(change, to: &writer)
        case .nodeRegistered, .nodeListed, .systemNotification, .taskUpdated, .taskAssigned, .taskProgressed,
            .balanceUpdated, .paymentConfirmed, .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged,
            .channelMessage:
            break
        }
        writer.endObject()
        writer.endObject()
        writer.endArray()
    }

    /// `nil` for an event that the dialect does not carry.
    static func name(of event: RoomEvent) -> StaticString? {
        switch event {
        case .nodeStatus, .nodeCondition: "device:status"
        case .nodeMetrics: "device:metrics"
        case .alertRaised: "alert:new"
        case .alertUpdated: "alert:update"
        case .predictionMade: "ml:prediction"
        case .topologyChanged: "topology:update"
        case .nodeRegistered, .nodeListed, .systemNotification, .taskUpdated, .taskAssigned, .taskProgressed,
            .balanceUpdated, .paymentConfirmed, .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged,
            .channelMessage:
            nil
        }
    }

    // MARK: Devices

    private static func status(_ event: NodeStatusChanged, at time: Timestamp, to writer: inout JSONWriter) {
        status(
            of: event.node, DeviceCondition(event.status, score: event.health.score),
            uptimeSeconds: event.sample?.host.uptimeSeconds, lastSeen: event.lastSampleAt, at: time, to: &writer)
    }

    private static func status(
        of device: NodeID, _ condition: DeviceCondition, uptimeSeconds: UInt64?, lastSeen: Timestamp?,
        at time: Timestamp, to writer: inout JSONWriter
    ) {
        writer.field("deviceId", device)
        writer.field("status", static: condition.name)
        writer.field("timestamp", time)
        writer.key("metrics")
        writer.beginObject()
        writer.field("uptime", uptimeSeconds)
        writer.field("lastSeen", lastSeen)
        writer.endObject()
    }

    private static func metrics(_ event: NodeMetrics, at time: Timestamp, to writer: inout JSONWriter) {
        let host = event.sample.host
        let interval = event.sample.intervalMilliseconds
        writer.field("deviceId", event.node)
        writer.key("metrics")
        writer.beginObject()
        writer.field("cpu", hundredths: host.cpuPercent)
        writer.field("memory", fixed: host.memoryUsedHundredths, decimals: 2)
        writer.key("bandwidth")
        writer.beginObject()
        writer.field("in", perSecond(host.networkReceivedBytes, interval))
        writer.field("out", perSecond(host.networkSentBytes, interval))
        writer.endObject()
        writer.endObject()
        writer.field("timestamp", time)
    }

    /// An amount of an interval in bytes a second; `nil` where it covers no time.
    private static func perSecond(_ bytes: UInt64?, _ milliseconds: UInt32) -> UInt64? {
        guard let bytes, milliseconds > 0 else { return nil }
        // An agent may say anything: what a word cannot hold a thousandfold is reckoned in whole seconds.
        let (product, isBeyond) = bytes.multipliedReportingOverflow(by: 1000)
        guard isBeyond else { return product / UInt64(milliseconds) }
        return (bytes / UInt64(milliseconds)).multipliedReportingOverflow(by: 1000).overflow
            ? .max : bytes / UInt64(milliseconds) * 1000
    }

    // MARK: Alerts

    private static func raised(_ alert: Alert, to writer: inout JSONWriter) {
        writer.field("alertId", alert.id)
        writer.field("severity", alert.content.severity.name)
        writer.field("deviceId", alert.content.node)
        writer.field("message", alert.content.message)
        writer.field("timestamp", alert.raised.at)
        writer.key("metrics")
        writer.beginObject()
        writer.field("value", fixed: alert.content.reading.valueThousandths, decimals: 3)
        writer.field("threshold", fixed: alert.content.reading.thresholdThousandths, decimals: 3)
        writer.endObject()
    }

    /// One that the coordinator resolved by itself names nobody.
    private static func updated(_ alert: Alert, to writer: inout JSONWriter) {
        writer.field("alertId", alert.id)
        writer.field("status", alert.status.name)
        writer.field("updatedBy", alert.updated.user?.text)
        writer.field("timestamp", alert.updated.at)
    }

    // MARK: Predictions

    private static func predicted(_ prediction: Prediction, to writer: inout JSONWriter) {
        writer.field("jobId", prediction.id)
        writer.field("status", prediction.content.status.name)
        writer.key("results")
        writer.beginArray()
        for result in prediction.content.results {
            writer.beginObject()
            writer.field("label", result.label)
            writer.field("confidence", fixed: result.confidenceMillionths, decimals: 6)
            writer.endObject()
        }
        writer.endArray()
        writer.field("timestamp", prediction.madeAt)
    }

    // MARK: Topology

    private static func topology(_ change: TopologyChange, to writer: inout JSONWriter) {
        writer.field("changeType", change.kind.rawValue)
        writer.key("devices")
        writer.beginArray()
        for device in change.devices {
            writer.beginObject()
            writer.field("id", device.id)
            writer.field("type", device.kind.rawValue)
            writer.key("connections")
            writer.beginArray()
            for connection in device.connections { writer.string(connection) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.field("timestamp", change.at)
    }
}
