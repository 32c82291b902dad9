internal import Grid

/// The agent link's `sample`: its readings, each in the range in which it is taken.
extension AsyncAPI {
    static let sample = Message(
        "sample", "What the agent read of its machine", golden: "agent/sample",
        #"""
        {"type":"sample","seq":1042,"taken_at_ms":1705314600000,"interval_ms":1000,"host":{"cpu_percent":45.25,
        "load_1":3.5,"load_5":2.75,"load_15":2.12,"cpu_pressure_percent":1.5,"memory_pressure_percent":0,
        "io_pressure_percent":0.25,"memory_total_bytes":67294781440,"memory_available_bytes":57738428416,
        "swap_total_bytes":8589930496,"swap_free_bytes":8589930496,"disk_read_bytes":157286400,
        "disk_written_bytes":78643200,"network_received_bytes":1024000,"network_sent_bytes":512000,
        "filesystem_used_percent":61.75,"uptime_seconds":864000},"gpus":{"index":[0,1,2,3],"utilization_percent":[
        85,84,83,82],"memory_activity_percent":[30,31,32,33],"memory_used_bytes":[13421772800,13422821376,
        13423869952,13424918528],"memory_total_bytes":[25769803776,25769803776,25769803776,25769803776],
        "temperature_celsius":[72,71,70,69],"power_milliwatts":[280000,280500,281000,281500],
        "power_limit_milliwatts":[450000,450000,450000,450000],"sm_clock_megahertz":[2520,2520,2520,2520],
        "memory_clock_megahertz":[10501,10501,10501,10501],"throttle_reasons":[4,4,4,4],"fan_percent":[60,60,60,60],
        "uncorrected_errors":[0,0,0,0]},"cost":{"cpu_percent":0.41,"resident_bytes":18874368,"collect_us":2150}}
        """#,
        payload: .read(
            [
                "type": .constant("sample"), "seq": .integer(from: 1),
                "taken_at_ms": .integer(from: 0, to: 253_402_300_799_999),
                "interval_ms": .integer(from: 1, to: Int64(UInt32.max)),
            ],
            optional: [
                "host": sampledHost, "gpus": columns,
                "failures": .list(
                    of: .read(["collector": text, "reason": text]), to: Limits.collectorFailuresPerSample),
                "cost": .read([
                    "cpu_percent": .number(from: 0, to: 100_000), "resident_bytes": .natural,
                    "collect_us": .integer(from: 0, to: Int64(UInt32.max)),
                ]),
                "detail": detail,
            ]))

    private static let text: JSONSchema = .string(to: Limits.readingTextBytes)

    private static let sampledHost: JSONSchema = {
        let load: JSONSchema = .number(from: 0, to: 1_000_000)
        return .read(
            [:],
            optional: [
                "cpu_percent": .percent, "load_1": load, "load_5": load, "load_15": load,
                "cpu_pressure_percent": .percent, "memory_pressure_percent": .percent, "io_pressure_percent": .percent,
                "memory_total_bytes": .natural, "memory_available_bytes": .natural,
                "swap_total_bytes": .natural, "swap_free_bytes": .natural,
                "disk_read_bytes": .natural, "disk_written_bytes": .natural,
                "network_received_bytes": .natural, "network_sent_bytes": .natural,
                "filesystem_used_percent": .percent, "uptime_seconds": .natural,
            ])
    }()

    /// A table by columns: an entry for each GPU, `null` where it has no reading.
    private static let columns: JSONSchema = {
        func column(_ entry: JSONSchema) -> JSONSchema { .list(of: entry.orNull, to: Limits.gpusPerNode) }
        let milliwatts: JSONSchema = .integer(from: 0, to: Int64(UInt32.max))
        let megahertz: JSONSchema = .integer(from: 0, to: 100_000)
        let processes: JSONSchema = .list(
            of: .read(["pid": .integer(from: 0, to: Int64(Int32.max))], optional: ["memory_used_bytes": .natural]),
            to: Limits.processesPerGPU)
        return .read(
            ["index": .list(of: .integer(from: 0, to: Int64(Limits.gpusPerNode) - 1), to: Limits.gpusPerNode)],
            optional: [
                "state": column(.one(of: GPUState.allCases.map(\.name))),
                "utilization_percent": column(.integer(from: 0, to: 100)),
                "memory_activity_percent": column(.integer(from: 0, to: 100)),
                "memory_used_bytes": column(.natural), "memory_total_bytes": column(.natural),
                "temperature_celsius": column(.integer(from: -100, to: 250)),
                "power_milliwatts": column(milliwatts), "power_limit_milliwatts": column(milliwatts),
                "sm_clock_megahertz": column(megahertz), "memory_clock_megahertz": column(megahertz),
                "throttle_reasons": column(.natural), "fan_percent": column(.integer(from: 0, to: 200)),
                "uncorrected_errors": column(.natural), "processes": column(processes),
            ])
    }()

    private static let detail: JSONSchema = {
        func devices(_ device: JSONSchema) -> JSONSchema { .list(of: device, to: Limits.devicesPerNode) }
        return .read(
            [:],
            optional: [
                "core_percents": .list(of: .percent, to: Limits.coresPerNode),
                "disks": devices(
                    .read(
                        ["name": text, "read_bytes": .natural, "written_bytes": .natural],
                        optional: ["busy_percent": .percent])),
                "filesystems": devices(
                    .read([
                        "mount_point": text, "type": text, "total_bytes": .natural, "available_bytes": .natural,
                    ])),
                "interfaces": devices(
                    .read(
                        ["name": text, "received_bytes": .natural, "sent_bytes": .natural, "errors": .natural],
                        optional: ["megabits_per_second": .integer(from: 0, to: 100_000_000)])),
            ])
    }()
}
