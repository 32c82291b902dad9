import Bytes
import Grid

/// `gpus`: an entry for each device, with the documented names and units of a node's own readings.
enum GPUPayload {
    /// Writes the devices of `sample` with what `descriptions` tell of them, then those described but not sampled.
    static func write(_ gpus: [GPUSample], _ descriptions: [GPUDescription], to writer: inout JSONWriter) {
        writer.beginArray()
        for position in gpus.indices {
            let place = place(of: gpus[position].index, in: descriptions, near: position)
            write(gpus[position], place.map { descriptions[$0] }, isSampled: true, to: &writer)
        }
        for description in descriptions where !gpus.contains(where: { $0.index == description.index }) {
            write(GPUSample(index: description.index), description, isSampled: false, to: &writer)
        }
        writer.endArray()
    }

    /// Where the description of the GPU `index` stands: nearly always at the sample's own place.
    private static func place(of index: Int, in descriptions: [GPUDescription], near position: Int) -> Int? {
        if position < descriptions.count, descriptions[position].index == index { return position }
        return descriptions.firstIndex { $0.index == index }
    }

    private static func write(
        _ gpu: GPUSample, _ description: GPUDescription?, isSampled: Bool, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        identity(gpu.index, description, to: &writer)
        writer.field("state", isSampled ? gpu.state.name : nil)
        writer.field("gpu_utilization", gpu.utilizationPercent)
        writer.field("memory_usage", gigabytes: gpu.memoryUsedBytes)
        writer.field("temperature", gpu.temperatureCelsius)
        writer.field("power_draw", watts: gpu.powerMilliwatts.map { UInt64($0) })
        writer.field("memory_total", gigabytes: gpu.memoryTotalBytes ?? description?.memoryTotalBytes)
        writer.field("memory_activity", gpu.memoryActivityPercent)
        let powerLimit = gpu.powerLimitMilliwatts ?? description?.powerLimitMilliwatts
        writer.field("power_limit", watts: powerLimit.map { UInt64($0) })
        writer.field("sm_clock", gpu.smClockMegahertz)
        writer.field("memory_clock", gpu.memoryClockMegahertz)
        writer.field("fan_speed", gpu.fanPercent)
        writer.key("throttle_reasons")
        if let reasons = gpu.throttleReasons { ThrottleReasons.write(reasons, to: &writer) } else { writer.null() }
        writer.field("uncorrected_errors", gpu.uncorrectedErrors)
        writer.key("processes")
        if let processes = gpu.processes { self.processes(processes, to: &writer) } else { writer.null() }
        writer.endObject()
    }

    private static func identity(_ index: Int, _ description: GPUDescription?, to writer: inout JSONWriter) {
        writer.field("index", index)
        if let description {
            writer.field("uuid", description.uuid)
            writer.field("name", description.name)
            writer.field("pci_bus_id", description.pciBusID)
        } else {
            writer.field("uuid", nil as String?)
            writer.field("name", nil as String?)
            writer.field("pci_bus_id", nil as String?)
        }
    }

    private static func processes(_ processes: [GPUProcess], to writer: inout JSONWriter) {
        writer.beginArray()
        for process in processes {
            writer.beginObject()
            writer.field("pid", process.pid)
            writer.field("memory_usage", gigabytes: process.memoryUsedBytes)
            writer.endObject()
        }
        writer.endArray()
    }
}
