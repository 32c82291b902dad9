import Grid
import Testing

@testable import Hub

@Suite("Verdict")
struct VerdictTests {
    func health(gpus: Int = 1, _ change: (inout NodeSample) -> Void) -> Health {
        var signals = HealthSignals()
        signals.expect(NodeSpecifications.gpus(gpus).gpus)
        var sample = NodeSample.healthy(1, at: Timestamp(milliseconds: 0), gpus: gpus)
        change(&sample)
        signals.read(sample, second: 1)
        return Verdict.explain(signals, HealthScore.of(signals, second: 1), second: 1)
    }

    @Test("Reasons are worst first, then what is unknown")
    func order() {
        let health = health {
            $0.gpus[0].temperatureCelsius = 95
            $0.gpus[0].uncorrectedErrors = 3
            $0.gpus[0].throttleReasons = nil
            $0.host.filesystemUsedPercent = 90
        }
        #expect(
            health.reasons.map(\.code) == [
                "uncorrected_memory_errors", "gpu_too_hot", "disk_full", "throttle_unknown",
            ])
        #expect(health.reasons.map(\.points) == [80, 20, 15, 0])
        #expect(health.score == 9)
    }

    @Test("Without a gate and with all known, the points are what is missing to 100")
    func sums() {
        let health = health {
            $0.gpus[0].temperatureCelsius = 95
            $0.host.filesystemUsedPercent = 90
        }
        #expect(health.score == 100 - health.reasons.reduce(0) { $0 + $1.points })
    }

    @Test("A gate shows beside a worse, decaying fault of its category")
    func hiddenGate() {
        var signals = HealthSignals()
        signals.expect(NodeSpecifications.oneGPU.gpus)
        var sample = NodeSample.healthy(1, at: Timestamp(milliseconds: 0))
        sample.gpus[0].state = .lost
        signals.read(sample, second: 1)
        sample.gpus[0].state = .driverHung
        signals.read(sample, second: 2)
        let health = Verdict.explain(signals, HealthScore.of(signals, second: 2), second: 2)
        #expect(health.score == 20)
        #expect(health.reasons.prefix(2).map(\.code) == ["driver_hung", "gpu_missing"])
    }

    @Test("A node without GPUs says so once, not for each sensor")
    func noGPUs() {
        let health = health(gpus: 0) { _ in }
        #expect(health.reasons.map(\.code) == ["gpu_unknown"])
        #expect(health.score == 33)
    }
}
