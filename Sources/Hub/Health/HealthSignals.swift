internal import Grid

/// What a node's samples said of each fault and sensor, in a few words of memory; updated in place.
///
/// Times are whole seconds of the monotonic clock plus one, so that 0 is never.
struct HealthSignals: Sendable {
    /// A GPU that the hello named.
    private struct ExpectedGPU: Hashable, Sendable {
        var index: Int
        var slowdownCelsius: Int?
    }

    private var expected: [ExpectedGPU] = []
    /// When each fault was last seen.
    private var seenAt = InlineArray<8, UInt32>(repeating: 0)
    /// A bit for each fault that holds at present, and for each that was ever seen.
    private(set) var held: UInt8 = 0
    private(set) var everSeen: UInt8 = 0
    /// How many GPUs (or 1, of the host) each sensor is known of, and since when.
    private var known = InlineArray<6, UInt8>(repeating: 0)
    private var knownAt = InlineArray<6, UInt32>(repeating: 0)
    /// A bit for each of the last minutes with a hardware slowdown, the latest lowest.
    private var throttledMinutes: UInt32 = 0
    private var throttleMinute: UInt32 = 0
    /// Since when some expected GPU is left out of the samples; 0 = none is.
    private var absentSince: UInt32 = 0

    static func second(_ nanoseconds: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: min(nanoseconds / 1_000_000_000, UInt64(UInt32.max) - 1)) + 1
    }

    var hasGPUs: Bool { !expected.isEmpty }

    /// Takes over which GPUs there should be. What was seen of the former ones stays on the node's account.
    mutating func expect(_ gpus: [GPUDescription]) {
        let now = gpus.prefix(Limits.gpusPerNode).map {
            ExpectedGPU(index: $0.index, slowdownCelsius: $0.slowdownCelsius)
        }
        // An agent that comes back with the same GPUs has told of them already.
        guard now != expected else { return }
        expected = now
        absentSince = 0
        for sensor in 0..<Sensor.gpuSensors { known[sensor] = 0 }
    }

    func isHeld(_ fault: Fault) -> Bool { held & (1 << fault.rawValue) != 0 }

    /// Seconds since the fault was last seen; `nil` if it never was.
    func age(of fault: Fault, second: UInt32) -> Int64? {
        let seen = seenAt[fault.rawValue]
        if seen == 0 { return nil }
        return second > seen ? Int64(second - seen) : 0
    }

    /// The share of a sensor that is known, 0 to 100, rounded down.
    func share(of sensor: Sensor) -> Int { share(sensor.rawValue) }

    /// The mean share of all sensors, each counting alike, 0 to 100, rounded down.
    var coveragePercent: Int {
        var sum = 0
        for sensor in known.indices { sum += share(sensor) }
        return sum / known.count
    }

    private func share(_ sensor: Int) -> Int {
        if sensor >= Sensor.gpuSensors { return known[sensor] > 0 ? 100 : 0 }
        return expected.isEmpty ? 0 : min(100, Int(known[sensor]) * 100 / expected.count)
    }

    /// An agent was heard again after a silence, or its lease ended.
    mutating func noteSilence(second: UInt32) { see(.heartbeatGap, second) }

    /// Reads one current sample.
    mutating func read(_ sample: NodeSample, second: UInt32) {
        var gpus = GPUReadings()
        for position in expected.indices {
            if let place = Self.find(expected[position].index, position, sample.gpus) {
                gpus.read(sample.gpus[place], slowdownCelsius: expected[position].slowdownCelsius)
            } else {
                gpus.absent += 1
            }
        }
        readPresence(gpus, second)
        readSlow(.memoryErrors, count: gpus.errorsKnown, .uncorrectedMemory, holds: gpus.hasErrors, second)
        know(.temperature, gpus.temperatureKnown, second)
        hold(.thermalExcess, gpus.isHot, second)
        know(.throttle, gpus.throttleKnown, second)
        readThrottle(gpus.isThrottled, second)

        let disk = Self.permille(sample.host.filesystemUsedPercent)
        readSlow(
            .disk, count: disk == nil ? 0 : 1, .diskFull, holds: (disk ?? 0) >= Threshold.diskFullPermille, second)
        know(.heartbeat, 1, second)
    }

    private mutating func readPresence(_ gpus: GPUReadings, _ second: UInt32) {
        if gpus.absent == 0 {
            absentSince = 0
        } else if absentSince == 0 {
            absentSince = second
        }
        let isMissing = absentSince != 0 && second - min(second, absentSince) >= Threshold.missingAfterSeconds
        know(.presence, isMissing ? gpus.found + gpus.absent : gpus.found, second)
        hold(.gpuMissing, isMissing || gpus.isLost, second)
        hold(.driverHung, gpus.isHung, second)
        hold(.gpuStale, gpus.isStale, second)
    }

    /// A slowdown is an event of its minute, however often it is read there.
    private mutating func readThrottle(_ isThrottled: Bool, _ second: UInt32) {
        let minute = second / 60
        let passed = minute > throttleMinute ? minute - throttleMinute : 0
        throttledMinutes = passed < 32 ? throttledMinutes << passed : 0
        throttleMinute = max(minute, throttleMinute)
        if isThrottled { throttledMinutes |= 1 }
        throttledMinutes &= (1 << Threshold.throttleWindowMinutes) - 1
        hold(.throttling, throttledMinutes.nonzeroBitCount >= Threshold.throttleMinutes, second)
    }

    /// A reading that only some samples carry: between two of them the last one stands, for a while.
    private mutating func readSlow(
        _ sensor: Sensor, count: UInt8, _ fault: Fault, holds: Bool, _ second: UInt32
    ) {
        if count > 0 {
            know(sensor, count, second)
            hold(fault, holds, second)
        } else if second - min(second, knownAt[sensor.rawValue]) > Threshold.slowReadingSeconds {
            known[sensor.rawValue] = 0
            held &= ~(1 << fault.rawValue)
        }
    }

    private mutating func know(_ sensor: Sensor, _ count: UInt8, _ second: UInt32) {
        known[sensor.rawValue] = count
        knownAt[sensor.rawValue] = second
    }

    private mutating func hold(_ fault: Fault, _ holds: Bool, _ second: UInt32) {
        if holds {
            held |= 1 << fault.rawValue
            see(fault, second)
        } else {
            held &= ~(1 << fault.rawValue)
        }
    }

    private mutating func see(_ fault: Fault, _ second: UInt32) {
        everSeen |= 1 << fault.rawValue
        seenAt[fault.rawValue] = second
    }

    /// The sample's entry for a GPU; agents list them in the hello's order, so it is mostly at its position.
    private static func find(_ index: Int, _ position: Int, _ gpus: [GPUSample]) -> Int? {
        if position < gpus.count, gpus[position].index == index { return position }
        return gpus.firstIndex { $0.index == index }
    }

    /// A percentage in thousandths; `nil` for what is none. One multiplication, exact enough on every processor.
    static func permille(_ percent: Double?) -> Int64? {
        guard let percent, percent >= 0, percent <= 100 else { return nil }
        return Int64(percent * 10)
    }
}

/// What one sample says of all expected GPUs together.
private struct GPUReadings {
    var found: UInt8 = 0
    var absent: UInt8 = 0
    var errorsKnown: UInt8 = 0
    var temperatureKnown: UInt8 = 0
    var throttleKnown: UInt8 = 0
    var hasErrors = false
    var isLost = false
    var isHung = false
    var isStale = false
    var isHot = false
    var isThrottled = false

    mutating func read(_ gpu: GPUSample, slowdownCelsius: Int?) {
        found += 1
        switch gpu.state {
        case .ok: break
        case .stale:
            isStale = true
            return
        case .driverHung:
            isHung = true
            return
        case .lost:
            isLost = true
            return
        }
        if let errors = gpu.uncorrectedErrors {
            errorsKnown += 1
            if errors > 0 { hasErrors = true }
        }
        if let temperature = gpu.temperatureCelsius, let slowdownCelsius {
            temperatureKnown += 1
            if temperature >= slowdownCelsius { isHot = true }
        }
        if let reasons = gpu.throttleReasons {
            throttleKnown += 1
            if reasons & Threshold.hardwareSlowdownReasons != 0 { isThrottled = true }
        }
    }
}
