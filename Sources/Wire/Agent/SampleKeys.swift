/// The keys of a `sample`.
enum SampleKey: Int, WireKey {
    case type, sequence, takenAt, interval, host, gpus, failures, cost, detail

    var name: StaticString {
        switch self {
        case .type: "type"
        case .sequence: "seq"
        case .takenAt: "taken_at_ms"
        case .interval: "interval_ms"
        case .host: "host"
        case .gpus: "gpus"
        case .failures: "failures"
        case .cost: "cost"
        case .detail: "detail"
        }
    }
}

/// The keys of a sample's `host`.
enum HostKey: Int, WireKey {
    case cpu, load1, load5, load15
    case cpuPressure, memoryPressure, ioPressure
    case memoryTotal, memoryAvailable, swapTotal, swapFree
    case diskRead, diskWritten, networkReceived, networkSent
    case filesystemUsed, uptime

    var name: StaticString {
        switch self {
        case .cpu: "cpu_percent"
        case .load1: "load_1"
        case .load5: "load_5"
        case .load15: "load_15"
        case .cpuPressure: "cpu_pressure_percent"
        case .memoryPressure: "memory_pressure_percent"
        case .ioPressure: "io_pressure_percent"
        case .memoryTotal: "memory_total_bytes"
        case .memoryAvailable: "memory_available_bytes"
        case .swapTotal: "swap_total_bytes"
        case .swapFree: "swap_free_bytes"
        case .diskRead: "disk_read_bytes"
        case .diskWritten: "disk_written_bytes"
        case .networkReceived: "network_received_bytes"
        case .networkSent: "network_sent_bytes"
        case .filesystemUsed: "filesystem_used_percent"
        case .uptime: "uptime_seconds"
        }
    }
}

/// The keys of a sample's `gpus`: columns, each an array with an entry for each GPU.
enum GPUKey: Int, WireKey {
    case index, state
    case utilization, memoryActivity, memoryUsed, memoryTotal
    case temperature, power, powerLimit
    case smClock, memoryClock, throttleReasons, fan
    case uncorrectedErrors, processes

    var name: StaticString {
        switch self {
        case .index: "index"
        case .state: "state"
        case .utilization: "utilization_percent"
        case .memoryActivity: "memory_activity_percent"
        case .memoryUsed: "memory_used_bytes"
        case .memoryTotal: "memory_total_bytes"
        case .temperature: "temperature_celsius"
        case .power: "power_milliwatts"
        case .powerLimit: "power_limit_milliwatts"
        case .smClock: "sm_clock_megahertz"
        case .memoryClock: "memory_clock_megahertz"
        case .throttleReasons: "throttle_reasons"
        case .fan: "fan_percent"
        case .uncorrectedErrors: "uncorrected_errors"
        case .processes: "processes"
        }
    }
}

/// The keys of a sample's `cost`.
enum CostKey: Int, WireKey {
    case cpu, resident, collect

    var name: StaticString {
        switch self {
        case .cpu: "cpu_percent"
        case .resident: "resident_bytes"
        case .collect: "collect_us"
        }
    }
}
