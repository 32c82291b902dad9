import CLinux
import Glibc
public import Grid

/// Keeps the NVML child alive, asks it once a tick without ever waiting, and tells what it answered in time.
///
/// One child reads all GPUs. A call that does not come back costs that child its life (or, stuck in the kernel, its
/// place), the GPU is set aside, and a fresh child goes on with the others at once; a trial child looks now and then
/// whether the GPU answers again. Nothing here blocks: the owner calls ``tick(now:)`` once an interval,
/// ``readable(now:)`` when ``fileDescriptor`` is readable or ``deadline(now:)`` has come, and ``fill(_:now:)`` when
/// the sample goes out.
///
/// Not `Sendable`. Children die with the thread that started them, so that thread must live as long as the agent.
public final class NVMLSupervisor {
    /// An epoll descriptor over all that concerns the children; level-triggered, the same for the supervisor's life.
    public let fileDescriptor: Int32
    /// Whether there is a driver, as last heard.
    public private(set) var availability = NVMLAvailability.unknown
    /// The driver's version; `nil` until it told.
    public private(set) var driverVersion: String?
    /// May change while running, as when the coordinator asks for fewer samples.
    public var configuration: NVMLConfiguration

    private var board = GPUBoard()
    /// Reads every GPU that answers.
    private var main: NVMLWorker?
    /// Tries one that did not.
    private var trial: NVMLWorker?
    /// Let go, and not ended yet.
    private var leaving: [NVMLWorker] = []
    private var workerCount: UInt32 = 0
    private var round: UInt32 = 0
    /// This round's question has not been put yet.
    private var isRoundWanted = false
    /// When the main child may be started.
    private var startNanoseconds: UInt64 = 0
    private var restarts = 0
    private var processesReadNanoseconds: UInt64?
    private var errorsReadNanoseconds: UInt64?
    /// A call for all GPUs that did not come back, until some child says hello.
    private var globalHang: CallMonitor.Open?
    private var endedProcessorNanoseconds: UInt64 = 0
    private var notices: [NVMLNotice] = []
    private var packet = PacketWriter(capacity: 64)
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: NVMLMessage.maximumBytes, alignment: 8)
    /// What a stuck child is sent; tests leave it alive with 0, as the kernel does with one stuck in the driver.
    var killSignal = SIGKILL

    /// Starts nothing yet: the first ``tick(now:)`` does.
    public init(configuration: NVMLConfiguration = NVMLConfiguration()) throws(FileFault) {
        self.configuration = configuration
        fileDescriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard fileDescriptor >= 0 else { throw FileFault(number: errno, path: "epoll_create1") }
    }

    deinit { room.deallocate() }

    /// A new round: asks every GPU that answers, tries one that did not, and sees to the children.
    public func tick(now: UInt64) {
        round &+= 1
        isRoundWanted = true
        readable(now: now)
        reopenIfLost(now)
        startWhereNeeded(now)
        askMain(now)
    }

    /// Takes in what the children said and looks at their deadlines. Cheap when there is nothing.
    public func readable(now: UInt64) {
        for case let worker? in [main, trial] { drain(worker, now) }
        reap(now)
        for case let worker? in [main, trial] { check(worker, now) }
    }

    /// When ``readable(now:)`` should be called at the latest; `nil` while nothing is awaited.
    public func deadline(now: UInt64) -> UInt64? {
        var earliest: UInt64?
        for case let worker? in [main, trial] where worker.isAwaited {
            var due = now &+ configuration.callDeadlineNanoseconds / 2
            if let open = worker.openCall { due = min(due, open.sinceNanoseconds &+ patience(open.call)) }
            earliest = min(earliest ?? .max, max(due, now &+ 1_000_000))
        }
        return earliest
    }

    /// Whether waiting any longer for this round is idle: all have answered, or will not in time.
    public func isSettled(now: UInt64) -> Bool {
        guard let main else { return true }
        switch main.phase {
        case .idle, .ending: return true
        case .starting: return now &- main.startedNanoseconds > configuration.staleAfterNanoseconds
        case .asked(let request, _): return request != round
        }
    }

    /// Adds each known GPU, and what is wrong with it, to a sample.
    public func fill(_ sample: inout NodeSample, now: UInt64) {
        var open: [Int: CallMonitor.Open] = [:]
        var global = globalHang
        for case let worker? in [main, trial] {
            guard let call = worker.openCall,
                elapsed(call.sinceNanoseconds, now) >= configuration.staleAfterNanoseconds
            else { continue }
            if call.gpu == nil {
                global = global ?? call
            } else if let place = stuckPlace(call, in: worker) {
                open[place] = call
            }
        }
        if let global {
            let seconds = elapsed(global.sinceNanoseconds, now) / 1_000_000_000
            sample.fail("\(global.call.symbol) has not come back for \(seconds) s")
        }
        switch availability {
        case .failed(let reason): sample.fail(reason)
        case .absent(let reason) where !board.entries.isEmpty: sample.fail("the driver is gone: \(reason)")
        case .absent, .present, .unknown: break
        }
        board.fill(
            &sample, nowNanoseconds: now, configuration: configuration, open: open,
            globalSinceNanoseconds: global?.sinceNanoseconds)
    }

    /// The GPUs known so far, in the order in which samples list them.
    public var descriptions: [GPUDescription] { board.entries.map(\.description) }

    /// Rises whenever ``descriptions`` changes.
    public var revision: Int { board.revision }

    /// Processor time of all children so far.
    public var processorNanoseconds: UInt64 {
        endedProcessorNanoseconds &+ (main?.done.processorNanoseconds ?? 0) &+ (trial?.done.processorNanoseconds ?? 0)
    }

    /// Resident memory of the children that answer, as they last told.
    public var residentBytes: UInt64 { (main?.done.residentBytes ?? 0) &+ (trial?.done.residentBytes ?? 0) }

    /// How long the latest complete round took in the child.
    public var lastRoundNanoseconds: UInt64 { main?.done.elapsedNanoseconds ?? 0 }

    /// The child that reads the GPUs at present, for the log and for tests.
    public var childProcess: Int32? { main?.pid }

    /// Children that were let go and have not ended, as those stuck in the driver.
    public var leavingCount: Int { leaving.count }

    /// What happened since the last call, for the log.
    public func takeNotices() -> [NVMLNotice] {
        defer { notices.removeAll() }
        return notices
    }

    /// Ends the children and gives every descriptor back. One stuck in the driver is left to the kernel.
    public func stop() {
        for case let worker? in [main, trial] { letGo(worker, signal: SIGKILL) }
        for worker in leaving {
            var waiting = pollfd(fd: worker.processDescriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, 100)
            _ = worker.ended()
            worker.release()
        }
        leaving.removeAll()
        close(fileDescriptor)
    }
}

// MARK: Starting and asking

extension NVMLSupervisor {
    private func startWhereNeeded(_ now: UInt64) {
        guard leaving.count < NVMLConfiguration.maximumLeaving else { return }
        if main == nil, now >= startNanoseconds { main = start(trialPlace: nil, now) }
        guard trial == nil, case .idle? = main?.phase else { return }
        for place in board.entries.indices {
            guard let trouble = board[place].trouble, trouble.retryNanoseconds <= now else { continue }
            // While the stuck child is still stuck, so would be its successor.
            let isStuck = leaving.contains { worker in
                worker.lastOpen.flatMap { stuckPlace($0, in: worker) } == place
            }
            if isStuck { continue }
            trial = start(trialPlace: place, now)
            return
        }
    }

    private func start(trialPlace: Int?, _ now: UInt64) -> NVMLWorker? {
        workerCount &+= 1
        do throws(NVMLWorker.StartFault) {
            let worker = try NVMLWorker(
                number: workerCount, configuration: configuration, trialPlace: trialPlace, nowNanoseconds: now)
            watch(worker.socket)
            watch(worker.processDescriptor)
            return worker
        } catch {
            let reason = "the NVML child cannot be started: \(error.reason)"
            note(reason, isWarning: true)
            if let trialPlace {
                board.postpone(trialPlace, until: now &+ configuration.retryCapNanoseconds)
            } else {
                availability = .failed(reason)
                startNanoseconds = now &+ restartDelay()
            }
            return nil
        }
    }

    private func askMain(_ now: UInt64) {
        guard isRoundWanted, let main, case .idle = main.phase else { return }
        isRoundWanted = false
        let mask = board.healthyMask(gpuCount: main.gpuCount, nowNanoseconds: now)
        guard mask != 0 else { return }
        let wantsProcesses = isDue(processesReadNanoseconds, configuration.processesEveryNanoseconds, now)
        let wantsErrors = isDue(errorsReadNanoseconds, configuration.errorsEveryNanoseconds, now)
        let request = NVMLRequest(
            number: round, gpus: mask, wantsProcesses: wantsProcesses, wantsErrors: wantsErrors)
        guard main.ask(request, &packet, nowNanoseconds: now) else { return }
        if wantsProcesses { processesReadNanoseconds = now }
        if wantsErrors { errorsReadNanoseconds = now }
    }

    private func isDue(_ last: UInt64?, _ period: UInt64, _ now: UInt64) -> Bool {
        // Ticks come a little early or late; a tenth of a second must not cost a whole interval.
        last.map { elapsed($0, now) &+ 100_000_000 >= period } ?? true
    }

    private func reopenIfLost(_ now: UInt64) {
        guard let main, case .idle = main.phase, board.entries.contains(where: \.isLost),
            elapsed(main.startedNanoseconds, now) >= configuration.reopenNanoseconds
        else { return }
        letGo(main, signal: 0)
        startNanoseconds = now
    }

    private func restartDelay() -> UInt64 {
        defer { restarts += 1 }
        return min(configuration.restartBaseNanoseconds << UInt64(min(restarts, 16)), configuration.retryCapNanoseconds)
    }

    private func watch(_ descriptor: Int32) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = descriptor
        let result = epoll_ctl(fileDescriptor, EPOLL_CTL_ADD, descriptor, &event)
        precondition(result == 0, "a fresh descriptor can be watched")
    }
}

// MARK: Hearing

extension NVMLSupervisor {
    private func drain(_ worker: NVMLWorker, _ now: UInt64) {
        while true {
            switch worker.receive(room) {
            case .nothing: return
            case .answer(let answer): take(answer, from: worker, now)
            case .malformed, .end:
                // Its process descriptor tells the rest, once it has ended.
                worker.closeSocket()
                kill(worker.pid, SIGKILL)
                return
            }
        }
    }

    private func take(_ answer: NVMLAnswer, from worker: NVMLWorker, _ now: UInt64) {
        switch answer {
        case .hello(let gpuCount, let version):
            worker.gpuCount = gpuCount
            worker.phase = .idle
            globalHang = nil
            if worker === main { greetMain(version, now) } else { greetTrial(worker, now) }
        case .unavailable(let isFailure, let reason):
            worker.toldUnavailable = true
            guard worker === main else { return }
            globalHang = nil
            let news: NVMLAvailability = isFailure ? .failed(reason) : .absent(reason)
            if news != availability { note(reason, isWarning: isFailure) }
            availability = news
        case .description(let description):
            if let place = board.place(description, seenBy: worker.number) { worker.places[description.index] = place }
        case .reading(let reading):
            take(reading, from: worker, now)
        case .done(let done):
            worker.done = done
            worker.phase = .idle
            if worker === main {
                board.loseUnseen(by: worker)
            } else if let place = worker.trialPlace {
                if board[place].trouble != nil { board.lose(place) }
                letGo(worker, signal: 0)
            }
        }
    }

    private func take(_ reading: GPUReading, from worker: NVMLWorker, _ now: UInt64) {
        let index = reading.sample.index
        guard let place = worker.places[index] ?? board.place(ofDriverIndex: index) else {
            board.takeUnnamed(reading)
            return
        }
        if board[place].trouble != nil {
            note("GPU \(board[place].description.index) answers again", isWarning: false)
        } else if reading.sample.state == .lost, !board[place].isLost {
            note("GPU \(board[place].description.index) is lost", isWarning: true)
        }
        board[place].seenBy = worker.number
        board.take(reading, at: place, nowNanoseconds: now)
    }

    private func greetMain(_ version: String, _ now: UInt64) {
        if availability != .present { note("NVIDIA driver \(version)", isWarning: false) }
        availability = .present
        if !version.isEmpty { driverVersion = version }
        askMain(now)
    }

    private func greetTrial(_ worker: NVMLWorker, _ now: UInt64) {
        guard let place = worker.trialPlace else { return }
        let request = NVMLRequest(
            number: round, gpus: 1 << UInt64(board[place].driverIndex), wantsProcesses: true, wantsErrors: true)
        _ = worker.ask(request, &packet, nowNanoseconds: now)
    }

    /// The place of the GPU that a call concerns; before its description, by where the driver listed it.
    private func stuckPlace(_ open: CallMonitor.Open, in worker: NVMLWorker) -> Int? {
        open.gpu.flatMap { worker.places[$0] ?? board.place(ofDriverIndex: $0) }
    }

    private func note(_ message: String, isWarning: Bool) {
        guard notices.count < NVMLNotice.maximumKept else { return }
        notices.append(NVMLNotice(isWarning: isWarning, message: message))
    }
}

// MARK: Ends

extension NVMLSupervisor {
    private func elapsed(_ since: UInt64, _ now: UInt64) -> UInt64 { now &- min(since, now) }

    private func patience(_ call: NVMLCall) -> UInt64 {
        call.mayWakeHardware ? configuration.startDeadlineNanoseconds : configuration.callDeadlineNanoseconds
    }

    /// Looks whether a child is stuck, in a call or outside.
    private func check(_ worker: NVMLWorker, _ now: UInt64) {
        guard worker.isAwaited else { return }
        if let open = worker.openCall {
            if elapsed(open.sinceNanoseconds, now) >= patience(open.call) { giveUp(worker, open, now) }
            return
        }
        guard elapsed(worker.awaitedSinceNanoseconds, now) >= configuration.stallNanoseconds else { return }
        note("the NVML child does not answer and is in no call", isWarning: true)
        if let place = worker.trialPlace {
            board.postpone(place, until: now &+ configuration.retryCapNanoseconds)
        } else {
            startNanoseconds = now &+ restartDelay()
        }
        letGo(worker, signal: killSignal)
    }

    /// A call is overdue: its GPU is set aside, its child left behind, and a fresh one takes over.
    private func giveUp(_ worker: NVMLWorker, _ open: CallMonitor.Open, _ now: UInt64) {
        let isMain = worker === main
        let subject = setAside(.hang, open, worker, now)
        note("\(subject)\(open.call.symbol) does not come back", isWarning: true)
        letGo(worker, signal: killSignal)
        guard isMain else { return }
        // Without the stuck GPU the successor will not get stuck there; otherwise it might, and takes its time.
        startNanoseconds = open.gpu != nil ? now : now &+ restartDelay()
        isRoundWanted = true
        startWhereNeeded(now)
    }

    /// Marks what a call that hung or crashed concerns, and returns its name for a notice.
    private func setAside(
        _ kind: GPUBoard.Trouble.Kind, _ open: CallMonitor.Open, _ worker: NVMLWorker, _ now: UInt64
    ) -> String {
        if let place = stuckPlace(open, in: worker) {
            board.suffer(kind, open, at: place, nowNanoseconds: now, configuration: configuration)
            return "GPU \(board[place].description.index): "
        }
        if let gpu = open.gpu {
            board.shun(driverIndex: gpu, kind, open, untilNanoseconds: now &+ configuration.retryCapNanoseconds)
            return "GPU \(gpu): "
        }
        if let place = worker.trialPlace {
            board.postpone(place, until: now &+ configuration.retryCapNanoseconds)
        }
        if kind == .hang { globalHang = globalHang ?? open }
        return ""
    }

    /// Lets a worker go: its conversation is over, and it is out of the way whether or not it ends.
    private func letGo(_ worker: NVMLWorker, signal: Int32) {
        if signal != 0 { kill(worker.pid, signal) }
        worker.closeSocket()
        endedProcessorNanoseconds &+= worker.done.processorNanoseconds
        if worker === main { main = nil }
        if worker === trial { trial = nil }
        leaving.append(worker)
    }

    private func reap(_ now: UInt64) {
        leaving.removeAll { worker in
            guard worker.ended() != nil else { return false }
            worker.release()
            return true
        }
        for case let worker? in [main, trial] {
            guard let exit = worker.ended() else { continue }
            // It may have said why just before its end.
            drain(worker, now)
            worker.release()
            endedProcessorNanoseconds &+= worker.done.processorNanoseconds
            let isMain = worker === main
            if isMain { main = nil } else { trial = nil }
            ended(worker, exit, isMain: isMain, now)
        }
    }

    /// A child ended by itself: there is no driver, the driver changed, or a call killed it.
    private func ended(_ worker: NVMLWorker, _ exit: NVMLWorker.Exit, isMain: Bool, _ now: UInt64) {
        var subject = ""
        if let open = worker.lastOpen {
            subject = setAside(.crash(exit), open, worker, now) + "in \(open.call.symbol), "
        } else if let place = worker.trialPlace {
            board.postpone(place, until: now &+ configuration.retryCapNanoseconds)
        }
        if worker.toldUnavailable {
            if isMain { startNanoseconds = now &+ configuration.absentRetryNanoseconds }
            return
        }
        let message = "the NVML child ended: \(subject)\(exit.text)"
        note(message, isWarning: true)
        guard isMain else { return }
        if availability != .present { availability = .failed(message) }
        if elapsed(worker.startedNanoseconds, now) > configuration.retryCapNanoseconds { restarts = 0 }
        startNanoseconds = now &+ restartDelay()
    }
}
