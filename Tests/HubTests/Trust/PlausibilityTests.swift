import Grid
import Testing

@testable import Hub

@Suite("Plausibility")
struct PlausibilityTests {
    /// What one GPU tells for a while, a sample a period.
    func findings(
        seconds: Int, every period: Int = 1, _ change: (_ second: Int, inout GPUSample) -> Void
    ) -> [Plausibility.Finding] {
        var plausibility = Plausibility()
        plausibility.expect([GPUDescription(index: 3, uuid: "GPU-3", name: "H100", pciBusID: "0:3")])
        var found: [Plausibility.Finding] = []
        for second in stride(from: 0, to: seconds, by: period) {
            var sample = NodeSample(
                sequence: UInt64(second + 1), takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 1000)
            var gpu = GPUSample(index: 3)
            gpu.powerLimitMilliwatts = 700_000
            gpu.memoryTotalBytes = 80 << 30
            change(second, &gpu)
            sample.gpus = [gpu]
            plausibility.read(sample, second: UInt32(second + 1))
            if let finding = plausibility.takeFinding() { found.append(finding) }
        }
        return found
    }

    @Test("Each law that is broken for long is found")
    func liars() {
        #expect(findings(seconds: 62) { $1.memoryUsedBytes = 81 << 30 }.first == .memoryBeyondTotal(gpu: 3))
        #expect(findings(seconds: 302) { $1.powerMilliwatts = 841_000 }.first == .powerBeyondLimit(gpu: 3))
        let idle = findings(seconds: 602) { _, gpu in
            gpu.utilizationPercent = 99
            gpu.powerMilliwatts = 35_000
        }
        #expect(idle.first == .workWithoutPower(gpu: 3))
        let frozen = findings(seconds: 1200) { second, gpu in
            gpu.temperatureCelsius = 61
            gpu.powerMilliwatts = second / 100 % 2 == 0 ? 100_000 : 600_000
        }
        #expect(frozen.first == .frozenTemperature(gpu: 3))
    }

    @Test("A node that samples once a minute is found too, only later")
    func slow() {
        let found = findings(seconds: 2000, every: 60) { $1.memoryUsedBytes = 81 << 30 }
        #expect(found.first == .memoryBeyondTotal(gpu: 3))
    }

    @Test("What lasts a moment, or is not told, accuses nobody")
    func honest() {
        #expect(
            findings(seconds: 4000) { second, gpu in
                // Nine seconds of every ten, and never for a minute.
                if second % 10 != 0 { gpu.memoryUsedBytes = 81 << 30 } else { gpu.memoryUsedBytes = 1 << 30 }
                gpu.powerMilliwatts = second % 100 == 0 ? 700_000 : 900_000
            }.isEmpty)
        #expect(findings(seconds: 40_000, every: 200) { $1.memoryUsedBytes = 81 << 30 }.isEmpty, "too far apart")
        #expect(
            findings(seconds: 4000) { _, gpu in
                gpu.state = .stale
                gpu.memoryUsedBytes = 81 << 30
                gpu.powerMilliwatts = 900_000
            }.isEmpty)
        #expect(
            findings(seconds: 4000) { _, gpu in
                gpu.powerLimitMilliwatts = nil
                gpu.powerMilliwatts = 900_000
                gpu.utilizationPercent = 100
                gpu.temperatureCelsius = 50
            }.isEmpty)
    }

    @Test("Temperatures that stand still while the load does, or move by a degree, are nothing odd")
    func temperatures() {
        #expect(
            findings(seconds: 8000) { _, gpu in
                gpu.temperatureCelsius = 61
                gpu.powerMilliwatts = 650_000
            }.isEmpty)
        #expect(
            findings(seconds: 8000) { second, gpu in
                // A load that comes and goes within seconds, on a well-cooled card.
                gpu.temperatureCelsius = 45
                gpu.powerMilliwatts = second / 20 % 2 == 0 ? 100_000 : 600_000
            }.isEmpty)
        #expect(
            findings(seconds: 8000) { second, gpu in
                let isWorking = second / 100 % 2 == 0
                gpu.temperatureCelsius = isWorking && second % 100 > 30 ? 46 : 45
                gpu.powerMilliwatts = isWorking ? 600_000 : 100_000
            }.isEmpty)
    }

    @Test("Random honest machines are never accused", arguments: 1...20)
    func property(seed: UInt64) {
        var dice = Dice(seed)
        var load = 0
        var heat = 40_000
        let limit = Int.random(in: 70...1000, using: &dice) * 1000
        let idle = limit / 12
        #expect(
            findings(seconds: 20_000) { second, gpu in
                if Int.random(in: 0..<90, using: &dice) == 0 {
                    load = [0, 5, 50, 95, 100].randomElement(using: &dice)!
                }
                let power = idle + (limit - idle) * load / 100 + Int.random(in: 0...(limit / 50), using: &dice)
                // Towards 30 °C and up to 50 more, with a time constant of seconds.
                heat += (30_000 + 50_000 * power / limit - heat) / 8
                gpu.powerLimitMilliwatts = UInt32(limit)
                gpu.powerMilliwatts = UInt32(power)
                gpu.utilizationPercent = load
                gpu.temperatureCelsius = heat / 1000
                gpu.memoryUsedBytes = UInt64(load) << 29
            }.isEmpty)
    }
}
