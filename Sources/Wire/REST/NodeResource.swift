import Bytes
import Grid

/// Writes a node as the REST interface shows it: the events' names and units, then what only a reader asks for.
enum NodeResource {
    /// Writes what lists show, and with `isFull` all the rest.
    static func write(_ node: NodeSummary, isFull: Bool, to writer: inout JSONWriter) {
        // An offline node's readings are no longer true: they are null, as in its events.
        let sample = node.status == .offline ? nil : node.latestSample
        let totals = GPUTotals(sample?.gpus ?? [])
        let record = node.record
        writer.beginObject()
        writer.field("node_id", record.id)
        writer.field("name", record.name)
        writer.field("owner_id", record.owner.text)
        writer.field("status", node.status.name)
        writer.field("status_changed_at", node.statusChangedAt)
        writer.field("current_task", node.currentTask)
        writer.field("connected", node.isConnected)
        writer.field("last_heard_at", node.lastHeardAt)
        writer.field("enrolled_at", record.enrolledAt)
        writer.field("registered_at", record.registeredAt)
        writer.field("price_per_hour", fixed: record.pricePerHourMicros, decimals: 6)
        writer.field("currency", record.pricePerHourMicros == nil ? nil : "USD")
        writer.key("location")
        NodePayload.location(record.location, to: &writer)
        writer.key("specifications")
        if let facts = record.specifications {
            NodePayload.specifications(facts, to: &writer)
        } else {
            writer.null()
        }
        NodePayload.health(node.health, to: &writer)
        writer.key("metrics")
        NodePayload.beginMetrics(sample, totals, to: &writer)
        writer.field("temperature", totals.temperatureCelsius)
        writer.field("power_draw", watts: totals.powerMilliwatts)
        writer.endObject()
        writer.field("sampled_at", node.latestSample?.takenAt)
        if isFull { rest(node, sample, to: &writer) }
        writer.endObject()
    }

    private static func rest(_ node: NodeSummary, _ sample: NodeSample?, to writer: inout JSONWriter) {
        writer.field("interval_seconds", seconds: sample?.intervalMilliseconds)
        writer.key("gpus")
        GPUPayload.write(sample?.gpus ?? [], node.record.specifications?.gpus ?? [], to: &writer)
        writer.key("host")
        NodePayload.host(sample?.host ?? HostSample(), to: &writer)
        writer.key("detail")
        if let detail = node.latestDetail, sample != nil { self.detail(detail, to: &writer) } else { writer.null() }
        writer.key("failures")
        writer.beginArray()
        for failure in sample?.failures ?? [] {
            writer.beginObject()
            writer.field("collector", failure.collector)
            writer.field("reason", failure.reason)
            writer.endObject()
        }
        writer.endArray()
        writer.key("agent")
        agent(node.record, sample?.cost, to: &writer)
        writer.key("gaps")
        gaps(node.gaps, to: &writer)
    }

    private static func detail(_ detail: HostDetail, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("core_usage")
        writer.beginArray()
        for percent in detail.corePercents { writer.double(percent, decimals: 2) }
        writer.endArray()
        list("disks", detail.disks, to: &writer) { disk, writer in
            writer.field("name", disk.name)
            writer.field("read_mb", megabytes: disk.readBytes)
            writer.field("write_mb", megabytes: disk.writtenBytes)
            writer.field("busy", hundredths: disk.busyPercent)
        }
        list("filesystems", detail.filesystems, to: &writer) { filesystem, writer in
            writer.field("mount_point", filesystem.mountPoint)
            writer.field("type", filesystem.type)
            writer.field("total", gigabytes: filesystem.totalBytes)
            writer.field("available", gigabytes: filesystem.availableBytes)
        }
        list("interfaces", detail.interfaces, to: &writer) { interface, writer in
            writer.field("name", interface.name)
            writer.field("bytes_in", interface.receivedBytes)
            writer.field("bytes_out", interface.sentBytes)
            writer.field("errors", interface.errors)
            writer.field("network_speed", interface.megabitsPerSecond)
        }
        writer.endObject()
    }

    private static func list<Device>(
        _ key: StaticString, _ devices: [Device], to writer: inout JSONWriter,
        _ write: (Device, inout JSONWriter) -> Void
    ) {
        writer.key(key)
        writer.beginArray()
        for device in devices {
            writer.beginObject()
            write(device, &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func agent(_ record: NodeRecord, _ cost: AgentCost?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("version", record.specifications?.agentVersion)
        writer.field("hostname", record.specifications?.hostname)
        writer.field("kernel", record.specifications?.kernel)
        writer.field("session_epoch", record.sessionEpoch)
        writer.field("cpu_usage", hundredths: cost?.cpuPercent)
        writer.field("memory_mb", megabytes: cost?.residentBytes)
        writer.field("collect_ms", fixed: cost.map { Int64($0.collectMicroseconds) }, decimals: 3)
        writer.endObject()
    }

    private static func gaps(_ gaps: SampleGaps, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("received", gaps.receivedSamples)
        writer.field("gaps", gaps.gapCount)
        writer.field("missing", gaps.missingSamples)
        writer.field("duplicates", gaps.duplicateSamples)
        writer.field("late", gaps.lateSamples)
        writer.field("last_gap_at", gaps.lastGapAt)
        writer.endObject()
    }
}
