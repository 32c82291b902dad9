import CLinux
import Glibc
import Grid
import Testing

@testable import Probe

@Suite struct NVMLSupervisorTests {
    private func rig(
        _ scenario: String, library: String = FakeNVML.library, clock: ScenarioClock? = nil
    ) throws -> Rig {
        try Rig(FakeNVML.configuration(scenario: scenario, library: library, clock: clock).quick)
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
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetPowerUsage 3 0 600"), clock: clock)
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = rig.supervisor.childProcess
        // Hung no sooner than it was seen as stale, however long that takes here.
        rig.supervisor.configuration.hungAfterNanoseconds = .max
        rig.supervisor.configuration.callDeadlineNanoseconds = 1_500_000_000
        clock.start()
        let stale = try rig.run { sample in
            sample.gpus[3].state == .stale
                && sample.failures.contains { $0.reason.hasPrefix("GPU 3: nvmlDeviceGetPowerUsage has not come back") }
        }
        #expect(stale.gpus[3].temperatureCelsius == nil)
        #expect(stale.gpus[3].memoryTotalBytes == 85_520_809_984)
        rig.supervisor.configuration.hungAfterNanoseconds = 2_000_000_000
        try rig.run { sample in
            sample.gpus[3].state == .driverHung
                && sample.gpus.allSatisfy { $0.index == 3 || $0.powerMilliwatts != nil }
                && rig.notices.contains("GPU 3: nvmlDeviceGetPowerUsage does not come back")
        }
        #expect(rig.supervisor.childProcess != first)
        // The scenario's hang ends, and a trial finds out.
        rig.supervisor.configuration.callDeadlineNanoseconds = NVMLConfiguration.ample
        try clock.passAnHour()
        let back = try rig.run(until: allFine)
        #expect(back.gpus[3].powerMilliwatts != nil)
        #expect(back.gpus.map(\.index) == Array(0..<8))
        #expect(rig.notices.contains("GPU 3 answers again"))
    }

    @Test func aChildStuckInTheKernelIsLeftBehind() throws {
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetTemperature 6 0 600"), clock: clock)
        defer { rig.supervisor.stop() }
        rig.supervisor.killSignal = 0
        try rig.run(until: allFine)
        rig.supervisor.configuration.callDeadlineNanoseconds = 1_200_000_000
        clock.start()
        // The stuck one is still there, and while it is, nothing else is sent after it: a trial, at a retry's usual
        // times, would be stuck as well by now.
        try rig.run { sample in
            sample.gpus[5].state == .ok && secondsStuck(sample) ?? 0 >= 4
                && rig.supervisor.leavingCount == 1 && rig.supervisor.trial == nil
        }
        rig.supervisor.configuration.callDeadlineNanoseconds = NVMLConfiguration.ample
        try clock.passAnHour()
        try rig.run(until: allFine)
        try rig.run { _ in rig.supervisor.leavingCount == 0 }
    }

    /// For how long GPU 6 does not tell its temperature, as the sample says.
    private func secondsStuck(_ sample: NodeSample) -> Int? {
        let beginning = "GPU 6: nvmlDeviceGetTemperature has not come back for "
        let reason = sample.failures.map(\.reason).first { $0.hasPrefix(beginning) && $0.hasSuffix(" s") }
        return reason.flatMap { Int($0.dropFirst(beginning.count).dropLast(2)) }
    }

    @Test func noMoreThanAFewChildrenAreEverStuck() throws {
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetTemperature * 0"), clock: clock)
        defer { rig.supervisor.stop() }
        rig.supervisor.killSignal = 0
        try rig.run(until: allFine)
        rig.supervisor.configuration.callDeadlineNanoseconds = 900_000_000
        clock.start()
        let sample = try rig.run { sample in sample.gpus.allSatisfy { $0.state == .driverHung } }
        #expect(rig.supervisor.leavingCount == NVMLConfiguration.maximumLeaving)
        #expect(rig.supervisor.childProcess == nil)
        #expect(sample.failures.contains { $0.reason.hasPrefix("nvmlDeviceGetTemperature has not come back") })
    }

    @Test func aHangInOpeningShunsThatCardAlone() throws {
        let rig = try rig(FakeNVML.scenario("hang nvmlDeviceGetHandleByIndex_v2 2"))
        defer { rig.supervisor.stop() }
        rig.supervisor.configuration.startDeadlineNanoseconds = 1_500_000_000
        // As long as it is not tried again.
        rig.supervisor.configuration.retryCapNanoseconds = 600_000_000_000
        try rig.run { _ in rig.notices.contains("GPU 2: nvmlDeviceGetHandleByIndex_v2 does not come back") }
        rig.supervisor.configuration.startDeadlineNanoseconds = NVMLConfiguration.ample
        let sample = try rig.run { $0.gpus.count == 7 && $0.gpus.allSatisfy { $0.state == .ok } }
        #expect(sample.gpus.map(\.index) == [0, 1, 3, 4, 5, 6, 7])
        #expect(sample.failures.contains { $0.reason.hasPrefix("GPU 2: nvmlDeviceGetHandleByIndex_v2 has not come") })
    }

    @Test func aHungInitialisationIsReportedAndOvercome() throws {
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("hang nvmlInit_v2 - -1 1"), clock: clock)
        defer { rig.supervisor.stop() }
        rig.supervisor.configuration.startDeadlineNanoseconds = 1_500_000_000
        let stuck = try rig.run { $0.failures.contains { $0.reason.hasPrefix("nvmlInit_v2 has not come back") } }
        #expect(stuck.gpus.isEmpty)
        try rig.run { _ in rig.notices.contains("nvmlInit_v2 does not come back") }
        rig.supervisor.configuration.startDeadlineNanoseconds = NVMLConfiguration.ample
        clock.start()
        let fine = try rig.run(until: allFine)
        #expect(fine.failures.isEmpty)
    }

    @Test func aLostCardLeavesTheOthers() throws {
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("lost 5 0"), clock: clock)
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let child = rig.supervisor.childProcess
        clock.start()
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
        let clock = ScenarioClock()
        let scenario = FakeNVML.scenario("lost 5 0 600")
        var configuration = FakeNVML.configuration(scenario: scenario, clock: clock).quick
        configuration.reopenNanoseconds = 500_000_000
        let rig = try Rig(configuration)
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = try #require(rig.supervisor.childProcess)
        clock.start()
        try rig.run { sample in
            let child = rig.supervisor.childProcess
            return sample.gpus[5].state == .lost && child != nil && child != first
        }
        try clock.passAnHour()
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
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("fail nvmlInit_v2 - 9 -1 1"), clock: clock)
        defer { rig.supervisor.stop() }
        try rig.run { _ in rig.supervisor.availability != .unknown }
        #expect(rig.supervisor.availability == .absent("nvmlInit_v2: the driver is not loaded"))
        clock.start()
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
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("fail nvmlDeviceGetUtilizationRates * 1 0 600"), clock: clock)
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = rig.supervisor.childProcess
        clock.start()
        try rig.run { _ in rig.notices.contains("the NVML child ended: exit status 75") }
        try clock.passAnHour()
        try rig.run { allFine($0) && rig.hasRead(after: first) }
    }

    @Test func aCallThatCrashesCostsOneCardOnly() throws {
        let clock = ScenarioClock()
        let rig = try rig(FakeNVML.scenario("crash nvmlDeviceGetUtilizationRates 2 0 600"), clock: clock)
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        clock.start()
        let reason = "GPU 2: the NVML child ended in nvmlDeviceGetUtilizationRates: signal 6"
        try rig.run { sample in
            sample.gpus[2].state == .stale && sample.gpus.allSatisfy { $0.index == 2 || $0.state == .ok }
                && sample.failures.contains { $0.reason == reason }
        }
        try clock.passAnHour()
        try rig.run(until: allFine)
    }

    @Test func aChildThatIsKilledIsReplaced() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = try #require(rig.supervisor.childProcess)
        // In a call, its end would be blamed on a GPU.
        try rig.finishRound()
        kill(first, SIGKILL)
        try rig.run { allFine($0) && rig.hasRead(after: first) }
        #expect(rig.notices.contains("the NVML child ended: signal 9"))
    }

    @Test func aStoppedChildIsReplaced() throws {
        let rig = try rig(FakeNVML.shipped("h100x8"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let first = try #require(rig.supervisor.childProcess)
        // In a call, it would be that call which does not come back.
        try rig.finishRound()
        kill(first, SIGSTOP)
        rig.supervisor.configuration.stallNanoseconds = 400_000_000
        try rig.run { _ in rig.supervisor.childProcess != first }
        rig.supervisor.configuration.stallNanoseconds = NVMLConfiguration.ample
        try rig.run { allFine($0) && rig.hasRead(after: first) }
        try rig.run { _ in rig.supervisor.leavingCount == 0 }
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
        let watch = clinux_pidfd_open(child)
        try #require(watch >= 0)
        defer { close(watch) }
        // A closed descriptor's number may be another's at once. What tells ours from any other is that it watches
        // this pipe, which never becomes readable.
        let descriptor = rig.supervisor.fileDescriptor
        var pipe: [Int32] = [-1, -1]
        try #require(clinux_pipe(&pipe) == 0)
        defer { for end in pipe { close(end) } }
        var event = epoll_event()
        try #require(epoll_ctl(descriptor, EPOLL_CTL_ADD, pipe[0], &event) == 0)

        let before = rig.now
        rig.supervisor.stop()
        let took = rig.now - before
        #expect(epoll_ctl(descriptor, EPOLL_CTL_DEL, pipe[0], &event) == -1)
        var waiting = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 30_000) == 1)
        // Whoever stops waits a tenth of a second for the child's end. Back sooner it has seen that, and reaped it;
        // later it may have left it to the kernel, and thereby to us.
        let reaped = waitpid(child, nil, WNOHANG)
        #expect(reaped == -1 || took >= 100_000_000)
    }

    @Test func theChildInheritsNothing() throws {
        // A descriptor that a careless library would leak into every child.
        let careless = open("/dev/null", O_RDONLY)
        defer { close(careless) }
        let rig = try rig(FakeNVML.shipped("h100x8"))
        defer { rig.supervisor.stop() }
        try rig.run(until: allFine)
        let child = try #require(rig.supervisor.childProcess)
        // In a call it may have a file open.
        try rig.finishRound()
        #expect(try MachineRoot.live.list("/proc/\(child)/fd") == ["0", "1", "2", "3"])
    }
}
