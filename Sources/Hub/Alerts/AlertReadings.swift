internal import Grid

/// What one sample says about a cause of alerts: the worst reading, in whole units or thousandths of a whole.
struct AlertReadings: Sendable {
    /// A GPU's reading and which one it is.
    struct Worst: Hashable, Sendable {
        var value: Int64
        var gpu: Int
    }

    /// In °C.
    private(set) var temperature: Worst?
    /// In thousandths.
    private(set) var gpuMemory: Worst?
    private(set) var gpuErrors: Worst?
    /// In thousandths.
    private(set) var memory: Int64?
    private(set) var disk: Int64?

    init(_ sample: NodeSample) {
        for gpu in sample.gpus where gpu.state == .ok {
            Self.note(gpu.temperatureCelsius.map { Int64($0) }, of: gpu.index, &temperature)
            Self.note(Self.permille(gpu.memoryUsedBytes, of: gpu.memoryTotalBytes), of: gpu.index, &gpuMemory)
            Self.note(gpu.uncorrectedErrors.map { Int64(clamping: $0) }, of: gpu.index, &gpuErrors)
        }
        memory = Self.permille(sample.host.memoryUsedBytes, of: sample.host.memoryTotalBytes)
        disk = HealthSignals.permille(sample.host.filesystemUsedPercent)
    }

    private static func note(_ value: Int64?, of gpu: Int, _ worst: inout Worst?) {
        guard let value, value > worst?.value ?? .min else { return }
        worst = Worst(value: value, gpu: gpu)
    }

    private static func permille(_ used: UInt64?, of total: UInt64?) -> Int64? {
        guard let used, let total, total > 0 else { return nil }
        // An agent may say anything: without its lowest bits no product is beyond the word.
        return Int64(min((used >> 14) * 1000 / max(total >> 14, 1), 1000))
    }
}
