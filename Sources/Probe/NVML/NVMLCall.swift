/// Every NVML function that the child calls: the name that faults and hangs are reported with.
enum NVMLCall: UInt8, CaseIterable, Sendable {
    case initialize = 1
    case driverVersion, deviceCount, handle
    case uuid, name, pciInfo, slowdownThreshold
    case memoryV2, memory, utilization, temperature, powerUsage, powerLimit
    case smClock, memoryClock, eventReasons, throttleReasons
    case fanSpeed, eccErrors
    case processesV2, processesV3, processesV1

    /// The exported name.
    var symbol: String {
        switch self {
        case .initialize: "nvmlInit_v2"
        case .driverVersion: "nvmlSystemGetDriverVersion"
        case .deviceCount: "nvmlDeviceGetCount_v2"
        case .handle: "nvmlDeviceGetHandleByIndex_v2"
        case .uuid: "nvmlDeviceGetUUID"
        case .name: "nvmlDeviceGetName"
        case .pciInfo: "nvmlDeviceGetPciInfo_v3"
        case .slowdownThreshold: "nvmlDeviceGetTemperatureThreshold"
        case .memoryV2: "nvmlDeviceGetMemoryInfo_v2"
        case .memory: "nvmlDeviceGetMemoryInfo"
        case .utilization: "nvmlDeviceGetUtilizationRates"
        case .temperature: "nvmlDeviceGetTemperature"
        case .powerUsage: "nvmlDeviceGetPowerUsage"
        case .powerLimit: "nvmlDeviceGetEnforcedPowerLimit"
        case .smClock, .memoryClock: "nvmlDeviceGetClockInfo"
        case .eventReasons: "nvmlDeviceGetCurrentClocksEventReasons"
        case .throttleReasons: "nvmlDeviceGetCurrentClocksThrottleReasons"
        case .fanSpeed: "nvmlDeviceGetFanSpeed"
        case .eccErrors: "nvmlDeviceGetTotalEccErrors"
        case .processesV2: "nvmlDeviceGetComputeRunningProcesses_v2"
        case .processesV3: "nvmlDeviceGetComputeRunningProcesses_v3"
        case .processesV1: "nvmlDeviceGetComputeRunningProcesses"
        }
    }

    /// Whether the driver may take seconds for it without being stuck: it wakes a GPU that nobody holds awake.
    var mayWakeHardware: Bool {
        switch self {
        case .initialize, .driverVersion, .deviceCount, .handle: true
        default: false
        }
    }
}

/// A result code of NVML as words.
func describeNVML(code: Int32) -> String {
    switch code {
    case 1: "not initialised"
    case 2: "invalid argument"
    case 3: "not supported"
    case 4: "no permission"
    case 6: "not found"
    case 9: "the driver is not loaded"
    case 10: "timeout"
    case 11: "interrupt problem with a GPU"
    case 12: "library not found"
    case 13: "function not found"
    case 14: "the infoROM is corrupted"
    case 15: "the GPU is lost"
    case 16: "the GPU needs a reset"
    case 17: "the operating system blocks the device"
    case 18: "driver and library versions differ"
    case 20: "out of memory"
    case 21: "no data"
    case 25: "argument version mismatch"
    case 999: "unknown error"
    default: "error \(code)"
    }
}
