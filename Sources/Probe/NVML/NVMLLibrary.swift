import CNVML
import Glibc

/// The functions of a libnvidia-ml that was opened at run time; a `nil` one is missing in this driver's version.
///
/// Never closed: the driver's library does not survive it.
struct NVMLLibrary {
    typealias Plain = @convention(c) () -> nvmlReturn_t
    typealias SystemText = @convention(c) (UnsafeMutablePointer<CChar>?, UInt32) -> nvmlReturn_t
    typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>?) -> nvmlReturn_t
    typealias Handle = @convention(c) (UInt32, UnsafeMutablePointer<nvmlDevice_t?>?) -> nvmlReturn_t
    typealias DeviceText = @convention(c) (nvmlDevice_t, UnsafeMutablePointer<CChar>?, UInt32) -> nvmlReturn_t
    typealias DevicePCI = @convention(c) (nvmlDevice_t, UnsafeMutablePointer<nvmlPciInfo_t>?) -> nvmlReturn_t
    typealias DeviceMemory = @convention(c) (nvmlDevice_t, UnsafeMutablePointer<nvmlMemory_t>?) -> nvmlReturn_t
    typealias DeviceMemoryV2 = @convention(c) (nvmlDevice_t, UnsafeMutablePointer<nvmlMemory_v2_t>?) -> nvmlReturn_t
    typealias DeviceRates = @convention(c) (nvmlDevice_t, UnsafeMutablePointer<nvmlUtilization_t>?) -> nvmlReturn_t
    typealias DeviceNumber = @convention(c) (nvmlDevice_t, UnsafeMutablePointer<UInt32>?) -> nvmlReturn_t
    typealias DeviceBits = @convention(c) (nvmlDevice_t, UnsafeMutablePointer<UInt64>?) -> nvmlReturn_t
    typealias DeviceTemperature =
        @convention(c) (nvmlDevice_t, nvmlTemperatureSensors_t, UnsafeMutablePointer<UInt32>?) -> nvmlReturn_t
    typealias DeviceThreshold =
        @convention(c) (nvmlDevice_t, nvmlTemperatureThresholds_t, UnsafeMutablePointer<UInt32>?) -> nvmlReturn_t
    typealias DeviceClock =
        @convention(c) (nvmlDevice_t, nvmlClockType_t, UnsafeMutablePointer<UInt32>?) -> nvmlReturn_t
    typealias DeviceErrors =
        @convention(c) (
            nvmlDevice_t, nvmlMemoryErrorType_t, nvmlEccCounterType_t, UnsafeMutablePointer<UInt64>?
        ) -> nvmlReturn_t
    /// Versions differ in the struct that is behind the last argument.
    typealias DeviceProcesses =
        @convention(c) (nvmlDevice_t, UnsafeMutablePointer<UInt32>?, UnsafeMutableRawPointer?) -> nvmlReturn_t

    let initialize: Plain
    let driverVersion: SystemText?
    let deviceCount: Count
    let handle: Handle
    let uuid: DeviceText
    let name: DeviceText?
    let pciInfo: DevicePCI?
    let slowdownThreshold: DeviceThreshold?
    let memoryV2: DeviceMemoryV2?
    let memory: DeviceMemory?
    let utilization: DeviceRates?
    let temperature: DeviceTemperature?
    let powerUsage: DeviceNumber?
    let powerLimit: DeviceNumber?
    let clock: DeviceClock?
    let eventReasons: DeviceBits?
    let throttleReasons: DeviceBits?
    let fanSpeed: DeviceNumber?
    let eccErrors: DeviceErrors?
    let processesV2: DeviceProcesses?
    let processesV3: DeviceProcesses?
    let processesV1: DeviceProcesses?

    /// Where the library is found without ``pathVariable``.
    static let standardName = "libnvidia-ml.so.1"
    /// Names another file to open instead, as the tests' fake.
    static let pathVariable = "NEUROGRID_NVML_LIBRARY"

    /// Why the library cannot be used.
    struct Absence: Error {
        let reason: String
    }

    /// Opens the library and looks up what it has.
    init(path: String) throws(Absence) {
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let why = dlerror().map { String(cString: $0) } ?? "\(path) cannot be opened"
            throw Absence(reason: why)
        }
        func find<Function>(_ call: NVMLCall, as type: Function.Type) -> Function? {
            guard let address = dlsym(library, call.symbol) else { return nil }
            return unsafeBitCast(address, to: type)
        }
        func need<Function>(_ call: NVMLCall, as type: Function.Type) throws(Absence) -> Function {
            guard let function = find(call, as: type) else {
                throw Absence(reason: "\(path) has no \(call.symbol)")
            }
            return function
        }
        initialize = try need(.initialize, as: Plain.self)
        deviceCount = try need(.deviceCount, as: Count.self)
        handle = try need(.handle, as: Handle.self)
        uuid = try need(.uuid, as: DeviceText.self)
        driverVersion = find(.driverVersion, as: SystemText.self)
        name = find(.name, as: DeviceText.self)
        pciInfo = find(.pciInfo, as: DevicePCI.self)
        slowdownThreshold = find(.slowdownThreshold, as: DeviceThreshold.self)
        memoryV2 = find(.memoryV2, as: DeviceMemoryV2.self)
        memory = find(.memory, as: DeviceMemory.self)
        utilization = find(.utilization, as: DeviceRates.self)
        temperature = find(.temperature, as: DeviceTemperature.self)
        powerUsage = find(.powerUsage, as: DeviceNumber.self)
        powerLimit = find(.powerLimit, as: DeviceNumber.self)
        clock = find(.smClock, as: DeviceClock.self)
        eventReasons = find(.eventReasons, as: DeviceBits.self)
        throttleReasons = find(.throttleReasons, as: DeviceBits.self)
        fanSpeed = find(.fanSpeed, as: DeviceNumber.self)
        eccErrors = find(.eccErrors, as: DeviceErrors.self)
        processesV2 = find(.processesV2, as: DeviceProcesses.self)
        processesV3 = find(.processesV3, as: DeviceProcesses.self)
        processesV1 = find(.processesV1, as: DeviceProcesses.self)
    }
}
