import Bytes
import Grid

/// Reads the parts of a sample that only some samples carry. Cold: these have texts and lists.
enum DetailDecoder {
    static func failures(_ reader: inout MessageReader) throws(WireError) -> [ReadingFailure] {
        var failures: [ReadingFailure] = []
        guard try reader.beginArray("failures") else { return failures }
        while try reader.nextElement() {
            guard failures.count < Limits.collectorFailuresPerSample else {
                throw reader.fault("failures", "more than \(Limits.collectorFailuresPerSample)")
            }
            guard try reader.beginObject("failures") else { throw reader.missing("failures") }
            reader.scope = "failures."
            var collector: String?
            var reason: String?
            while let key = try reader.nextKey() {
                switch key {
                case "collector": collector = try reader.text("collector", limit: Limits.readingTextBytes)
                case "reason": reason = try reader.text("reason", limit: Limits.readingTextBytes)
                default: try reader.skip()
                }
            }
            failures.append(
                ReadingFailure(
                    collector: try reader.required(collector, "collector"),
                    reason: try reader.required(reason, "reason")))
            reader.scope = ""
        }
        return failures
    }

    /// One GPU's entry of the column `processes`.
    static func processes(_ reader: inout MessageReader) throws(WireError) -> [GPUProcess]? {
        guard try reader.beginArray("processes") else { return nil }
        var processes: [GPUProcess] = []
        while try reader.nextElement() {
            guard processes.count < Limits.processesPerGPU else {
                throw reader.fault("processes", "more than \(Limits.processesPerGPU)")
            }
            guard try reader.beginObject("processes") else { throw reader.missing("processes") }
            var pid: Int32?
            var used: UInt64?
            while let key = try reader.nextKey() {
                switch key {
                case "pid": pid = try reader.whole("processes.pid", in: SampleRanges.pid)
                case "memory_used_bytes": used = try reader.amount("processes.memory_used_bytes")
                default: try reader.skip()
                }
            }
            processes.append(GPUProcess(pid: try reader.required(pid, "processes.pid"), memoryUsedBytes: used))
        }
        return processes
    }

    static func detail(_ reader: inout MessageReader) throws(WireError) -> HostDetail? {
        guard try reader.beginObject("detail") else { return nil }
        reader.scope = "detail."
        var detail = HostDetail()
        while let key = try reader.nextKey() {
            switch key {
            case "core_percents": detail.corePercents = try cores(&reader)
            case "disks": detail.disks = try list("disks", &reader, disk)
            case "filesystems": detail.filesystems = try list("filesystems", &reader, filesystem)
            case "interfaces": detail.interfaces = try list("interfaces", &reader, interface)
            default: try reader.skip()
            }
        }
        reader.scope = ""
        return detail
    }

    private static func cores(_ reader: inout MessageReader) throws(WireError) -> [Double] {
        var cores: [Double] = []
        guard try reader.beginArray("core_percents") else { return cores }
        while try reader.nextElement() {
            guard cores.count < Limits.coresPerNode else {
                throw reader.fault("core_percents", "more than \(Limits.coresPerNode)")
            }
            cores.append(try reader.required(reader.percent("core_percents"), "core_percents"))
        }
        return cores
    }

    /// Reads an array of at most ``Limits/devicesPerNode`` objects.
    private static func list<Device>(
        _ name: StaticString, _ reader: inout MessageReader,
        _ read: (inout MessageReader) throws(WireError) -> Device
    ) throws(WireError) -> [Device] {
        var devices: [Device] = []
        guard try reader.beginArray(name) else { return devices }
        while try reader.nextElement() {
            guard devices.count < Limits.devicesPerNode else {
                throw reader.fault(name, "more than \(Limits.devicesPerNode)")
            }
            guard try reader.beginObject(name) else { throw reader.missing(name) }
            devices.append(try read(&reader))
        }
        return devices
    }

    private static func disk(_ reader: inout MessageReader) throws(WireError) -> DiskSample {
        var name: String?
        var read: UInt64?
        var written: UInt64?
        var busy: Double?
        while let key = try reader.nextKey() {
            switch key {
            case "name": name = try reader.text("disks.name", limit: Limits.readingTextBytes)
            case "read_bytes": read = try reader.amount("disks.read_bytes")
            case "written_bytes": written = try reader.amount("disks.written_bytes")
            case "busy_percent": busy = try reader.percent("disks.busy_percent")
            default: try reader.skip()
            }
        }
        return DiskSample(
            name: try reader.required(name, "disks.name"),
            readBytes: try reader.required(read, "disks.read_bytes"),
            writtenBytes: try reader.required(written, "disks.written_bytes"),
            busyPercent: busy)
    }

    private static func filesystem(_ reader: inout MessageReader) throws(WireError) -> FilesystemSample {
        var mountPoint: String?
        var type: String?
        var total: UInt64?
        var available: UInt64?
        while let key = try reader.nextKey() {
            switch key {
            case "mount_point":
                mountPoint = try reader.text("filesystems.mount_point", limit: Limits.readingTextBytes)
            case "type": type = try reader.text("filesystems.type", limit: Limits.readingTextBytes)
            case "total_bytes": total = try reader.amount("filesystems.total_bytes")
            case "available_bytes": available = try reader.amount("filesystems.available_bytes")
            default: try reader.skip()
            }
        }
        return FilesystemSample(
            mountPoint: try reader.required(mountPoint, "filesystems.mount_point"),
            type: try reader.required(type, "filesystems.type"),
            totalBytes: try reader.required(total, "filesystems.total_bytes"),
            availableBytes: try reader.required(available, "filesystems.available_bytes"))
    }

    private static func interface(_ reader: inout MessageReader) throws(WireError) -> InterfaceSample {
        var name: String?
        var received: UInt64?
        var sent: UInt64?
        var errors: UInt64?
        var speed: Int?
        while let key = try reader.nextKey() {
            switch key {
            case "name": name = try reader.text("interfaces.name", limit: Limits.readingTextBytes)
            case "received_bytes": received = try reader.amount("interfaces.received_bytes")
            case "sent_bytes": sent = try reader.amount("interfaces.sent_bytes")
            case "errors": errors = try reader.amount("interfaces.errors")
            case "megabits_per_second":
                speed = try reader.whole("interfaces.megabits_per_second", in: SampleRanges.megabitsPerSecond)
            default: try reader.skip()
            }
        }
        return InterfaceSample(
            name: try reader.required(name, "interfaces.name"),
            receivedBytes: try reader.required(received, "interfaces.received_bytes"),
            sentBytes: try reader.required(sent, "interfaces.sent_bytes"),
            errors: try reader.required(errors, "interfaces.errors"),
            megabitsPerSecond: speed)
    }
}
