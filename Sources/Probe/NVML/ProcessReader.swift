import CNVML
import Grid

/// Reads a GPU's compute processes through whichever version of the call this driver has.
///
/// Version 2 comes first: its struct is the same in every driver, while some releases (535.43 to 535.86) put a longer
/// struct behind version 3 without renaming it. The room is spaced for that longer struct in any case.
final class ProcessReader {
    /// In the order of preference.
    let versions: [(call: NVMLCall, function: NVMLLibrary.DeviceProcesses)]
    /// What the latest successful reading found.
    private(set) var latest: [GPUProcess] = []
    private var room: UnsafeMutableRawBufferPointer
    private var capacity: UInt32 = 64

    private static let longestStructBytes = 40
    private static let maximumProcesses: UInt32 = 16_384

    init(_ library: NVMLLibrary) {
        let all: [(NVMLCall, NVMLLibrary.DeviceProcesses?)] = [
            (.processesV2, library.processesV2), (.processesV3, library.processesV3),
            (.processesV1, library.processesV1),
        ]
        versions = all.compactMap { call, function in function.map { (call, $0) } }
        room = .allocate(byteCount: Int(capacity) * Self.longestStructBytes, alignment: 8)
    }

    deinit { room.deallocate() }

    /// Calls until the processes fit; the count may rise while it is being asked.
    func read(
        _ version: NVMLCall, _ body: (UnsafeMutablePointer<UInt32>, UnsafeMutableRawPointer?) -> nvmlReturn_t
    ) -> nvmlReturn_t {
        for _ in 0..<4 {
            var count = capacity
            let result = body(&count, room.baseAddress)
            if result == NVML_SUCCESS {
                keep(Int(min(count, capacity)), version)
                return result
            }
            guard result == NVML_ERROR_INSUFFICIENT_SIZE, capacity < Self.maximumProcesses else { return result }
            capacity = min(max(count &+ 16, capacity * 2), Self.maximumProcesses)
            room.deallocate()
            room = .allocate(byteCount: Int(capacity) * Self.longestStructBytes, alignment: 8)
        }
        return NVML_ERROR_INSUFFICIENT_SIZE
    }

    private func keep(_ count: Int, _ version: NVMLCall) {
        let stride =
            version == .processesV1
            ? MemoryLayout<nvmlProcessInfo_v1_t>.stride : MemoryLayout<nvmlProcessInfo_v2_t>.stride
        latest.removeAll(keepingCapacity: true)
        for index in 0..<count {
            // Process and memory come first in every version.
            let info = room.loadUnaligned(fromByteOffset: index * stride, as: nvmlProcessInfo_v1_t.self)
            let memory = info.usedGpuMemory == .max ? nil : info.usedGpuMemory
            latest.append(GPUProcess(pid: Int32(truncatingIfNeeded: info.pid), memoryUsedBytes: memory))
        }
    }
}
