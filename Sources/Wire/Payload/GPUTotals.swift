import Grid

/// A node's GPUs as one: means, sums and the maximum over those whose readings can be believed.
struct GPUTotals {
    /// The mean, in hundredths of a percent.
    private(set) var utilizationHundredths: Int64?
    private(set) var memoryUsedBytes: UInt64?
    /// The highest.
    private(set) var temperatureCelsius: Int?
    private(set) var powerMilliwatts: UInt64?

    /// All absent: for a node that is offline.
    init() {}

    init(_ gpus: [GPUSample]) {
        var utilization: Int64 = 0
        var measured: Int64 = 0
        for gpu in gpus where gpu.state == .ok {
            if let percent = gpu.utilizationPercent {
                utilization += Int64(percent)
                measured += 1
            }
            if let used = gpu.memoryUsedBytes {
                // An agent may say anything: a sum beyond the word stays at its end.
                let (sum, isBeyond) = (memoryUsedBytes ?? 0).addingReportingOverflow(used)
                memoryUsedBytes = isBeyond ? .max : sum
            }
            if let celsius = gpu.temperatureCelsius {
                temperatureCelsius = max(temperatureCelsius ?? celsius, celsius)
            }
            if let milliwatts = gpu.powerMilliwatts { powerMilliwatts = (powerMilliwatts ?? 0) + UInt64(milliwatts) }
        }
        if measured > 0 { utilizationHundredths = (utilization * 100 + measured / 2) / measured }
    }
}
