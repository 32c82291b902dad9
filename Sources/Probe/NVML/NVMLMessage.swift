import Glibc
import Grid

/// What parent and child say to each other: one packet a message over a SOCK_SEQPACKET pair.
///
/// Both ends are the same executable, so the layout has no version; the parent still checks every length.
enum NVMLMessage {
    /// The longest packet.
    static let maximumBytes = 4 << 10

    enum Kind: UInt8 {
        case request = 1
        case hello, unavailable, description, reading, done
    }
}

/// What the parent asks for in one tick.
struct NVMLRequest: Hashable {
    var number: UInt32
    /// NVML indices, bit i for GPU i.
    var gpus: UInt64
    var wantsProcesses: Bool
    var wantsErrors: Bool

    static let byteCount = 14

    func encode(_ packet: inout PacketWriter) {
        packet.begin(.request)
        packet.put(UInt8(wantsProcesses ? 1 : 0) | UInt8(wantsErrors ? 2 : 0))
        packet.put(number)
        packet.put(gpus)
    }

    init(number: UInt32, gpus: UInt64, wantsProcesses: Bool, wantsErrors: Bool) {
        self.number = number
        self.gpus = gpus
        self.wantsProcesses = wantsProcesses
        self.wantsErrors = wantsErrors
    }

    init?(_ packet: UnsafeRawBufferPointer) {
        var reader = PacketReader(packet)
        guard reader.kind() == .request, let flags = reader.byte(), let number = reader.word(),
            let gpus = reader.long()
        else { return nil }
        self.init(number: number, gpus: gpus, wantsProcesses: flags & 1 != 0, wantsErrors: flags & 2 != 0)
    }
}

/// What the child answers.
enum NVMLAnswer {
    /// NVML is up.
    case hello(gpuCount: Int, driverVersion: String)
    /// NVML is not there (or is broken), and the child ends.
    case unavailable(isFailure: Bool, reason: String)
    case description(GPUDescription)
    case reading(GPUReading)
    /// The request is answered in full.
    case done(NVMLDone)

    init?(_ packet: UnsafeRawBufferPointer) {
        var reader = PacketReader(packet)
        switch reader.kind() {
        case .hello:
            guard let count = reader.word(), count <= Limits.gpusPerNode, let version = reader.text() else {
                return nil
            }
            self = .hello(gpuCount: Int(count), driverVersion: version)
        case .unavailable:
            guard let flag = reader.byte(), let reason = reader.text() else { return nil }
            self = .unavailable(isFailure: flag != 0, reason: reason)
        case .description:
            guard let description = GPUDescription(&reader) else { return nil }
            self = .description(description)
        case .reading:
            guard let reading = GPUReading(&reader) else { return nil }
            self = .reading(reading)
        case .done:
            guard let number = reader.word(), let processor = reader.long(), let resident = reader.long(),
                let elapsed = reader.long()
            else { return nil }
            self = .done(
                NVMLDone(
                    request: number, processorNanoseconds: processor, residentBytes: resident,
                    elapsedNanoseconds: elapsed))
        case .request, nil: return nil
        }
    }
}

/// The end of an answer, with what it and the child cost.
struct NVMLDone: Hashable {
    var request: UInt32
    /// Of the child since its start.
    var processorNanoseconds: UInt64
    var residentBytes: UInt64
    /// From the request's arrival to this message.
    var elapsedNanoseconds: UInt64

    func encode(_ packet: inout PacketWriter) {
        packet.begin(.done)
        packet.put(request)
        packet.put(processorNanoseconds)
        packet.put(residentBytes)
        packet.put(elapsedNanoseconds)
    }
}

/// What the child read of one GPU in one request; `sample.index` is NVML's.
struct GPUReading: Hashable {
    var sample: GPUSample
    /// The first call that failed for another reason than that the card does not support it.
    var fault: Fault?

    struct Fault: Hashable {
        var call: NVMLCall
        var code: Int32
    }
}

extension GPUReading {
    func encode(_ packet: inout PacketWriter) {
        packet.begin(.reading)
        packet.put(UInt8(sample.index))
        packet.put(sample.state.rawValue)
        packet.put(fault?.call.rawValue ?? 0)
        packet.put(UInt32(bitPattern: fault?.code ?? 0))
        packet.put(optional: sample.utilizationPercent)
        packet.put(optional: sample.memoryActivityPercent)
        packet.put(optional: sample.memoryUsedBytes)
        packet.put(optional: sample.memoryTotalBytes)
        packet.put(optional: sample.temperatureCelsius)
        packet.put(optional: sample.powerMilliwatts)
        packet.put(optional: sample.powerLimitMilliwatts)
        packet.put(optional: sample.smClockMegahertz)
        packet.put(optional: sample.memoryClockMegahertz)
        packet.put(optional: sample.throttleReasons)
        packet.put(optional: sample.fanPercent)
        packet.put(optional: sample.uncorrectedErrors)
        let processes = sample.processes ?? []
        packet.put(optional: sample.processes == nil ? nil : min(processes.count, Limits.processesPerGPU))
        for process in processes.prefix(Limits.processesPerGPU) {
            packet.put(UInt32(bitPattern: process.pid))
            packet.put(optional: process.memoryUsedBytes)
        }
    }

    init?(_ reader: inout PacketReader) {
        guard let index = reader.byte(), index < Limits.gpusPerNode,
            let state = reader.byte().flatMap(GPUState.init(rawValue:)),
            let call = reader.byte(), let code = reader.word()
        else { return nil }
        sample = GPUSample(index: Int(index))
        sample.state = state
        fault = NVMLCall(rawValue: call).map { Fault(call: $0, code: Int32(bitPattern: code)) }
        sample.utilizationPercent = reader.optional()
        sample.memoryActivityPercent = reader.optional()
        sample.memoryUsedBytes = reader.optional()
        sample.memoryTotalBytes = reader.optional()
        sample.temperatureCelsius = reader.optional()
        sample.powerMilliwatts = reader.optional()
        sample.powerLimitMilliwatts = reader.optional()
        sample.smClockMegahertz = reader.optional()
        sample.memoryClockMegahertz = reader.optional()
        sample.throttleReasons = reader.optional()
        sample.fanPercent = reader.optional()
        sample.uncorrectedErrors = reader.optional()
        if let count: Int = reader.optional() {
            guard (0...Limits.processesPerGPU).contains(count) else { return nil }
            var processes: [GPUProcess] = []
            for _ in 0..<count {
                guard let pid = reader.word() else { return nil }
                processes.append(GPUProcess(pid: Int32(bitPattern: pid), memoryUsedBytes: reader.optional()))
            }
            sample.processes = processes
        }
        guard !reader.isShort else { return nil }
    }
}

extension GPUDescription {
    func encode(_ packet: inout PacketWriter) {
        packet.begin(.description)
        packet.put(UInt8(index))
        packet.put(uuid)
        packet.put(name)
        packet.put(pciBusID)
        packet.put(optional: memoryTotalBytes)
        packet.put(optional: powerLimitMilliwatts)
        packet.put(optional: slowdownCelsius)
    }

    init?(_ reader: inout PacketReader) {
        guard let index = reader.byte(), index < Limits.gpusPerNode, let uuid = reader.text(),
            let name = reader.text(), let pci = reader.text()
        else { return nil }
        self.init(index: Int(index), uuid: uuid, name: name, pciBusID: pci)
        memoryTotalBytes = reader.optional()
        powerLimitMilliwatts = reader.optional()
        slowdownCelsius = reader.optional()
        guard !reader.isShort else { return nil }
    }
}
