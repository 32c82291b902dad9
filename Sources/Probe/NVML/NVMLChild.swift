import CLinux
import CNVML
import Glibc
import Grid

/// The process that alone touches the driver: when a call gets stuck there, only this process is stuck.
///
/// Started by ``NVMLSupervisor`` as a hidden subcommand of the agent's own executable. It answers requests from a
/// socket until the other end closes, and dies with its parent.
public enum NVMLChild {
    /// The subcommand that the agent hands to ``main(arguments:)``.
    public static let subcommand = "nvml-child"

    /// The child's descriptors: what ``NVMLWorker`` puts there.
    static let socketDescriptor: Int32 = 3
    static let monitorDescriptor: Int32 = 4

    /// Runs the child to its end.
    /// - Parameter arguments: what follows the subcommand: the parent's process id.
    /// - Returns: the exit status: 0 at the parent's end, 64 when not started by an agent, 70 on its own fault,
    ///   75 when the driver must be opened anew.
    public static func main(arguments: [String]) -> Int32 {
        guard arguments.count == 1, let parent = pid_t(arguments[0]) else { return refuse() }
        guard clinux_die_with_parent() == 0 else { return 70 }
        // The parent may have died before the kernel was asked to watch it.
        guard getppid() == parent else { return 0 }
        guard let monitor = CallMonitor(mapping: monitorDescriptor) else { return refuse() }
        close(monitorDescriptor)
        return Session(monitor: monitor).run()
    }

    private static func refuse() -> Int32 {
        let line = "nvml-child is started by the agent itself, not by hand\n"
        _ = line.withCString { write(2, $0, strlen($0)) }
        return 64
    }
}

/// One run of the child: the library, the GPUs it has opened, and the conversation.
private final class Session {
    private let monitor: CallMonitor
    private var packet = PacketWriter(capacity: NVMLMessage.maximumBytes)
    private var devices: [NVMLDevice?] = []

    init(monitor: CallMonitor) { self.monitor = monitor }

    private struct Ready {
        let library: NVMLLibrary
        let processes: ProcessReader
    }

    func run() -> Int32 {
        let ready: Ready
        switch start() {
        case .success(let value): ready = value
        case .failure(let end): return end.status
        }
        return withUnsafeTemporaryAllocation(byteCount: NVMLRequest.byteCount, alignment: 8) { room in
            while true {
                let got = recv(NVMLChild.socketDescriptor, room.baseAddress, room.count, 0)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { return 0 }
                guard let request = NVMLRequest(UnsafeRawBufferPointer(rebasing: room[..<got])) else { return 70 }
                if let status = answer(request, ready) { return status }
            }
        }
    }

    private struct End: Error {
        let status: Int32
    }

    /// Opens the library and the driver, and says hello; or says why not.
    private func start() -> Result<Ready, End> {
        let path = getenv(NVMLLibrary.pathVariable).map { String(cString: $0) } ?? NVMLLibrary.standardName
        let library: NVMLLibrary
        do throws(NVMLLibrary.Absence) {
            library = try NVMLLibrary(path: path)
        } catch {
            return .failure(unavailable(isFailure: false, error.reason))
        }
        let code = global(.initialize) { library.initialize() }
        guard code == 0 else {
            // Without a driver there is nothing to fail; anything else is a driver that does not work.
            let reason = "nvmlInit_v2: \(describeNVML(code: code))"
            return .failure(unavailable(isFailure: code != 9 && code != 12, reason))
        }
        var count: UInt32 = 0
        let countCode = global(.deviceCount) { library.deviceCount(&count) }
        guard countCode == 0 else {
            let reason = "nvmlDeviceGetCount_v2: \(describeNVML(code: countCode))"
            return .failure(unavailable(isFailure: true, reason))
        }
        count = min(count, UInt32(Limits.gpusPerNode))
        devices = Array(repeating: nil, count: Int(count))
        packet.begin(.hello)
        packet.put(count)
        packet.put(driverVersion(library))
        guard send() else { return .failure(End(status: 0)) }
        return .success(Ready(library: library, processes: ProcessReader(library)))
    }

    private func unavailable(isFailure: Bool, _ reason: String) -> End {
        packet.begin(.unavailable)
        packet.put(UInt8(isFailure ? 1 : 0))
        packet.put(reason)
        _ = send()
        return End(status: 0)
    }

    private func driverVersion(_ library: NVMLLibrary) -> String {
        guard let function = library.driverVersion else { return "" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 96) { room in
            room.initialize(repeating: 0)
            guard global(.driverVersion, { function(room.baseAddress, 95) }) == 0 else { return "" }
            return room.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    /// Answers one request, a packet for each GPU as soon as it is read; a status ends the child.
    private func answer(_ request: NVMLRequest, _ ready: Ready) -> Int32? {
        let start = MonotonicClock.nanoseconds()
        for index in devices.indices where request.gpus >> UInt64(index) & 1 == 1 {
            let reading: GPUReading
            switch open(index, ready) {
            case .opened(let device): reading = device.read(request)
            case .failed(let failure): reading = failure
            case .parentGone: return 0
            }
            // The driver was taken away or replaced: only a fresh process can open it again.
            if let fault = reading.fault, fault.code == 1 || fault.code == 9 { return 75 }
            reading.encode(&packet)
            guard send() else { return 0 }
        }
        NVMLDone(
            request: request.number, processorNanoseconds: ProcessCost.processorNanoseconds(),
            residentBytes: ProcessCost.residentBytes(), elapsedNanoseconds: MonotonicClock.nanoseconds() &- start
        ).encode(&packet)
        return send() ? nil : 0
    }

    private enum Opening {
        case opened(NVMLDevice)
        case failed(GPUReading)
        case parentGone
    }

    /// The GPU's device, opened and described when it is first asked for: one that is not asked for is not touched.
    private func open(_ index: Int, _ ready: Ready) -> Opening {
        if let device = devices[index] { return .opened(device) }
        var handle: nvmlDevice_t?
        monitor.enter(.handle, gpu: index)
        let code = Int32(bitPattern: ready.library.handle(UInt32(index), &handle).rawValue)
        monitor.leave()
        guard code == 0, let handle else {
            var reading = GPUReading(sample: GPUSample(index: index))
            if code == 15 { reading.sample.state = .lost }
            reading.fault = GPUReading.Fault(call: .handle, code: code)
            return .failed(reading)
        }
        let device = NVMLDevice(
            index: index, handle: handle, library: ready.library, monitor: monitor, processes: ready.processes)
        guard let description = device.description() else {
            // Without a UUID nothing could be told about it; the next request tries again.
            var reading = device.read(NVMLRequest(number: 0, gpus: 0, wantsProcesses: false, wantsErrors: false))
            if reading.fault == nil { reading.fault = GPUReading.Fault(call: .uuid, code: 999) }
            return .failed(reading)
        }
        description.encode(&packet)
        guard send() else { return .parentGone }
        devices[index] = device
        return .opened(device)
    }

    private func global(_ call: NVMLCall, _ body: () -> nvmlReturn_t) -> Int32 {
        monitor.enter(call, gpu: nil)
        defer { monitor.leave() }
        return Int32(bitPattern: body().rawValue)
    }

    /// Sends the packet; `false` when the parent is gone.
    private func send() -> Bool {
        let bytes = packet.bytes
        while true {
            let sent = Glibc.send(NVMLChild.socketDescriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if sent < 0 && errno == EINTR { continue }
            return sent == bytes.count
        }
    }
}
