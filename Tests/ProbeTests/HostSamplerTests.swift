import Grid
import Testing

@testable import Probe

@Suite struct HostSamplerTests {
    private func now(_ seconds: Double) -> Now {
        Now(monotonicNanoseconds: UInt64(seconds * 1e9), wall: Timestamp(milliseconds: Int64(seconds * 1000)))
    }

    @Test func theDetailComesFirstAndEveryTenth() {
        let sampler = HostSampler(root: Machine.captured)
        defer { sampler.close() }
        sampler.prime(monotonicNanoseconds: 1)
        let withDetail = (1...21).filter { sampler.sample(sequence: UInt64($0), now: now(Double($0))).detail != nil }
        #expect(withDetail == [1, 11, 21])
    }

    @Test func theIntervalIsTheTimeSinceThePreviousSample() {
        let sampler = HostSampler(root: Machine.captured)
        defer { sampler.close() }
        let intervals = [10, 11, 13.5, 13.5].map { sampler.sample(sequence: 1, now: now($0)).intervalMilliseconds }
        #expect(intervals == [0, 1000, 2500, 0])
    }

    @Test func sequenceAndTimeAreTheCallers() {
        let sampler = HostSampler(root: Machine.captured)
        defer { sampler.close() }
        let sample = sampler.sample(sequence: 77, now: now(5))
        #expect(sample.sequence == 77)
        #expect(sample.takenAt.milliseconds == 5000)
    }

    @Test func aMachineWithNothingStillGivesASample() {
        let sampler = HostSampler(root: Machine().root)
        defer { sampler.close() }
        let sample = sampler.sample(sequence: 1, now: now(1))
        // Absent things are silent; what every Linux has is missed by name.
        #expect(sample.failures.map(\.collector) == ["host_cpu", "host_load", "host_memory", "host_uptime"])
        #expect(sample.failures.first?.reason == "/proc/stat: No such file or directory")
        #expect(sample.host == HostSample())
    }

    @Test func aFailureIsCountedAndTheOthersGoOn() throws {
        let machine = Machine()
        machine.set("/proc/loadavg", "1.00 2.00 3.00 1/2 3\n")
        machine.set("/proc/meminfo/x", "")
        let sampler = HostSampler(root: machine.root)
        defer { sampler.close() }
        for second in 1...3 {
            let sample = sampler.sample(sequence: UInt64(second), now: now(Double(second)))
            #expect(sample.host.load1 == 1)
            #expect(sample.failures.contains { $0.reason == "/proc/meminfo: Is a directory" })
        }
        let memory = try #require(sampler.costs.first { $0.name == "host_memory" })
        let load = try #require(sampler.costs.first { $0.name == "host_load" })
        #expect(memory.failures == 3)
        #expect(load.failures == 0)
        #expect(load.longestNanoseconds >= load.lastNanoseconds)
        #expect(load.lastNanoseconds > 0)
        #expect(sampler.lastNanoseconds >= load.lastNanoseconds)
    }

    @Test func failuresAreBounded() {
        let broken = (0..<100).map { _ in BrokenCollector() }
        let sampler = HostSampler(root: Machine.captured, collectors: broken)
        #expect(sampler.sample(sequence: 1, now: now(1)).failures.count == Limits.collectorFailuresPerSample)
        sampler.close()
        #expect(broken.filter { !$0.isClosed }.isEmpty)
    }

    private final class BrokenCollector: Collector {
        let name: StaticString = "broken"
        var isClosed = false
        func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading { .failed("broken") }
        func close() { isClosed = true }
    }

    @Test func collectorNamesAreDistinct() {
        let names = Collectors.host(of: .live).map { $0.name.description }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("host_") })
    }
}
