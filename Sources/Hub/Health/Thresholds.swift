/// What can be wrong with a node, worst first within its points.
enum Fault: Int, CaseIterable, Sendable {
    case uncorrectedMemory
    case gpuMissing
    case driverHung
    case gpuStale
    case thermalExcess
    case throttling
    case diskFull
    case heartbeatGap

    /// ``allCases``, made once: scoring walks it.
    static let all = allCases
}

/// Faults of one cause: of a category only the worst counts, so that one incident is not charged twice
/// (XID 79, PCIe and power faults co-occur in Meta's fleet).
enum FaultCategory: Int, CaseIterable, Sendable {
    case memory, bus, thermal, disk, link

    static let all = allCases
}

/// What a node is expected to tell. The share of these that is known is the coverage of its score.
enum Sensor: Int, CaseIterable, Sendable {
    // Of each GPU
    case memoryErrors, presence, temperature, throttle
    // Of the host
    case disk, heartbeat

    /// How many of them each GPU has; the others belong to the host.
    static let gpuSensors = 4
}

/// The figures of the health score, each with its source.
///
/// Points are 10 × log2 of the hazard ratio: ten points are a doubling of the failure hazard. They halve with
/// every half-life after the fault was last seen. A gate caps the whole score while the fault lasts.
struct Threshold: Sendable {
    var category: FaultCategory
    var points: Int64
    var halfLifeSeconds: Int64
    var isGate: Bool

    static func of(_ fault: Fault) -> Threshold {
        switch fault {
        // GPUs returned after a double-bit error repeat 47 times as often within 30 days (Titan, 130 GPUs; SC'20).
        // "Uncorrected > 0 is critical": Meta's GCM health checks, Azure's healthagent.
        case .uncorrectedMemory: Threshold(.memory, 56, Self.month, isGate: true)
        // Off the bus (XID 79): 32 times the base rate within 30 days after the return (Titan, 60 GPUs).
        case .gpuMissing: Threshold(.bus, 50, Self.month, isGate: true)
        // Nothing can run behind a driver that does not answer, so it gates; what stays after is a prior, as
        // for any silence.
        case .driverHung: Threshold(.bus, 15, Self.hour, isGate: true)
        // Prior: a device's silence weighs as a node's.
        case .gpuStale: Threshold(.bus, 15, Self.hour, isGate: false)
        // Hot against cool cages: 3.8 to 4.9 times the errors (Titan, weak evidence).
        case .thermalExcess: Threshold(.thermal, 20, 6 * Self.hour, isGate: false)
        // gpud: hardware slowdown at 0.6 events a minute over 10 minutes is unhealthy.
        case .throttling: Threshold(.thermal, 20, 6 * Self.hour, isGate: false)
        // GCM and healthagent warn at 80 to 85 %; the weight is a prior.
        case .diskFull: Threshold(.disk, 15, 6 * Self.hour, isGate: false)
        // Prior, in place of a φ-accrual detector's φ ≥ 3.
        case .heartbeatGap: Threshold(.link, 15, Self.hour, isGate: false)
        }
    }

    /// The score that a gate leaves at most.
    static let gateCap = 20
    /// The file system is called full at this share, in thousandths.
    static let diskFullPermille: Int64 = 850
    /// NVML's clocks-event reasons of the hardware's own making: slowdown, thermal slowdown, power brake.
    static let hardwareSlowdownReasons: UInt64 = 0x08 | 0x40 | 0x80
    /// 0.6 a minute over 10 minutes: 6 of the last 10 minutes had a slowdown.
    static let throttleWindowMinutes: UInt32 = 10
    static let throttleMinutes = 6
    /// A GPU that the hello named and samples leave out for this long is missing; until then it is unknown.
    static let missingAfterSeconds: UInt32 = 5
    /// Two heartbeats lost: silence of this length is a gap, in nanoseconds.
    static let heartbeatGapNanoseconds: UInt64 = 6_000_000_000
    /// A reading of the minute's tier counts as known for three of its periods.
    static let slowReadingSeconds: UInt32 = 180

    private static let hour: Int64 = 3600
    private static let month: Int64 = 30 * 24 * 3600

    private init(_ category: FaultCategory, _ points: Int64, _ halfLifeSeconds: Int64, isGate: Bool) {
        self.category = category
        self.points = points
        self.halfLifeSeconds = halfLifeSeconds
        self.isGate = isGate
    }
}
