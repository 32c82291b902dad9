/// One GPU's readings of one tick; ``index`` refers to the hello's ``GPUDescription/index``.
public struct GPUSample: Hashable, Sendable {
    public var index: Int
    public var state: GPUState = .ok
    /// Share of time in which a kernel ran, 0 to 100.
    public var utilizationPercent: Int?
    /// Share of time in which memory was read or written, 0 to 100.
    public var memoryActivityPercent: Int?
    public var memoryUsedBytes: UInt64?
    public var memoryTotalBytes: UInt64?
    public var temperatureCelsius: Int?
    public var powerMilliwatts: UInt32?
    public var powerLimitMilliwatts: UInt32?
    public var smClockMegahertz: Int?
    public var memoryClockMegahertz: Int?
    /// NVML's clocks-event (throttle) reason bits.
    public var throttleReasons: UInt64?
    public var fanPercent: Int?
    /// Uncorrected memory errors since the driver loaded.
    public var uncorrectedErrors: UInt64?
    /// Compute processes; `nil` in ticks that do not read them.
    public var processes: [GPUProcess]?

    public init(index: Int) { self.index = index }
}

/// A process that holds memory on a GPU.
public struct GPUProcess: Hashable, Sendable {
    public var pid: Int32
    public var memoryUsedBytes: UInt64?
    public init(pid: Int32, memoryUsedBytes: UInt64?) {
        self.pid = pid
        self.memoryUsedBytes = memoryUsedBytes
    }
}

/// Whether a GPU's readings can be believed.
public enum GPUState: UInt8, Sendable, Hashable, CaseIterable {
    /// Read in this tick.
    case ok
    /// A call has not come back in time; the readings are the last known ones or absent.
    case stale
    /// A call has not come back for long; the driver hangs.
    case driverHung
    /// The driver says that the GPU is lost (fallen off the bus).
    case lost

    /// The name on the wires.
    public var name: String {
        switch self {
        case .ok: "ok"
        case .stale: "stale"
        case .driverHung: "driver_hung"
        case .lost: "lost"
        }
    }
    public init?(name: String) {
        guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}
