import Grid
import Testing

@testable import Hub

@Suite("Health score")
struct HealthScoreTests {
    static let day: UInt32 = 24 * 3600

    /// The score after these samples, `seconds` later without a further one.
    func score(
        _ samples: [(second: UInt32, change: (inout NodeSample) -> Void)], gpus: Int = 1, at second: UInt32
    ) -> HealthScore {
        HealthScore.of(signals(samples, gpus: gpus), second: second)
    }

    func signals(
        _ samples: [(second: UInt32, change: (inout NodeSample) -> Void)], gpus: Int = 1
    ) -> HealthSignals {
        var signals = HealthSignals()
        signals.expect(NodeSpecifications.gpus(gpus).gpus)
        for (second, change) in samples {
            var sample = NodeSample.healthy(1, at: Timestamp(milliseconds: 0), gpus: gpus)
            change(&sample)
            signals.read(sample, second: second)
        }
        return signals
    }

    @Test("A node that tells everything and has nothing wrong scores 100")
    func healthy() {
        #expect(score([(1, { _ in })], gpus: 8, at: 1) == HealthScore(score: 100, coveragePercent: 100))
    }

    @Test("Nothing known is no score")
    func nothing() {
        #expect(HealthScore.of(HealthSignals(), second: 1) == .unknown)
    }

    @Test("Points halve with the half-life: 15 of a full disk are 7.5 after 6 h, 3.75 after 12 h")
    func decay() {
        let full: (inout NodeSample) -> Void = { $0.host.filesystemUsedPercent = 85 }
        let empty: (inout NodeSample) -> Void = { $0.host.filesystemUsedPercent = 10 }
        #expect(score([(1, full)], at: 1).score == 85)
        #expect(score([(1, full), (1 + 6 * 3600, empty)], at: 1 + 6 * 3600).score == 93)
        #expect(score([(1, full), (1 + 12 * 3600, empty)], at: 1 + 12 * 3600).score == 96)
        #expect(score([(1, full), (1 + 10 * Self.day, empty)], at: 1 + 10 * Self.day).score == 100)
    }

    @Test("Of one category only the worst counts, different ones add up")
    func categories() {
        let hot: (inout NodeSample) -> Void = { $0.gpus[0].temperatureCelsius = 90 }
        let throttled: (inout NodeSample) -> Void = { $0.gpus[0].throttleReasons = 0x40 }
        var samples: [(UInt32, (inout NodeSample) -> Void)] = (0..<10).map { (60 * $0 + 1, throttled) }
        samples.append(
            (
                600,
                {
                    throttled(&$0)
                    hot(&$0)
                }
            ))
        #expect(score(samples, at: 600).score == 80)
        samples.append(
            (
                601,
                {
                    throttled(&$0)
                    hot(&$0)
                    $0.host.filesystemUsedPercent = 99
                }
            ))
        #expect(score(samples, at: 601).score == 65)
    }

    @Test("A gate caps at 20 while it lasts; what remains then is the hazard of a relapse")
    func gates() {
        let errors: (inout NodeSample) -> Void = { $0.gpus[0].uncorrectedErrors = 1 }
        #expect(score([(1, errors)], at: 1).score == 20)
        #expect(score([(1, errors), (2, { _ in })], at: 2).score == 44)
        let month = 30 * Self.day
        #expect(score([(1, errors), (1 + month, { _ in })], at: 1 + month).score == 72)

        let lost: (inout NodeSample) -> Void = { $0.gpus[0].state = .lost }
        #expect(score([(1, lost)], at: 1).score == 20)
        #expect(score([(1, lost), (2, { _ in })], at: 2).score == 50)

        let hung: (inout NodeSample) -> Void = { $0.gpus[0].state = .driverHung }
        #expect(score([(1, hung)], at: 1).score == 20)
        #expect(score([(1, hung), (2, { _ in })], at: 2).score == 85)
    }

    @Test("The score never exceeds the coverage: what is unknown is not healthy")
    func coverage() {
        let noErrors: (inout NodeSample) -> Void = { $0.gpus[0].uncorrectedErrors = nil }
        #expect(score([(1, noErrors)], at: 1) == HealthScore(score: 83, coveragePercent: 83))
        let silent = score([(1, { $0.gpus = [] })], at: 1)
        #expect(silent.coveragePercent == 33 && silent.score == 33)
        let noGPUs = score([(1, { _ in })], gpus: 0, at: 1)
        #expect(noGPUs == HealthScore(score: 33, coveragePercent: 33))
        // One unread GPU of eight already keeps a node from 100.
        let one: (inout NodeSample) -> Void = { $0.gpus[3].temperatureCelsius = nil }
        #expect(score([(1, one)], gpus: 8, at: 1).score == 97)
    }

    @Test("Random samples: 0 to 100, never above the coverage, and a gate holds it at 20")
    func bounds() {
        var dice = Dice(8)
        for _ in 0..<2000 {
            let gpus = Int.random(in: 0...8, using: &dice)
            var signals = HealthSignals()
            signals.expect(NodeSpecifications.gpus(gpus).gpus)
            var second = UInt32(1)
            for _ in 0..<Int.random(in: 1...12, using: &dice) {
                second += UInt32.random(in: 0..<100_000, using: &dice)
                signals.read(.random(gpus: gpus, &dice), second: second)
                let score = HealthScore.of(signals, second: second)
                #expect((0...100).contains(score.coveragePercent))
                if let points = score.score {
                    #expect((0...100).contains(points) && points <= score.coveragePercent)
                    if signals.isHeld(.uncorrectedMemory) || signals.isHeld(.gpuMissing) { #expect(points <= 20) }
                }
                let health = Verdict.explain(signals, score, second: second)
                #expect(health.reasons.map(\.points) == health.reasons.map(\.points).sorted(by: >))
                #expect(score.coveragePercent == 100 || !health.reasons.isEmpty)
            }
        }
    }
}

extension NodeSample {
    /// Anything an agent might send, sensible or not.
    static func random(gpus: Int, _ dice: inout Dice) -> NodeSample {
        func maybe<Value>(_ value: Value, _ dice: inout Dice) -> Value? {
            Int.random(in: 0..<4, using: &dice) == 0 ? nil : value
        }
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 1000)
        sample.host.filesystemUsedPercent = maybe(
            [0, 50, 84.9, 85, 100, -1, 101, .nan, .infinity].randomElement(using: &dice) ?? 0, &dice)
        sample.gpus = (0..<gpus).compactMap { index in
            guard Int.random(in: 0..<10, using: &dice) > 0 else { return nil }
            var gpu = GPUSample(index: index)
            gpu.state = GPUState.allCases.randomElement(using: &dice) ?? .ok
            gpu.temperatureCelsius = maybe(Int.random(in: -300...300, using: &dice), &dice)
            gpu.throttleReasons = maybe(UInt64.random(in: 0...UInt64.max, using: &dice), &dice)
            gpu.uncorrectedErrors = maybe(UInt64.random(in: 0...1, using: &dice), &dice)
            return gpu
        }
        if Int.random(in: 0..<3, using: &dice) == 0 { sample.gpus.shuffle(using: &dice) }
        return sample
    }
}
