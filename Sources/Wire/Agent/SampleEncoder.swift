import Bytes
import Grid

/// Writes `sample` messages. A reading outside its range is left out rather than sent to be refused, a text that is
/// too long is cut, so that whatever a machine shows, the coordinator takes what it can use of it.
enum SampleEncoder {
    /// Percentages, loads: digits behind the point.
    private static let decimals = 2

    static func write(_ sample: NodeSample, to writer: inout JSONWriter) {
        precondition(sample.sequence > 0, "samples are numbered from 1")
        writer.beginObject()
        writer.field("type", static: "sample")
        writer.field("seq", sample.sequence)
        let times = SampleRanges.takenAtMilliseconds
        writer.field("taken_at_ms", min(max(sample.takenAt.milliseconds, times.lowerBound), times.upperBound))
        writer.field("interval_ms", max(sample.intervalMilliseconds, SampleRanges.intervalMilliseconds.lowerBound))
        writer.key("host")
        host(sample.host, to: &writer)
        let gpus = sample.gpus.filter { SampleRanges.gpuIndex.contains($0.index) }
        if !gpus.isEmpty {
            writer.key("gpus")
            self.gpus(gpus, to: &writer)
        }
        if !sample.failures.isEmpty { failures(sample.failures, to: &writer) }
        if let cost = sample.cost { self.cost(cost, to: &writer) }
        if let detail = sample.detail { self.detail(detail, to: &writer) }
        writer.endObject()
    }

    private static func host(_ host: HostSample, to writer: inout JSONWriter) {
        writer.beginObject()
        percent(.cpu, host.cpuPercent, to: &writer)
        real(.load1, host.load1, to: &writer)
        real(.load5, host.load5, to: &writer)
        real(.load15, host.load15, to: &writer)
        percent(.cpuPressure, host.cpuPressurePercent, to: &writer)
        percent(.memoryPressure, host.memoryPressurePercent, to: &writer)
        percent(.ioPressure, host.ioPressurePercent, to: &writer)
        amount(.memoryTotal, host.memoryTotalBytes, to: &writer)
        amount(.memoryAvailable, host.memoryAvailableBytes, to: &writer)
        amount(.swapTotal, host.swapTotalBytes, to: &writer)
        amount(.swapFree, host.swapFreeBytes, to: &writer)
        amount(.diskRead, host.diskReadBytes, to: &writer)
        amount(.diskWritten, host.diskWrittenBytes, to: &writer)
        amount(.networkReceived, host.networkReceivedBytes, to: &writer)
        amount(.networkSent, host.networkSentBytes, to: &writer)
        percent(.filesystemUsed, host.filesystemUsedPercent, to: &writer)
        amount(.uptime, host.uptimeSeconds, to: &writer)
        writer.endObject()
    }

    private static func percent(_ key: HostKey, _ value: Double?, to writer: inout JSONWriter) {
        guard let value, SampleRanges.percent.contains(value) else { return }
        writer.field(key.name, value, decimals: decimals)
    }

    private static func real(_ key: HostKey, _ value: Double?, to writer: inout JSONWriter) {
        guard let value, SampleRanges.load.contains(value) else { return }
        writer.field(key.name, value, decimals: decimals)
    }

    private static func amount(_ key: HostKey, _ value: UInt64?, to writer: inout JSONWriter) {
        guard let value else { return }
        writer.field(key.name, value)
    }

    // MARK: GPUs

    private static func gpus(_ gpus: [GPUSample], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key(GPUKey.index.name)
        writer.beginArray()
        for gpu in gpus { writer.int(gpu.index) }
        writer.endArray()
        if gpus.contains(where: { $0.state != .ok }) {
            writer.key(GPUKey.state.name)
            writer.beginArray()
            for gpu in gpus { writer.string(gpu.state.name) }
            writer.endArray()
        }
        column(.utilization, gpus, in: SampleRanges.wholePercent, to: &writer) { $0.utilizationPercent }
        column(.memoryActivity, gpus, in: SampleRanges.wholePercent, to: &writer) { $0.memoryActivityPercent }
        column(.memoryUsed, gpus, in: 0...UInt64.max, to: &writer) { $0.memoryUsedBytes }
        column(.memoryTotal, gpus, in: 0...UInt64.max, to: &writer) { $0.memoryTotalBytes }
        column(.temperature, gpus, in: SampleRanges.celsius, to: &writer) { $0.temperatureCelsius }
        column(.power, gpus, in: SampleRanges.milliwatts, to: &writer) { $0.powerMilliwatts }
        column(.powerLimit, gpus, in: SampleRanges.milliwatts, to: &writer) { $0.powerLimitMilliwatts }
        column(.smClock, gpus, in: SampleRanges.megahertz, to: &writer) { $0.smClockMegahertz }
        column(.memoryClock, gpus, in: SampleRanges.megahertz, to: &writer) { $0.memoryClockMegahertz }
        column(.throttleReasons, gpus, in: 0...UInt64.max, to: &writer) { $0.throttleReasons }
        column(.fan, gpus, in: SampleRanges.fanPercent, to: &writer) { $0.fanPercent }
        column(.uncorrectedErrors, gpus, in: 0...UInt64.max, to: &writer) { $0.uncorrectedErrors }
        processes(gpus, to: &writer)
        writer.endObject()
    }

    /// Writes one column, unless no GPU has the reading.
    private static func column<Number: FixedWidthInteger>(
        _ key: GPUKey, _ gpus: [GPUSample], in range: ClosedRange<Number>, to writer: inout JSONWriter,
        _ reading: (GPUSample) -> Number?
    ) {
        guard gpus.contains(where: { reading($0) != nil }) else { return }
        writer.key(key.name)
        writer.beginArray()
        for gpu in gpus {
            if let value = reading(gpu), range.contains(value) { writer.int(value) } else { writer.null() }
        }
        writer.endArray()
    }

    private static func processes(_ gpus: [GPUSample], to writer: inout JSONWriter) {
        guard gpus.contains(where: { $0.processes != nil }) else { return }
        writer.key(GPUKey.processes.name)
        writer.beginArray()
        for gpu in gpus {
            guard let processes = gpu.processes else {
                writer.null()
                continue
            }
            writer.beginArray()
            for process in processes.prefix(Limits.processesPerGPU) where SampleRanges.pid.contains(process.pid) {
                writer.beginObject()
                writer.field("pid", process.pid)
                if let used = process.memoryUsedBytes { writer.field("memory_used_bytes", used) }
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endArray()
    }

    // MARK: What only some samples carry

    private static func failures(_ failures: [ReadingFailure], to writer: inout JSONWriter) {
        writer.key("failures")
        writer.beginArray()
        for failure in failures.prefix(Limits.collectorFailuresPerSample) {
            writer.beginObject()
            writer.field("collector", failure.collector.cut(to: Limits.readingTextBytes))
            writer.field("reason", failure.reason.cut(to: Limits.readingTextBytes))
            writer.endObject()
        }
        writer.endArray()
    }

    private static func cost(_ cost: AgentCost, to writer: inout JSONWriter) {
        guard SampleRanges.cost.contains(cost.cpuPercent) else { return }
        writer.key("cost")
        writer.beginObject()
        writer.field("cpu_percent", cost.cpuPercent, decimals: decimals)
        writer.field("resident_bytes", cost.residentBytes)
        writer.field("collect_us", cost.collectMicroseconds)
        writer.endObject()
    }

    private static func detail(_ detail: HostDetail, to writer: inout JSONWriter) {
        writer.key("detail")
        writer.beginObject()
        // One share left out would shift the others: an impossible one takes the list with it.
        if detail.corePercents.allSatisfy(SampleRanges.percent.contains) {
            writer.key("core_percents")
            writer.beginArray()
            for percent in detail.corePercents.prefix(Limits.coresPerNode) {
                writer.double(percent, decimals: decimals)
            }
            writer.endArray()
        }
        list("disks", detail.disks, to: &writer) { disk, writer in
            writer.field("name", disk.name.cut(to: Limits.readingTextBytes))
            writer.field("read_bytes", disk.readBytes)
            writer.field("written_bytes", disk.writtenBytes)
            if let busy = disk.busyPercent, SampleRanges.percent.contains(busy) {
                writer.field("busy_percent", busy, decimals: decimals)
            }
        }
        list("filesystems", detail.filesystems, to: &writer) { filesystem, writer in
            writer.field("mount_point", filesystem.mountPoint.cut(to: Limits.readingTextBytes))
            writer.field("type", filesystem.type.cut(to: Limits.readingTextBytes))
            writer.field("total_bytes", filesystem.totalBytes)
            writer.field("available_bytes", filesystem.availableBytes)
        }
        list("interfaces", detail.interfaces, to: &writer) { interface, writer in
            writer.field("name", interface.name.cut(to: Limits.readingTextBytes))
            writer.field("received_bytes", interface.receivedBytes)
            writer.field("sent_bytes", interface.sentBytes)
            writer.field("errors", interface.errors)
            if let speed = interface.megabitsPerSecond, SampleRanges.megabitsPerSecond.contains(speed) {
                writer.field("megabits_per_second", speed)
            }
        }
        writer.endObject()
    }

    private static func list<Device>(
        _ key: StaticString, _ devices: [Device], to writer: inout JSONWriter,
        _ write: (Device, inout JSONWriter) -> Void
    ) {
        writer.key(key)
        writer.beginArray()
        for device in devices.prefix(Limits.devicesPerNode) {
            writer.beginObject()
            write(device, &writer)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension String {
    /// The text, or as much of its beginning as fits `limit` bytes of UTF-8 without splitting a scalar.
    func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
