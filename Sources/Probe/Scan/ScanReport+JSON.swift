public import Bytes
import Grid

extension ScanReport {
    /// Writes the report as one JSON object; absent readings are `null`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("verdict", verdict.name)
        writer.field("exit_status", verdict.exitStatus)
        list("findings", findings, &writer) { finding, writer in
            writer.field("code", finding.code)
            writer.field("verdict", finding.verdict.name)
            writer.field("message", finding.message)
        }
        writer.field("taken_at", sample.takenAt.iso8601)
        writer.field("interval_ms", sample.intervalMilliseconds)
        writer.key("specifications")
        writeSpecifications(&writer)
        writer.key("host")
        writeHost(&writer)
        list("gpus", sample.gpus, &writer, Self.write(gpu:to:))
        list("failures", sample.failures, &writer) { failure, writer in
            writer.field("collector", failure.collector)
            writer.field("reason", failure.reason)
        }
        writer.key("detail")
        writeDetail(&writer)
        writer.endObject()
    }

    private func list<Item>(
        _ key: StaticString, _ items: [Item], _ writer: inout JSONWriter, _ write: (Item, inout JSONWriter) -> Void
    ) {
        writer.key(key)
        writer.beginArray()
        for item in items {
            writer.beginObject()
            write(item, &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeSpecifications(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("hostname", specifications.hostname)
        writer.field("operating_system", specifications.operatingSystem)
        writer.field("kernel", specifications.kernel)
        writer.field("cpu_model", specifications.cpuModel)
        writer.field("cpu_cores", specifications.cpuCores)
        writer.field("memory_total_bytes", specifications.memoryTotalBytes)
        writer.field("storage_bytes", specifications.storageBytes)
        writer.field("network_megabits_per_second", specifications.networkMegabitsPerSecond)
        writer.field("driver_version", specifications.driverVersion)
        writer.field("agent_version", specifications.agentVersion)
        list("gpus", specifications.gpus, &writer) { gpu, writer in
            writer.field("index", gpu.index)
            writer.field("uuid", gpu.uuid)
            writer.field("name", gpu.name)
            writer.field("pci_bus_id", gpu.pciBusID)
            writer.field("memory_total_bytes", gpu.memoryTotalBytes)
            writer.field("power_limit_milliwatts", gpu.powerLimitMilliwatts)
            writer.field("slowdown_celsius", gpu.slowdownCelsius)
        }
        writer.endObject()
    }

    private func writeHost(_ writer: inout JSONWriter) {
        let host = sample.host
        writer.beginObject()
        writer.field("cpu_percent", host.cpuPercent, decimals: 2)
        writer.field("load_1", host.load1, decimals: 2)
        writer.field("load_5", host.load5, decimals: 2)
        writer.field("load_15", host.load15, decimals: 2)
        writer.field("cpu_pressure_percent", host.cpuPressurePercent, decimals: 2)
        writer.field("memory_pressure_percent", host.memoryPressurePercent, decimals: 2)
        writer.field("io_pressure_percent", host.ioPressurePercent, decimals: 2)
        writer.field("memory_total_bytes", host.memoryTotalBytes)
        writer.field("memory_available_bytes", host.memoryAvailableBytes)
        writer.field("swap_total_bytes", host.swapTotalBytes)
        writer.field("swap_free_bytes", host.swapFreeBytes)
        writer.field("disk_read_bytes", host.diskReadBytes)
        writer.field("disk_written_bytes", host.diskWrittenBytes)
        writer.field("network_received_bytes", host.networkReceivedBytes)
        writer.field("network_sent_bytes", host.networkSentBytes)
        writer.field("filesystem_used_percent", host.filesystemUsedPercent, decimals: 2)
        writer.field("uptime_seconds", host.uptimeSeconds)
        writer.endObject()
    }

    private static func write(gpu: GPUSample, to writer: inout JSONWriter) {
        writer.field("index", gpu.index)
        writer.field("state", gpu.state.name)
        writer.field("utilization_percent", gpu.utilizationPercent)
        writer.field("memory_activity_percent", gpu.memoryActivityPercent)
        writer.field("memory_used_bytes", gpu.memoryUsedBytes)
        writer.field("memory_total_bytes", gpu.memoryTotalBytes)
        writer.field("temperature_celsius", gpu.temperatureCelsius)
        writer.field("power_milliwatts", gpu.powerMilliwatts)
        writer.field("power_limit_milliwatts", gpu.powerLimitMilliwatts)
        writer.field("sm_clock_megahertz", gpu.smClockMegahertz)
        writer.field("memory_clock_megahertz", gpu.memoryClockMegahertz)
        writer.field("throttle_reasons", gpu.throttleReasons)
        writer.field("fan_percent", gpu.fanPercent)
        writer.field("uncorrected_errors", gpu.uncorrectedErrors)
        writer.key("processes")
        guard let processes = gpu.processes else { return writer.null() }
        writer.beginArray()
        for process in processes {
            writer.beginObject()
            writer.field("pid", process.pid)
            writer.field("memory_used_bytes", process.memoryUsedBytes)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeDetail(_ writer: inout JSONWriter) {
        guard let detail = sample.detail else { return writer.null() }
        writer.beginObject()
        writer.key("core_percents")
        writer.beginArray()
        for percent in detail.corePercents { writer.double(percent, decimals: 2) }
        writer.endArray()
        list("disks", detail.disks, &writer) { disk, writer in
            writer.field("name", disk.name)
            writer.field("read_bytes", disk.readBytes)
            writer.field("written_bytes", disk.writtenBytes)
            writer.field("busy_percent", disk.busyPercent, decimals: 2)
        }
        list("filesystems", detail.filesystems, &writer) { filesystem, writer in
            writer.field("mount_point", filesystem.mountPoint)
            writer.field("type", filesystem.type)
            writer.field("total_bytes", filesystem.totalBytes)
            writer.field("available_bytes", filesystem.availableBytes)
        }
        list("interfaces", detail.interfaces, &writer) { interface, writer in
            writer.field("name", interface.name)
            writer.field("received_bytes", interface.receivedBytes)
            writer.field("sent_bytes", interface.sentBytes)
            writer.field("errors", interface.errors)
            writer.field("megabits_per_second", interface.megabitsPerSecond)
        }
        writer.endObject()
    }
}
