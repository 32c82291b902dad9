import CNVML
import Grid

/// One GPU in the child: every call to NVML goes through here, watched by the parent.
struct NVMLDevice {
    private let library: NVMLLibrary
    private let monitor: CallMonitor
    private let processes: ProcessReader
    private let handle: nvmlDevice_t
    /// NVML's index.
    let index: Int

    /// How a call ended.
    private enum Outcome {
        case success
        /// The card or the driver does not have it: the field is absent.
        case absent
        case lost
        case failed(Int32)
    }

    init(index: Int, handle: nvmlDevice_t, library: NVMLLibrary, monitor: CallMonitor, processes: ProcessReader) {
        self.index = index
        self.handle = handle
        self.library = library
        self.monitor = monitor
        self.processes = processes
    }

    /// Whether a code means that there is nothing to read, rather than that reading went wrong.
    static func isAbsence(_ code: Int32) -> Bool {
        // Not supported, no permission, not found, function not found, no data, argument version mismatch.
        switch code {
        case 3, 4, 6, 13, 21, 25: true
        default: false
        }
    }

    private func call(_ call: NVMLCall, _ body: () -> nvmlReturn_t) -> Outcome {
        monitor.enter(call, gpu: index)
        let code = Int32(bitPattern: body().rawValue)
        monitor.leave()
        switch code {
        case 0: return .success
        case 15: return .lost
        case _ where Self.isAbsence(code): return .absent
        default: return .failed(code)
        }
    }

    /// The facts that do not change; `nil` when the GPU cannot even say who it is.
    func description() -> GPUDescription? {
        guard let uuid = text(.uuid, library.uuid) else { return nil }
        let name = text(.name, library.name) ?? ""
        var pci = nvmlPciInfo_t()
        var busID = ""
        if let pciInfo = library.pciInfo, case .success = call(.pciInfo, { pciInfo(handle, &pci) }) {
            busID = string(of: &pci.busId)
        }
        var description = GPUDescription(index: index, uuid: uuid, name: name, pciBusID: busID)
        var reading = GPUReading(sample: GPUSample(index: index))
        readMemory(&reading)
        description.memoryTotalBytes = reading.sample.memoryTotalBytes
        var number: UInt32 = 0
        if let powerLimit = library.powerLimit, case .success = call(.powerLimit, { powerLimit(handle, &number) }) {
            description.powerLimitMilliwatts = number
        }
        if let threshold = library.slowdownThreshold,
            case .success = call(
                .slowdownThreshold, { threshold(handle, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN, &number) })
        {
            description.slowdownCelsius = Int(number)
        }
        return description
    }

    /// Reads the tick's tiers; a lost GPU ends it at once, for every further call would only take time.
    func read(_ request: NVMLRequest) -> GPUReading {
        var reading = GPUReading(sample: GPUSample(index: index))
        readHot(&reading)
        if request.wantsProcesses, reading.sample.state == .ok { readSlow(&reading) }
        if request.wantsErrors, reading.sample.state == .ok { readErrors(&reading) }
        if reading.sample.state == .lost {
            reading.sample = GPUSample(index: index)
            reading.sample.state = .lost
        }
        return reading
    }

    private func readHot(_ reading: inout GPUReading) {
        var rates = nvmlUtilization_t()
        if take(.utilization, library.utilization, &reading, { $0(handle, &rates) }) {
            reading.sample.utilizationPercent = Int(min(rates.gpu, 100))
            reading.sample.memoryActivityPercent = Int(min(rates.memory, 100))
        }
        readMemory(&reading)
        var number: UInt32 = 0
        if take(.temperature, library.temperature, &reading, { $0(handle, NVML_TEMPERATURE_GPU, &number) }) {
            reading.sample.temperatureCelsius = Int(Int32(bitPattern: number))
        }
        if take(.powerUsage, library.powerUsage, &reading, { $0(handle, &number) }) {
            reading.sample.powerMilliwatts = number
        }
        if take(.powerLimit, library.powerLimit, &reading, { $0(handle, &number) }) {
            reading.sample.powerLimitMilliwatts = number
        }
        if take(.smClock, library.clock, &reading, { $0(handle, NVML_CLOCK_SM, &number) }) {
            reading.sample.smClockMegahertz = Int(number)
        }
        if take(.memoryClock, library.clock, &reading, { $0(handle, NVML_CLOCK_MEM, &number) }) {
            reading.sample.memoryClockMegahertz = Int(number)
        }
        var bits: UInt64 = 0
        if take(.eventReasons, library.eventReasons, &reading, { $0(handle, &bits) })
            || take(.throttleReasons, library.throttleReasons, &reading, { $0(handle, &bits) })
        {
            reading.sample.throttleReasons = bits
        }
    }

    private func readMemory(_ reading: inout GPUReading) {
        var second = nvmlMemory_v2_t()
        second.version = UInt32(MemoryLayout<nvmlMemory_v2_t>.size) | 2 << 24
        if take(.memoryV2, library.memoryV2, &reading, { $0(handle, &second) }) {
            reading.sample.memoryTotalBytes = second.total
            reading.sample.memoryUsedBytes = second.used
            return
        }
        var first = nvmlMemory_t()
        if take(.memory, library.memory, &reading, { $0(handle, &first) }) {
            reading.sample.memoryTotalBytes = first.total
            reading.sample.memoryUsedBytes = first.used
        }
    }

    private func readSlow(_ reading: inout GPUReading) {
        var number: UInt32 = 0
        if take(.fanSpeed, library.fanSpeed, &reading, { $0(handle, &number) }) {
            reading.sample.fanPercent = Int(number)
        }
        for (version, function) in processes.versions {
            let done = take(version, function, &reading) { function in
                processes.read(version) { count, room in function(handle, count, room) }
            }
            guard done else { continue }
            reading.sample.processes = processes.latest
            return
        }
    }

    private func readErrors(_ reading: inout GPUReading) {
        var count: UInt64 = 0
        let done = take(.eccErrors, library.eccErrors, &reading) {
            $0(handle, NVML_MEMORY_ERROR_TYPE_UNCORRECTED, NVML_VOLATILE_ECC, &count)
        }
        if done { reading.sample.uncorrectedErrors = count }
    }

    /// Calls `function` if this driver has it and the GPU is still there; `true` when there is a value.
    private func take<Function>(
        _ which: NVMLCall, _ function: Function?, _ reading: inout GPUReading, _ body: (Function) -> nvmlReturn_t
    ) -> Bool {
        guard let function, reading.sample.state != .lost else { return false }
        switch call(which, { body(function) }) {
        case .success: return true
        case .absent: return false
        case .lost:
            reading.sample.state = .lost
            if reading.fault == nil { reading.fault = GPUReading.Fault(call: which, code: 15) }
            return false
        case .failed(let code):
            if reading.fault == nil { reading.fault = GPUReading.Fault(call: which, code: code) }
            return false
        }
    }

    private func text(_ which: NVMLCall, _ function: NVMLLibrary.DeviceText?) -> String? {
        guard let function else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { room in
            room.initialize(repeating: 0)
            guard case .success = call(which, { function(handle, room.baseAddress, 127) }) else { return nil }
            return room.baseAddress.map { String(cString: $0) }
        }
    }

    private func string<Characters>(of characters: inout Characters) -> String {
        withUnsafeBytes(of: &characters) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
