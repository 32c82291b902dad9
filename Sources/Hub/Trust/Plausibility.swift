internal import Grid

/// Whether a node's readings can be true, from a few counters for each GPU.
///
/// A machine that lies well is not found here; one that is merely odd must not be accused. So each rule is a law of
/// physics or of arithmetic with much room, and must be broken without a pause over a long window and in many samples.
/// What a sample does not tell neither accuses nor clears.
struct Plausibility: Sendable {
    /// The law that a GPU's readings break.
    enum Finding: Hashable, Sendable {
        /// More memory is in use than there is.
        case memoryBeyondTotal(gpu: Int)
        /// A power draw that no limit allows.
        case powerBeyondLimit(gpu: Int)
        /// All cores at work, and less power than any card draws that is not asleep.
        case workWithoutPower(gpu: Int)
        /// The load came and went by hundreds of watts, and the temperature is the same to the degree.
        case frozenTemperature(gpu: Int)
    }

    /// A condition that holds without a pause.
    struct Streak: Hashable, Sendable {
        private var since: UInt32 = 0
        private var latest: UInt32 = 0
        private var samples: UInt32 = 0

        /// Notes what a sample says; true once the condition has held for so long and in so many samples.
        mutating func note(_ holds: Bool, _ second: UInt32, lasting seconds: UInt32) -> Bool {
            guard holds else {
                self = Streak()
                return false
            }
            if samples == 0 || second < latest || second - latest > Plausibility.pauseSeconds {
                self = Streak()
                since = second
            }
            latest = second
            samples += 1
            return second - since >= seconds && samples >= Plausibility.leastSamples
        }
    }

    private struct GPU: Hashable, Sendable {
        var index: Int
        var memory = Streak()
        var power = Streak()
        var idle = Streak()
        var heat = Heat()
    }

    private var gpus: [GPU] = []
    /// The first law found broken since it was last asked for.
    private(set) var finding: Finding?

    /// Between two samples further apart anything may have happened.
    static let pauseSeconds: UInt32 = 180
    static let leastSamples: UInt32 = 30
    private static let memorySeconds: UInt32 = 60
    private static let powerSeconds: UInt32 = 300
    private static let idleSeconds: UInt32 = 600

    /// Takes over which GPUs there should be. An agent that tells of the same ones again changes nothing.
    mutating func expect(_ described: [GPUDescription]) {
        let indices = described.prefix(Limits.gpusPerNode).map(\.index)
        guard indices != gpus.map(\.index) else { return }
        gpus = indices.map { GPU(index: $0) }
    }

    /// Forgets everything: the node is given another chance.
    mutating func clear() {
        gpus = gpus.map { GPU(index: $0.index) }
        finding = nil
    }

    mutating func takeFinding() -> Finding? {
        defer { finding = nil }
        return finding
    }

    /// Reads one current sample; of a GPU that the agent could not read, nothing.
    mutating func read(_ sample: NodeSample, second: UInt32) {
        for position in gpus.indices {
            let index = gpus[position].index
            guard position < sample.gpus.count, sample.gpus[position].index == index else { continue }
            read(sample.gpus[position], position, second)
        }
    }

    private mutating func read(_ gpu: GPUSample, _ position: Int, _ second: UInt32) {
        guard gpu.state == .ok else { return }
        if let used = gpu.memoryUsedBytes, let total = gpu.memoryTotalBytes, total > 0,
            gpus[position].memory.note(used > total, second, lasting: Self.memorySeconds)
        {
            finding = finding ?? .memoryBeyondTotal(gpu: gpu.index)
        }
        guard let power = gpu.powerMilliwatts.map(UInt64.init), let limit = gpu.powerLimitMilliwatts.map(UInt64.init),
            limit > 0
        else { return }
        if gpus[position].power.note(power * 5 > limit * 6, second, lasting: Self.powerSeconds) {
            finding = finding ?? .powerBeyondLimit(gpu: gpu.index)
        }
        if let load = gpu.utilizationPercent,
            gpus[position].idle.note(load >= 95 && power * 20 <= limit, second, lasting: Self.idleSeconds)
        {
            finding = finding ?? .workWithoutPower(gpu: gpu.index)
        }
        if let temperature = gpu.temperatureCelsius,
            gpus[position].heat.note(temperature, power: power, limit: limit, second)
        {
            finding = finding ?? .frozenTemperature(gpu: gpu.index)
        }
    }
}

extension Plausibility {
    /// How often the load came or went for good while the temperature stood still.
    struct Heat: Hashable, Sendable {
        private enum Load: UInt8 { case none, low, high }

        private var temperature: Int = .min
        private var latest: UInt32 = 0
        /// What the load is at present, and since when.
        private var load = Load.none
        private var since: UInt32 = 0
        /// What it last was for long.
        private var settled = Load.none
        private var swings: UInt8 = 0

        /// A load that lasts so long moves any die by more than a degree: from a quarter of the limit to a half of it
        /// there are tens of watts even on the smallest card.
        private static let settleSeconds: UInt32 = 60
        private static let swingsAtMost: UInt8 = 8

        /// True once the load has come and gone so often without any change of temperature.
        mutating func note(_ celsius: Int, power: UInt64, limit: UInt64, _ second: UInt32) -> Bool {
            if celsius != temperature || second < latest || second - latest > Plausibility.pauseSeconds {
                self = Heat()
                temperature = celsius
            }
            latest = second
            let now: Load = power * 2 >= limit ? .high : power * 4 <= limit ? .low : .none
            if now != load {
                load = now
                since = second
            }
            guard load != .none, load != settled, second - since >= Self.settleSeconds else { return false }
            if settled != .none { swings += 1 }
            settled = load
            guard swings >= Self.swingsAtMost else { return false }
            swings = 0
            return true
        }
    }
}

extension Plausibility.Finding: CustomStringConvertible {
    var description: String {
        switch self {
        case .memoryBeyondTotal(let gpu): "GPU \(gpu) uses more memory than it has"
        case .powerBeyondLimit(let gpu): "GPU \(gpu) draws a fifth more power than its limit"
        case .workWithoutPower(let gpu): "GPU \(gpu) works without drawing power"
        case .frozenTemperature(let gpu): "GPU \(gpu) does not warm up under load"
        }
    }
}
