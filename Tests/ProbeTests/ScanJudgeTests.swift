import Grid
import Testing

@testable import Probe

@Suite struct ScanJudgeTests {
    private func codes(
        gpusOnBus: Int = 1, availability: NVMLAvailability = .present, gpus: Int = 1,
        _ change: (inout NodeSample) -> Void = { _ in }
    ) -> [String] {
        findings(gpusOnBus: gpusOnBus, availability: availability, gpus: gpus, change).map {
            "\($0.verdict.name) \($0.code)"
        }
    }

    private func findings(
        gpusOnBus: Int, availability: NVMLAvailability, gpus: Int, _ change: (inout NodeSample) -> Void
    ) -> [ScanFinding] {
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 1000)
        var specifications = NodeSpecifications()
        for index in 0..<gpus {
            var gpu = GPUSample(index: index)
            gpu.temperatureCelsius = 60
            sample.gpus.append(gpu)
            var description = GPUDescription(index: index, uuid: "\(index)", name: "", pciBusID: "")
            description.slowdownCelsius = index == 0 ? 87 : nil
            specifications.gpus.append(description)
        }
        sample.host.memoryTotalBytes = 100
        sample.host.memoryAvailableBytes = 50
        sample.host.filesystemUsedPercent = 50
        change(&sample)
        return ScanJudge(
            specifications: specifications, sample: sample, availability: availability, gpusOnBus: gpusOnBus
        ).findings()
    }

    @Test func aFineMachineHasNoFindings() { #expect(codes() == []) }

    @Test func aMachineWithoutGPUsIsHealthyAndSaysSo() {
        #expect(codes(gpusOnBus: 0, availability: .absent("x"), gpus: 0) == ["healthy driver_absent"])
    }

    @Test func cardsWithoutADriverAreUnhealthy() {
        #expect(codes(gpusOnBus: 2, availability: .absent("x"), gpus: 0) == ["unhealthy driver_absent"])
        #expect(codes(gpusOnBus: 2, availability: .failed("x"), gpus: 0) == ["unhealthy driver_failed"])
        #expect(codes(gpusOnBus: 0, availability: .unknown, gpus: 0) == ["unhealthy driver_silent"])
    }

    @Test func aCardThatTheDriverDoesNotKnowIsMissed() { #expect(codes(gpusOnBus: 2) == ["unhealthy gpu_missing"]) }

    @Test(arguments: [
        (GPUState.stale, "unhealthy gpu_stale"), (.driverHung, "unhealthy gpu_driver_hung"),
        (.lost, "unhealthy gpu_lost"),
    ])
    func aCardThatDoesNotAnswerIsUnhealthy(_ state: GPUState, _ code: String) {
        #expect(codes { $0.gpus[0].state = state } == [code])
    }

    @Test func heatIsMeasuredAgainstTheCardsOwnThreshold() {
        #expect(codes { $0.gpus[0].temperatureCelsius = 81 } == [])
        #expect(codes { $0.gpus[0].temperatureCelsius = 82 } == ["degraded gpu_hot"])
        #expect(codes { $0.gpus[0].temperatureCelsius = 87 } == ["unhealthy gpu_hot"])
        // The second card does not tell its threshold.
        #expect(codes(gpus: 2) { $0.gpus[1].temperatureCelsius = 87 } == [])
        #expect(codes(gpus: 2) { $0.gpus[1].temperatureCelsius = 95 } == ["degraded gpu_hot"])
    }

    @Test func onlyHarmfulThrottlingCounts() {
        // Idle, application clocks, software power cap, sync boost, display clocks.
        #expect(codes { $0.gpus[0].throttleReasons = 0x1 | 0x2 | 0x4 | 0x10 | 0x100 } == [])
        for bit: UInt64 in [0x08, 0x20, 0x40, 0x80] {
            #expect(codes { $0.gpus[0].throttleReasons = bit } == ["degraded gpu_throttled"])
        }
    }

    @Test func uncorrectedErrorsAreUnhealthy() {
        #expect(codes { $0.gpus[0].uncorrectedErrors = 1 } == ["unhealthy gpu_ecc"])
        #expect(codes { $0.gpus[0].uncorrectedErrors = 0 } == [])
    }

    @Test func theHostHasThresholdsToo() {
        #expect(codes { $0.host.memoryAvailableBytes = 4 } == ["degraded memory_low"])
        #expect(codes { $0.host.memoryAvailableBytes = 5 } == [])
        #expect(codes { $0.host.memoryPressurePercent = 20 } == ["degraded memory_pressure"])
        #expect(codes { $0.host.filesystemUsedPercent = 90 } == ["degraded filesystem_full"])
        #expect(codes { $0.host.filesystemUsedPercent = 98 } == ["unhealthy filesystem_full"])
    }

    @Test func failedReadingsDegrade() {
        #expect(codes { $0.failures = [ReadingFailure(collector: "x", reason: "y")] } == ["degraded reading_failed"])
    }

    @Test func theWorstComesFirst() {
        let all = codes(gpusOnBus: 1, availability: .present, gpus: 1) { sample in
            sample.failures = [ReadingFailure(collector: "x", reason: "y")]
            sample.host.memoryAvailableBytes = 1
            sample.gpus[0].state = .lost
        }
        #expect(all == ["unhealthy gpu_lost", "degraded memory_low", "degraded reading_failed"])
    }
}
