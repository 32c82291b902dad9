import Grid
import Testing

@testable import Probe

@Suite struct GPUBoardTests {
    private let second: UInt64 = 1_000_000_000
    private let configuration = NVMLConfiguration()

    private func description(_ index: Int, _ uuid: String) -> GPUDescription {
        var description = GPUDescription(index: index, uuid: uuid, name: "H100", pciBusID: "")
        description.memoryTotalBytes = 80
        return description
    }

    private func board(_ count: Int) -> GPUBoard {
        var board = GPUBoard()
        for index in 0..<count { _ = board.place(description(index, "GPU-\(index)"), seenBy: 1) }
        return board
    }

    private func reading(_ index: Int, _ utilization: Int) -> GPUReading {
        var sample = GPUSample(index: index)
        sample.utilizationPercent = utilization
        return GPUReading(sample: sample)
    }

    private func fill(
        _ board: inout GPUBoard, at now: UInt64, open: [Int: CallMonitor.Open] = [:], globalSince: UInt64? = nil
    ) -> NodeSample {
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 1000)
        board.fill(
            &sample, nowNanoseconds: now, configuration: configuration, open: open, globalSinceNanoseconds: globalSince)
        return sample
    }

    @Test func readingsAreBelievedUntilTheyAreOld() {
        var board = board(1)
        board.take(reading(0, 50), at: 0, nowNanoseconds: 10 * second)
        #expect(fill(&board, at: 10 * second).gpus[0].utilizationPercent == 50)
        #expect(fill(&board, at: 12 * second + second / 2).gpus[0].state == .ok)
        let old = fill(&board, at: 13 * second).gpus[0]
        #expect(old.state == .stale)
        #expect(old.utilizationPercent == nil)
        #expect(old.memoryTotalBytes == 80)
    }

    @Test func aGPUThatNeverAnsweredIsStale() {
        var board = board(1)
        #expect(fill(&board, at: second).gpus[0].state == .stale)
    }

    @Test func hangsBecomeAHungDriverAfterTenSeconds() {
        var board = board(2)
        for place in 0...1 { board.take(reading(place, 50), at: place, nowNanoseconds: 100 * second) }
        let open = CallMonitor.Open(call: .powerUsage, gpu: 1, sinceNanoseconds: 90 * second)
        board.suffer(.hang, open, at: 1, nowNanoseconds: 92 * second, configuration: configuration)
        let early = fill(&board, at: 99 * second)
        #expect(early.gpus.map(\.state) == [.ok, .stale])
        #expect(early.failures.map(\.reason) == ["GPU 1: nvmlDeviceGetPowerUsage has not come back for 9 s"])
        #expect(fill(&board, at: 100 * second).gpus.map(\.state) == [.ok, .driverHung])
    }

    @Test func aRetryThatHangsAgainKeepsTheFirstTime() throws {
        var board = board(1)
        let first = CallMonitor.Open(call: .powerUsage, gpu: 0, sinceNanoseconds: 90 * second)
        board.suffer(.hang, first, at: 0, nowNanoseconds: 92 * second, configuration: configuration)
        #expect(board[0].trouble?.retryNanoseconds == 97 * second)
        let again = CallMonitor.Open(call: .temperature, gpu: 0, sinceNanoseconds: 97 * second)
        board.suffer(.hang, again, at: 0, nowNanoseconds: 99 * second, configuration: configuration)
        let trouble = try #require(board[0].trouble)
        #expect(trouble.sinceNanoseconds == 90 * second)
        #expect(trouble.call == .temperature)
        #expect(trouble.retryNanoseconds == 109 * second)
    }

    @Test func retriesAreNeverFurtherApartThanTheCap() {
        var board = board(1)
        for round in 0..<20 {
            let now = UInt64(round) * 100 * second
            let open = CallMonitor.Open(call: .name, gpu: 0, sinceNanoseconds: now)
            board.suffer(.hang, open, at: 0, nowNanoseconds: now, configuration: configuration)
            #expect((board[0].trouble?.retryNanoseconds ?? 0) - now <= 60 * second)
        }
    }

    @Test func troubleIsForgottenAfterTenGoodMinutes() {
        var board = board(1)
        let open = CallMonitor.Open(call: .name, gpu: 0, sinceNanoseconds: 0)
        for _ in 0..<3 { board.suffer(.hang, open, at: 0, nowNanoseconds: second, configuration: configuration) }
        board.take(reading(0, 1), at: 0, nowNanoseconds: 10 * second)
        #expect(board[0].trouble == nil)
        board.suffer(.hang, open, at: 0, nowNanoseconds: 20 * second, configuration: configuration)
        #expect(board[0].trouble?.retryNanoseconds == 60 * second)
        board.take(reading(0, 1), at: 0, nowNanoseconds: 100 * second)
        board.suffer(.hang, open, at: 0, nowNanoseconds: 800 * second, configuration: configuration)
        #expect(board[0].trouble?.retryNanoseconds == 805 * second)
    }

    @Test func aCrashIsStaleAndSaysSo() {
        var board = board(1)
        let open = CallMonitor.Open(call: .fanSpeed, gpu: 0, sinceNanoseconds: second)
        board.suffer(.crash(.signal(6)), open, at: 0, nowNanoseconds: second, configuration: configuration)
        let sample = fill(&board, at: 60 * second)
        #expect(sample.gpus[0].state == .stale)
        #expect(sample.failures.first?.reason == "GPU 0: the NVML child ended in nvmlDeviceGetFanSpeed: signal 6")
    }

    @Test func troubledGPUsAreNotAsked() {
        var board = board(3)
        #expect(board.healthyMask(gpuCount: 3, nowNanoseconds: 0) == 0b111)
        let open = CallMonitor.Open(call: .name, gpu: 1, sinceNanoseconds: 0)
        board.suffer(.hang, open, at: 1, nowNanoseconds: 0, configuration: configuration)
        #expect(board.healthyMask(gpuCount: 3, nowNanoseconds: 0) == 0b101)
        #expect(board.healthyMask(gpuCount: 64, nowNanoseconds: 0) == ~0b010)
    }

    @Test func aNamelessGPUThatHangsIsShunnedForAWhile() {
        var board = board(1)
        let open = CallMonitor.Open(call: .handle, gpu: 1, sinceNanoseconds: 2 * second)
        board.shun(driverIndex: 1, .hang, open, untilNanoseconds: 60 * second)
        #expect(board.healthyMask(gpuCount: 2, nowNanoseconds: 30 * second) == 0b01)
        #expect(
            fill(&board, at: 30 * second).failures.map(\.reason) == [
                "GPU 1: nvmlDeviceGetHandleByIndex_v2 has not come back for 28 s"
            ])
        #expect(board.healthyMask(gpuCount: 2, nowNanoseconds: 60 * second) == 0b11)
        #expect(fill(&board, at: 60 * second).failures.isEmpty)
    }

    @Test func aGPUKeepsItsPlaceWhenTheListShrinks() {
        var board = board(3)
        let revision = board.revision
        #expect(board.place(description(1, "GPU-2"), seenBy: 2) == 2)
        #expect(board[2].description.index == 2)
        #expect(board[2].driverIndex == 1)
        #expect(board.revision == revision)
    }

    @Test func aNewGPUAtATakenIndexGetsAFreeOne() throws {
        var board = board(2)
        let revision = board.revision
        let found = board.place(description(1, "GPU-new"), seenBy: 2)
        let place = try #require(found)
        #expect(board[place].description.index == 2)
        #expect(board.revision == revision + 1)
    }

    @Test func aChangedDescriptionIsARevision() {
        var board = board(1)
        let revision = board.revision
        var changed = description(0, "GPU-0")
        changed.powerLimitMilliwatts = 300_000
        _ = board.place(changed, seenBy: 1)
        #expect(board.revision == revision + 1)
        #expect(board[0].description.powerLimitMilliwatts == 300_000)
    }

    @Test func processesAreToldOnce() {
        var board = board(1)
        var sample = GPUSample(index: 0)
        sample.processes = [GPUProcess(pid: 1, memoryUsedBytes: 2)]
        board.take(GPUReading(sample: sample), at: 0, nowNanoseconds: second)
        // A faster tick before the next sample does not lose them.
        board.take(reading(0, 5), at: 0, nowNanoseconds: second)
        #expect(fill(&board, at: second).gpus[0].processes?.count == 1)
        #expect(fill(&board, at: second).gpus[0].processes == nil)
    }

    @Test func slowReadingsAreToldUntilReadAgain() {
        var board = board(1)
        var sample = GPUSample(index: 0)
        sample.fanPercent = 40
        sample.uncorrectedErrors = 3
        board.take(GPUReading(sample: sample), at: 0, nowNanoseconds: second)
        board.take(reading(0, 5), at: 0, nowNanoseconds: 2 * second)
        let gpu = fill(&board, at: 2 * second).gpus[0]
        #expect(gpu.fanPercent == 40)
        #expect(gpu.uncorrectedErrors == 3)
    }

    @Test func faultsAreFailuresAndTheReadingStands() {
        var board = board(1)
        var faulty = reading(0, 50)
        faulty.fault = .init(call: .temperature, code: 16)
        board.take(faulty, at: 0, nowNanoseconds: second)
        let sample = fill(&board, at: second)
        #expect(sample.gpus[0].utilizationPercent == 50)
        #expect(sample.failures.map(\.reason) == ["GPU 0: nvmlDeviceGetTemperature: the GPU needs a reset"])
    }

    @Test func anOpenCallMakesItsGPUStaleAtOnce() {
        var board = board(2)
        for place in 0...1 { board.take(reading(place, 50), at: place, nowNanoseconds: 10 * second) }
        let open = CallMonitor.Open(call: .utilization, gpu: 0, sinceNanoseconds: 9 * second)
        #expect(fill(&board, at: 10 * second, open: [0: open]).gpus.map(\.state) == [.stale, .ok])
    }

    @Test func aHungInitialisationHangsAll() {
        var board = board(2)
        #expect(fill(&board, at: 20 * second, globalSince: 15 * second).gpus.map(\.state) == [.stale, .stale])
        #expect(
            fill(&board, at: 25 * second, globalSince: 15 * second).gpus.map(\.state) == [.driverHung, .driverHung])
    }
}
