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
        case .nodeRegistered(let event): added(event, at: logged.at, to: &writer)
        case .nodeStatus(let event): status(event, at: logged.at, to: &writer)
        case .nodeCondition(let event):
            status(
                of: event.node, event.condition, uptimeSeconds: event.uptimeSeconds, lastSeen: event.lastSampleAt,
                at: logged.at, to: &writer)
        case .nodeMetrics(let event): metrics(event, at: logged.at, to: &writer)
        case .nodeListed, .systemNotification, .taskUpdated, .taskAssigned, .taskProgressed, .balanceUpdated,
            .paymentConfirmed:
            break
        }
        writer.endObject()
        writer.endObject()
        writer.endArray()
    }

    /// `nil` for an event that the dialect does not carry.
    static func name(of event: RoomEvent) -> StaticString? {
        switch event {
        case .nodeRegistered: "topology:update"
        case .nodeStatus, .nodeCondition: "device:status"
        case .nodeMetrics: "device:metrics"
        case .nodeListed, .systemNotification, .taskUpdated, .taskAssigned, .taskProgressed, .balanceUpdated,
            .paymentConfirmed:
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

    // MARK: Topology

    /// A node that registers: an endpoint, of which nothing is known to be connected.
    private static func added(_ event: NodeRegistered, at time: Timestamp, to writer: inout JSONWriter) {
        writer.field("changeType", "device_added")
        writer.key("devices")
        writer.beginArray()
        writer.beginObject()
        writer.field("id", event.node)
        writer.field("type", "endpoint")
        writer.key("connections")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.field("timestamp", time)
    }
}
