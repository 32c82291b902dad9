import CLinux
import Glibc
import Grid
import Testing

@testable import Probe

/// A supervisor with real children, driven as the agent's loop drives it.
final class Rig {
    let supervisor: NVMLSupervisor
    private var nextTick: UInt64 = 0
    private(set) var notices: [String] = []
    private var children: Set<pid_t> = []

    init(_ configuration: NVMLConfiguration) throws {
        supervisor = try NVMLSupervisor(configuration: configuration)
    }

    /// On a busy machine a supervisor stops before its child has ended. The runner's exit tests wait for any child, and
    /// would wait for ever beside one that nobody takes.
    deinit {
        for child in children where waitpid(child, nil, WNOHANG) == 0 {
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
        }
    }

    var now: UInt64 { MonotonicClock.nanoseconds() }

    struct Timeout: Error {}

    /// Runs the loop, a tick every 50 ms, until the sample of a settled round satisfies `condition`.
    @discardableResult
    func run(until condition: (NodeSample) -> Bool) throws -> NodeSample {
        let end = now + 30_000_000_000
        while now < end {
            if now >= nextTick {
                nextTick = now + 50_000_000
                supervisor.tick(now: now)
            }
            var waiting = pollfd(fd: supervisor.fileDescriptor, events: Int16(POLLIN), revents: 0)
            let due = min(nextTick, supervisor.deadline(now: now) ?? .max)
            _ = poll(&waiting, 1, Int32(clamping: (due - min(due, now)) / 1_000_000 + 1))
            supervisor.readable(now: now)
            if let child = supervisor.childProcess { children.insert(child) }
            notices += supervisor.takeNotices().map(\.message)
            guard supervisor.isSettled(now: now) || now >= nextTick else { continue }
            let sample = sample()
            if condition(sample) { return sample }
        }
        Issue.record("not within 30 s; notices \(notices), the last sample was \(sample())")
        throw Timeout()
    }

    /// Waits for the answers that are still due, without asking for more: on a busy machine ``run(until:)`` is content
    /// in the middle of a round.
    func finishRound() throws {
        let end = now + 30_000_000_000
        while supervisor.deadline(now: now) != nil {
            guard now < end else { throw Timeout() }
            var waiting = pollfd(fd: supervisor.fileDescriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, 10)
            supervisor.readable(now: now)
        }
    }

    func sample() -> NodeSample {
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 1000)
        supervisor.fill(&sample, now: now)
        return sample
    }
}

extension NVMLConfiguration {
    /// Deadlines short enough for a test and long enough for a busy machine.
    var quick: NVMLConfiguration {
        var quick = self
        quick.intervalNanoseconds = 50_000_000
        quick.staleAfterNanoseconds = 500_000_000
        quick.callDeadlineNanoseconds = 900_000_000
        quick.startDeadlineNanoseconds = 900_000_000
        quick.hungAfterNanoseconds = 2_000_000_000
        // Every round, so that no sample on the way takes what a test looks for.
        quick.processesEveryNanoseconds = 0
        quick.retryBaseNanoseconds = 300_000_000
        quick.absentRetryNanoseconds = 300_000_000
        return quick
    }
}

@Suite struct NVMLSupervisorTests {
    private func rig(_ scenario: String, library: String = FakeNVML.library) throws -> Rig {
        try Rig(FakeNVML.configuration(scenario: scenario, library: library).quick)
    }

    private func allFine(_ sample: NodeSample) -> Bool {
        sample.gpus.count == 8 && sample.gpus.allSatisfy { $0.state == .ok }
    }

    @Test func eightCardsTellPlausibleValues() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"))
        defer { rig.supervisor.stop() }
        // Each sample takes the processes with it, so they must all be in this one.
        let sample = try rig.run { sample in allFine(sample) && sample.gpus.allSatisfy { $0.processes != nil } }
        try rig.finishRound()
        #expect(sample.failures.isEmpty)
        #expect(rig.supervisor.availability == .present)
        #expect(rig.supervisor.driverVersion == "550.54.15")
        for (place, gpu) in sample.gpus.enumerated() {
            #expect(gpu.index == place)
            #expect((0...100).contains(try #require(gpu.utilizationPercent)))
            #expect(gpu.memoryTotalBytes == 85_520_809_984)
            #expect(try #require(gpu.memoryUsedBytes) < 85_520_809_984)
            #expect((25...80).contains(try #require(gpu.temperatureCelsius)))
            #expect((60_000...700_000).contains(try #require(gpu.powerMilliwatts)))
            #expect(gpu.powerLimitMilliwatts == 700_000)
            #expect(gpu.memoryClockMegahertz == 2619)
            #expect(gpu.throttleReasons == (place == 7 ? 1 : 0))
            #expect(gpu.uncorrectedErrors == 0)
            #expect(gpu.fanPercent == nil)
            #expect(gpu.processes?.map(\.pid) == (place == 7 ? [] : [Int32(4100 + place)]))
        }
        let description = try #require(rig.supervisor.descriptions.first)
        #expect(description.name == "NVIDIA H100 80GB HBM3")
        #expect(description.uuid.hasPrefix("GPU-"))
        #expect(description.pciBusID == "00000000:18:00.0")
        #expect(description.slowdownCelsius == 87)
        #expect(rig.supervisor.processorNanoseconds > 0)
        #expect(rig.supervisor.residentBytes > 1 << 19)
    }

    @Test func aHangingCallCostsOneCardOnly() throws {
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetPowerUsage 3 1 6"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = rig.supervisor.childProcess
        let stale = try rig.run { $0.gpus[3].state == .stale }
        #expect(stale.gpus[3].temperatureCelsius == nil)
        #expect(stale.gpus[3].memoryTotalBytes == 85_520_809_984)
        #expect(stale.failures.contains { $0.reason.hasPrefix("GPU 3: nvmlDeviceGetPowerUsage has not come back") })
        try rig.run { sample in
            sample.gpus[3].state == .driverHung
                && sample.gpus.allSatisfy { $0.index == 3 || $0.powerMilliwatts != nil }
        }
        #expect(rig.supervisor.childProcess != first)
        #expect(rig.notices.contains("GPU 3: nvmlDeviceGetPowerUsage does not come back"))
        // The scenario's hang ends, and a trial finds out.
        let back = try rig.run(until: allFine)
        #expect(back.gpus[3].powerMilliwatts != nil)
        #expect(back.gpus.map(\.index) == Array(0..<8))
        #expect(rig.notices.contains("GPU 3 answers again"))
    }

    @Test func aChildStuckInTheKernelIsLeftBehind() throws {
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetTemperature 6 1 6"))
        defer { rig.supervisor.stop() }
        rig.supervisor.killSignal = 0
        try rig.run(until: allFine)
        try rig.run { sample in
            sample.gpus[5].state == .ok && sample.failures.contains { $0.reason.hasSuffix("come back for 4 s") }
        }
        // The stuck one is still there, and while it is, nothing else is sent after it.
        #expect(rig.supervisor.leavingCount == 1)
        try rig.run(until: allFine)
        try rig.run { _ in rig.supervisor.leavingCount == 0 }
    }

    @Test func noMoreThanAFewChildrenAreEverStuck() throws {
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetTemperature * 1"))
        defer { rig.supervisor.stop() }
        rig.supervisor.killSignal = 0
        try rig.run(until: allFine)
        let sample = try rig.run { sample in sample.gpus.allSatisfy { $0.state == .driverHung } }
        #expect(rig.supervisor.leavingCount == NVMLConfiguration.maximumLeaving)
        #expect(rig.supervisor.childProcess == nil)
        #expect(sample.failures.contains { $0.reason.hasPrefix("nvmlDeviceGetTemperature has not come back") })
    }

    @Test func aHangInOpeningShunsThatCardAlone() throws {
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetHandleByIndex_v2 2"))
        defer { rig.supervisor.stop() }
        let sample = try rig.run { $0.gpus.count == 7 && $0.gpus.allSatisfy { $0.state == .ok } }
        #expect(sample.gpus.map(\.index) == [0, 1, 3, 4, 5, 6, 7])
        #expect(sample.failures.contains { $0.reason.hasPrefix("GPU 2: nvmlDeviceGetHandleByIndex_v2 has not come") })
    }

    @Test func aHungInitialisationIsReportedAndOvercome() throws {
        let rig = try rig(FakeNVML.scenario("hang nvmlInit_v2 - 0 3"))
        defer { rig.supervisor.stop() }
        let stuck = try rig.run { $0.failures.contains { $0.reason.hasPrefix("nvmlInit_v2 has not come back") } }
        #expect(stuck.gpus.isEmpty)
        let fine = try rig.run(until: allFine)
        #expect(fine.failures.isEmpty)
    }

    @Test func aLostCardLeavesTheOthers() throws {
        let rig = try rig(FakeNVML.scenario("lost 5 1"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let child = rig.supervisor.childProcess
        let sample = try rig.run { sample in
            sample.gpus[5].state == .lost && sample.gpus.allSatisfy { $0.index == 5 || $0.state == .ok }
        }
        #expect(sample.gpus[5].temperatureCelsius == nil)
        #expect(sample.gpus[5].uncorrectedErrors == nil)
        #expect(sample.failures.map(\.reason) == ["GPU 5: the GPU is lost"])
        #expect(rig.supervisor.childProcess == child)
        #expect(rig.supervisor.descriptions.count == 8)
    }

    @Test func whileACardIsLostTheDriverIsOpenedAnew() throws {
        var configuration = FakeNVML.configuration(scenario: FakeNVML.scenario("lost 5 1 3")).quick
        configuration.reopenNanoseconds = 500_000_000
        let rig = try Rig(configuration)
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = try #require(rig.supervisor.childProcess)
        try rig.run { sample in
            let child = rig.supervisor.childProcess
            return sample.gpus[5].state == .lost && child != nil && child != first
        }
        try rig.run(until: allFine)
    }

    @Test func withoutADriverTheGPUsAreAbsent() throws {
        let rig = try rig(FakeNVML.shipped("none"))
        defer { rig.supervisor.stop() }
        let sample = try rig.run { _ in rig.supervisor.availability != .unknown }
        #expect(rig.supervisor.availability == .absent("nvmlInit_v2: the driver is not loaded"))
        #expect(sample.gpus.isEmpty)
        #expect(sample.failures.isEmpty)
    }

    @Test func withoutALibraryTheGPUsAreAbsent() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"), library: "/nowhere/libnvidia-ml.so.1")
        defer { rig.supervisor.stop() }
        try rig.run { _ in rig.supervisor.availability != .unknown }
        guard case .absent(let reason) = rig.supervisor.availability else {
            Issue.record("\(rig.supervisor.availability)")
            return
        }
        #expect(reason.contains("/nowhere/libnvidia-ml.so.1"))
    }

    @Test func aDriverThatIsLoadedLaterIsFound() throws {
        let rig = try rig(FakeNVML.scenario("fail nvmlInit_v2 - 9 0 1"))
        defer { rig.supervisor.stop() }
        try rig.run { _ in rig.supervisor.availability != .unknown }
        #expect(rig.supervisor.availability == .absent("nvmlInit_v2: the driver is not loaded"))
        try rig.run(until: allFine)
        #expect(rig.supervisor.availability == .present)
    }

    @Test func aBrokenDriverIsAFailure() throws {
        let rig = try rig(FakeNVML.scenario("fail nvmlInit_v2 - 18"))
        defer { rig.supervisor.stop() }
        let sample = try rig.run { !$0.failures.isEmpty }
        #expect(rig.supervisor.availability == .failed("nvmlInit_v2: driver and library versions differ"))
        #expect(sample.failures.first?.collector == "gpu")
    }

    @Test func aDriverThatGoesAwayIsOpenedAnew() throws {
        let rig = try rig(FakeNVML.scenario("fail nvmlDeviceGetUtilizationRates * 1 1 1"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = rig.supervisor.childProcess
        try rig.run { $0.gpus.contains { $0.state != .ok } || rig.supervisor.childProcess != first }
        try rig.run(until: allFine)
    }

    @Test func aCallThatCrashesCostsOneCardOnly() throws {
        let rig = try rig(FakeNVML.scenario("crash nvmlDeviceGetUtilizationRates 2 1 2"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let sample = try rig.run { sample in
            sample.gpus[2].state == .stale && sample.gpus.allSatisfy { $0.index == 2 || $0.state == .ok }
        }
        #expect(
            sample.failures.contains {
                $0.reason == "GPU 2: the NVML child ended in nvmlDeviceGetUtilizationRates: signal 6"
            })
        try rig.run(until: allFine)
    }

    @Test func aChildThatIsKilledIsReplaced() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = try #require(rig.supervisor.childProcess)
        kill(first, SIGKILL)
        try rig.run { sample in
            allFine(sample) && rig.supervisor.childProcess != nil && rig.supervisor.childProcess != first
        }
        #expect(rig.notices.contains("the NVML child ended: signal 9"))
    }

    @Test func aStoppedChildIsReplaced() throws {
        var configuration = FakeNVML.configuration(scenario: FakeNVML.shipped("h100x8")).quick
        configuration.stallNanoseconds = 400_000_000
        let rig = try Rig(configuration)
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = try #require(rig.supervisor.childProcess)
        kill(first, SIGSTOP)
        try rig.run { sample in
            allFine(sample) && rig.supervisor.childProcess != nil && rig.supervisor.childProcess != first
        }
        #expect(rig.supervisor.leavingCount == 0)
    }

    @Test func sensorsThatFailAreNamedAndTheRestIsRead() throws {
        let rig = try rig(
            FakeNVML.scenario("fail nvmlDeviceGetTemperature 1 999", "fail nvmlDeviceGetPowerUsage 1 3"))
        defer { rig.supervisor.stop() }
        let sample = try rig.run(until: allFine)
        #expect(sample.gpus[1].temperatureCelsius == nil)
        #expect(sample.gpus[1].powerMilliwatts == nil)
        #expect(sample.gpus[1].utilizationPercent != nil)
        #expect(sample.failures.map(\.reason) == ["GPU 1: nvmlDeviceGetTemperature: unknown error"])
    }

    @Test func oldDriversAreReadThroughTheirOldCalls() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"), library: FakeNVML.oldLibrary)
        defer { rig.supervisor.stop() }
        // Of a tier that is read more seldom, and later in its round.
        let sample = try rig.run { allFine($0) && $0.gpus[0].processes != nil }
        #expect(sample.failures.isEmpty)
        #expect(sample.gpus[0].memoryTotalBytes == 85_520_809_984)
        #expect(sample.gpus[7].throttleReasons == 1)
        #expect(sample.gpus[0].processes?.map(\.pid) == [4100])
    }

    @Test func aMissingExecutableIsAFailure() throws {
        var configuration = FakeNVML.configuration(scenario: FakeNVML.shipped("h100x8")).quick
        configuration.executable = "/nowhere/neurogrid-agent"
        let rig = try Rig(configuration)
        defer { rig.supervisor.stop() }
        let sample = try rig.run { !$0.failures.isEmpty }
        #expect(sample.failures[0].reason.contains("No such file or directory"))
        #expect(rig.supervisor.childProcess == nil)
    }

    @Test func aChildThatEndsAtOnceIsAFailure() throws {
        var configuration = FakeNVML.configuration(scenario: FakeNVML.shipped("h100x8")).quick
        configuration.executable = "/bin/false"
        let rig = try Rig(configuration)
        defer { rig.supervisor.stop() }
        let sample = try rig.run { !$0.failures.isEmpty }
        #expect(sample.failures[0].reason == "the NVML child ended: exit status 1")
    }

    @Test func thereIsNothingToWaitForBetweenRounds() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        try rig.finishRound()
        #expect(rig.supervisor.isSettled(now: rig.now))
        var waiting = pollfd(fd: rig.supervisor.fileDescriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 0) == 0)
    }

    @Test func cardsAreIntroducedAllTogetherOrAreNone() throws {
        for (library, count) in [(FakeNVML.library, 8), ("libabsent-nvml.so", 0)] {
            let rig = try rig(FakeNVML.shipped("h100x8"), library: library)
            defer { rig.supervisor.stop() }
            #expect(!rig.supervisor.hasIntroducedGPUs, "nobody was asked yet")
            try rig.run { _ in rig.supervisor.hasIntroducedGPUs }
            #expect(rig.supervisor.descriptions.count == count)
        }
    }

    @Test func stoppingLeavesNoChildAndNoDescriptor() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"))
        try rig.run(until: allFine)
        let child = try #require(rig.supervisor.childProcess)
        rig.supervisor.stop()
        #expect(kill(child, 0) == -1)
        #expect(fcntl(rig.supervisor.fileDescriptor, F_GETFD) == -1)
    }

    @Test func theChildInheritsNothing() throws {
        // A descriptor that a careless library would leak into every child.
        let careless = open("/dev/null", O_RDONLY)
        defer { close(careless) }
        let rig = try rig(FakeNVML.shipped("h100x8"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let child = try #require(rig.supervisor.childProcess)
        #expect(try MachineRoot.live.list("/proc/\(child)/fd") == ["0", "1", "2", "3"])
    }
}
