import Glibc
import Grid
import Testing

@testable import Probe

@Suite struct MachineSamplerTests {
    private func now() -> Now {
        Now(monotonicNanoseconds: MonotonicClock.nanoseconds(), wall: Timestamp(milliseconds: 1000))
    }

    /// One tick as the agent's loop runs it.
    private func tick(_ sampler: MachineSampler, _ sequence: UInt64) -> NodeSample {
        sampler.begin(sequence: sequence, now: now())
        while !sampler.isReady(now: now().monotonicNanoseconds) {
            var waiting = pollfd(fd: sampler.gpus.fileDescriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, 10)
            sampler.gpus.readable(now: now().monotonicNanoseconds)
        }
        return sampler.finish(now: now().monotonicNanoseconds)
    }

    @Test func oneSampleHasHostGPUsAndCost() throws {
        var configuration = FakeNVML.configuration(scenario: FakeNVML.shipped("h100x8"))
        // However slowly the cards answer here, what they answered is believed.
        configuration.graceNanoseconds = NVMLConfiguration.ample
        configuration.staleAfterNanoseconds = NVMLConfiguration.ample
        configuration.callDeadlineNanoseconds = NVMLConfiguration.ample
        configuration.stallNanoseconds = NVMLConfiguration.ample
        let sampler = try MachineSampler(nvml: configuration, monotonicNanoseconds: MonotonicClock.nanoseconds())
        defer { sampler.stop() }
        let end = MonotonicClock.nanoseconds() + 30_000_000_000
        var sequence: UInt64 = 1
        var sample = tick(sampler, sequence)
        #expect(sample.detail != nil)
        while sample.gpus.count < 8 || !sample.gpus.allSatisfy({ $0.state == .ok }) {
            try #require(MonotonicClock.nanoseconds() < end, "eight cards answer")
            sequence += 1
            sample = tick(sampler, sequence)
        }
        sample = tick(sampler, sequence + 1)
        #expect(sample.sequence == sequence + 1)
        #expect(sample.host.memoryTotalBytes != nil)
        #expect(sample.gpus.allSatisfy { $0.state == .ok })
        let cost = try #require(sample.cost)
        #expect(cost.residentBytes > ProcessCost.residentBytes() / 2)
        #expect(cost.cpuPercent >= 0)
        #expect(cost.collectMicroseconds > 0)
        let specifications = sampler.specifications
        #expect(specifications.gpus.count == 8)
        #expect(specifications.driverVersion == "550.54.15")
        #expect(specifications.cpuCores != nil)
    }

    @Test func aHangingDriverDelaysNoSample() throws {
        let sampler = try MachineSampler(
            nvml: FakeNVML.configuration(scenario: FakeNVML.scenario("hang nvmlInit_v2 -")),
            monotonicNanoseconds: MonotonicClock.nanoseconds())
        defer { sampler.stop() }
        for sequence in 1...3 {
            sampler.begin(sequence: UInt64(sequence), now: now())
            let readyBy = try #require(sampler.readyBy)
            #expect(sampler.isReady(now: readyBy))
            let sample = sampler.finish(now: readyBy)
            #expect(sample.host.load1 != nil)
            #expect(sampler.readyBy == nil)
        }
    }

    @Test func nothingBegunIsNotReady() throws {
        let sampler = try MachineSampler(
            nvml: FakeNVML.configuration(scenario: FakeNVML.shipped("none")), monotonicNanoseconds: 1)
        defer { sampler.stop() }
        #expect(!sampler.isReady(now: .max))
        #expect(sampler.readyBy == nil)
    }
}
