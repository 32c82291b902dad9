import Grid
import Testing

@testable import Hub

@Suite("Health signals")
struct HealthSignalsTests {
    func signals(_ gpus: Int = 1) -> HealthSignals {
        var signals = HealthSignals()
        signals.expect(NodeSpecifications.gpus(gpus).gpus)
        return signals
    }

    func sample(_ gpus: Int = 1, _ change: (inout NodeSample) -> Void = { _ in }) -> NodeSample {
        var sample = NodeSample.healthy(1, at: Timestamp(milliseconds: 0), gpus: gpus)
        change(&sample)
        return sample
    }

    @Test("6 of the last 10 minutes with a hardware slowdown are throttling, however many readings each has")
    func throttling() {
        var signals = signals()
        for minute in UInt32(0)..<5 {
            for second in UInt32(0)..<60 {
                signals.read(sample { $0.gpus[0].throttleReasons = 0x08 }, second: 600 + minute * 60 + second)
            }
        }
        #expect(!signals.isHeld(.throttling))
        signals.read(sample { $0.gpus[0].throttleReasons = 0x80 }, second: 900)
        #expect(signals.isHeld(.throttling))
        // Ten minutes after the first of them only five are left in the window.
        signals.read(sample(), second: 600 + 600)
        #expect(!signals.isHeld(.throttling))
    }

    @Test("Idle, power caps and application clocks are no slowdown of the hardware")
    func otherReasons() {
        var signals = signals()
        for minute in UInt32(1)...20 {
            signals.read(sample { $0.gpus[0].throttleReasons = 0x01 | 0x02 | 0x04 | 0x10 | 0x100 }, second: minute * 60)
        }
        #expect(signals.everSeen == 0)
    }

    @Test("The window survives long pauses between samples")
    func pauses() {
        var signals = signals()
        for second in [UInt32(60), 4_000_000_000, 4_000_000_060] {
            signals.read(sample { $0.gpus[0].throttleReasons = 0x08 }, second: second)
            #expect(!signals.isHeld(.throttling))
        }
    }

    @Test("A GPU left out of the samples is unknown for 5 s, then missing")
    func missing() {
        var signals = signals(2)
        let without = sample(2) { $0.gpus.removeFirst() }
        for second in UInt32(10)...14 {
            signals.read(without, second: second)
            #expect(!signals.isHeld(.gpuMissing))
            #expect(signals.share(of: .presence) == 50)
        }
        signals.read(without, second: 15)
        #expect(signals.isHeld(.gpuMissing) && signals.share(of: .presence) == 100)
        signals.read(sample(2), second: 16)
        #expect(!signals.isHeld(.gpuMissing) && signals.age(of: .gpuMissing, second: 20) == 5)
    }

    @Test("GPUs are found by their index, whatever their order in the sample")
    func order() {
        var signals = signals(3)
        signals.read(sample(3) { $0.gpus.reverse() }, second: 1)
        #expect(signals.coveragePercent == 100)
    }

    @Test("A stale GPU's old readings are not believed")
    func stale() {
        var signals = signals()
        signals.read(
            sample {
                $0.gpus[0].state = .stale
                $0.gpus[0].temperatureCelsius = 120
                $0.gpus[0].uncorrectedErrors = 4
            }, second: 1)
        #expect(signals.isHeld(.gpuStale) && !signals.isHeld(.thermalExcess) && !signals.isHeld(.uncorrectedMemory))
        #expect(signals.share(of: .temperature) == 0 && signals.share(of: .presence) == 100)
    }

    @Test("Readings of the minute's tier stand for three minutes, with what they said")
    func slowReadings() {
        var signals = signals()
        signals.read(sample { $0.gpus[0].uncorrectedErrors = 2 }, second: 10)
        let without = sample {
            $0.gpus[0].uncorrectedErrors = nil
            $0.host.filesystemUsedPercent = nil
        }
        signals.read(without, second: 190)
        #expect(signals.isHeld(.uncorrectedMemory) && signals.coveragePercent == 100)
        signals.read(without, second: 191)
        #expect(!signals.isHeld(.uncorrectedMemory) && signals.share(of: .memoryErrors) == 0)
        #expect(signals.share(of: .disk) == 0)
    }

    @Test("The slowdown temperature itself is too hot; without a threshold nothing is known")
    func temperature() {
        var signals = signals()
        signals.read(sample { $0.gpus[0].temperatureCelsius = 89 }, second: 1)
        #expect(!signals.isHeld(.thermalExcess))
        signals.read(sample { $0.gpus[0].temperatureCelsius = 90 }, second: 2)
        #expect(signals.isHeld(.thermalExcess))
        var unlimited = NodeSpecifications.oneGPU.gpus
        unlimited[0].slowdownCelsius = nil
        signals.expect(unlimited)
        signals.read(sample { $0.gpus[0].temperatureCelsius = 150 }, second: 3)
        #expect(!signals.isHeld(.thermalExcess) && signals.share(of: .temperature) == 0)
    }

    @Test("Percentages that are none are unknown")
    func permille() {
        #expect(HealthSignals.permille(85) == 850)
        #expect(HealthSignals.permille(84.99) == 849)
        #expect(HealthSignals.permille(100) == 1000 && HealthSignals.permille(0) == 0)
        for nonsense in [Double.nan, .infinity, -.infinity, -0.1, 100.1] {
            #expect(HealthSignals.permille(nonsense) == nil)
        }
        #expect(HealthSignals.permille(nil) == nil)
    }
}
