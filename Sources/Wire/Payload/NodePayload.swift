import Bytes
import Grid

/// What the native dialect and the REST interface say of a node alike: the documented objects, field by field.
enum NodePayload {
    /// `specifications`: the documented fields, then ours.
    static func specifications(_ facts: NodeSpecifications, to writer: inout JSONWriter) {
        let model = commonestModel(facts.gpus)
        writer.beginObject()
        writer.field("gpu", model?.name)
        writer.field("gpu_memory", model?.memoryTotalBytes.map { rounded($0, per: 1 << 30) })
        writer.field("cpu", facts.cpuModel)
        writer.field("ram", facts.memoryTotalBytes.map { rounded($0, per: 1 << 30) })
        writer.field("storage", facts.storageBytes.map { rounded($0, per: 1_000_000_000) })
        writer.field("network_speed", facts.networkMegabitsPerSecond)
        writer.field("gpu_count", facts.gpus.count)
        writer.field("cpu_cores", facts.cpuCores)
        writer.field("operating_system", facts.operatingSystem)
        writer.field("driver_version", facts.driverVersion)
        writer.field("agent_version", facts.agentVersion)
        writer.endObject()
    }

    /// Bytes in whole units, half a unit and more counting as one.
    private static func rounded(_ bytes: UInt64, per unit: UInt64) -> UInt64 {
        let (whole, rest) = bytes.quotientAndRemainder(dividingBy: unit)
        return rest >= unit / 2 ? whole + 1 : whole
    }

    /// The model that most of the GPUs are; the first of equals.
    static func commonestModel(_ gpus: [GPUDescription]) -> GPUDescription? {
        var best: GPUDescription?
        var bestCount = 0
        for gpu in gpus where gpu.name != best?.name {
            let count = gpus.count { $0.name == gpu.name }
            if count > bestCount {
                best = gpu
                bestCount = count
            }
        }
        return best
    }

    /// `location`: what is not known is `null`.
    static func location(_ location: NodeLocation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("region", known: location.region)
        writer.field("city", known: location.city)
        writer.field("country", known: location.country)
        writer.endObject()
    }

    /// The documented fields of `node_metrics`' `metrics`, the object left open for more.
    ///
    /// All are `null` without a sample.
    static func beginMetrics(_ sample: NodeSample?, _ totals: GPUTotals, to writer: inout JSONWriter) {
        let host = sample?.host
        writer.beginObject()
        writer.field("cpu_usage", hundredths: host?.cpuPercent)
        writer.field("ram_usage", gigabytes: host?.memoryUsedBytes)
        writer.field("gpu_usage", fixed: totals.utilizationHundredths, decimals: 2)
        writer.field("gpu_memory", gigabytes: totals.memoryUsedBytes)
        writer.key("network_io")
        writer.beginObject()
        writer.field("bytes_in", host?.networkReceivedBytes)
        writer.field("bytes_out", host?.networkSentBytes)
        writer.endObject()
        writer.key("disk_io")
        writer.beginObject()
        writer.field("read_mb", megabytes: host?.diskReadBytes)
        writer.field("write_mb", megabytes: host?.diskWrittenBytes)
        writer.endObject()
    }

    /// The fields `health_score`, `health_coverage`, `health_reasons` of the open object.
    static func health(_ health: Health, to writer: inout JSONWriter) {
        writer.field("health_score", health.score)
        writer.field("health_coverage", health.coveragePercent)
        writer.key("health_reasons")
        writer.beginArray()
        for reason in health.reasons {
            writer.beginObject()
            writer.field("code", reason.code)
            writer.field("message", reason.message)
            writer.field("points", reason.points)
            writer.endObject()
        }
        writer.endArray()
    }

    /// `host`: what the documents leave out of a node's metrics.
    static func host(_ host: HostSample, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("load_1", hundredths: host.load1)
        writer.field("load_5", hundredths: host.load5)
        writer.field("load_15", hundredths: host.load15)
        writer.field("cpu_pressure", hundredths: host.cpuPressurePercent)
        writer.field("memory_pressure", hundredths: host.memoryPressurePercent)
        writer.field("io_pressure", hundredths: host.ioPressurePercent)
        writer.field("memory_total", gigabytes: host.memoryTotalBytes)
        writer.field("swap_total", gigabytes: host.swapTotalBytes)
        writer.field("swap_usage", gigabytes: swapUsed(host))
        writer.field("filesystem_usage", hundredths: host.filesystemUsedPercent)
        writer.field("uptime", host.uptimeSeconds)
        writer.endObject()
    }

    private static func swapUsed(_ host: HostSample) -> UInt64? {
        guard let total = host.swapTotalBytes, let free = host.swapFreeBytes, free <= total else { return nil }
        return total - free
    }
}
