import CLinux
import Glibc
import Grid

// MARK: Their beginning

extension NVMLSupervisor {
    func startWhereNeeded(_ now: UInt64) {
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

    func start(trialPlace: Int?, _ now: UInt64) -> NVMLWorker? {
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

    func askMain(_ now: UInt64) {
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

    func isDue(_ last: UInt64?, _ period: UInt64, _ now: UInt64) -> Bool {
        // Ticks come a little early or late; a tenth of a second must not cost a whole interval.
        last.map { elapsed($0, now) &+ 100_000_000 >= period } ?? true
    }

    func reopenIfLost(_ now: UInt64) {
        guard let main, case .idle = main.phase, board.entries.contains(where: \.isLost),
            elapsed(main.startedNanoseconds, now) >= configuration.reopenNanoseconds
        else { return }
        letGo(main, signal: 0, now)
        startNanoseconds = now
    }

    func restartDelay() -> UInt64 {
        defer { restarts += 1 }
        return min(configuration.restartBaseNanoseconds << UInt64(min(restarts, 16)), configuration.retryCapNanoseconds)
    }

    func watch(_ descriptor: Int32) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = descriptor
        let result = epoll_ctl(fileDescriptor, EPOLL_CTL_ADD, descriptor, &event)
        precondition(result == 0, "a fresh descriptor can be watched")
    }
}

// MARK: Their end

extension NVMLSupervisor {
    func elapsed(_ since: UInt64, _ now: UInt64) -> UInt64 { now &- min(since, now) }

    func patience(_ call: NVMLCall) -> UInt64 {
        call.mayWakeHardware ? configuration.startDeadlineNanoseconds : configuration.callDeadlineNanoseconds
    }

    /// Looks whether a child is stuck, in a call or outside.
    func check(_ worker: NVMLWorker, _ now: UInt64) {
        guard let since = worker.awaitedSinceNanoseconds else { return }
        if let open = worker.openCall {
            if elapsed(open.sinceNanoseconds, now) >= patience(open.call) { giveUp(worker, open, now) }
            return
        }
        // Outside of any call: stopped, starved, or stuck in the kernel on its way out.
        guard elapsed(since, now) >= configuration.stallNanoseconds else { return }
        note("the NVML child does not answer and is in no call", isWarning: true)
        if let place = worker.trialPlace {
            board.postpone(place, until: now &+ configuration.retryCapNanoseconds)
        } else {
            startNanoseconds = now &+ restartDelay()
        }
        letGo(worker, signal: killSignal, now)
    }

    /// A call is overdue: its GPU is set aside, its child left behind, and a fresh one takes over.
    func giveUp(_ worker: NVMLWorker, _ open: CallMonitor.Open, _ now: UInt64) {
        let isMain = worker === main
        let subject = setAside(.hang, open, worker, now)
        note("\(subject)\(open.call.symbol) does not come back", isWarning: true)
        letGo(worker, signal: killSignal, now)
        guard isMain else { return }
        // Without the stuck GPU the successor will not get stuck there; otherwise it might, and takes its time.
        startNanoseconds = open.gpu != nil ? now : now &+ restartDelay()
        isRoundWanted = true
        startWhereNeeded(now)
    }

    /// Marks what a call that hung or crashed concerns, and returns its name for a notice.
    func setAside(
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
    func letGo(_ worker: NVMLWorker, signal: Int32, _ now: UInt64) {
        if signal != 0 { kill(worker.pid, signal) }
        worker.closeSocket(nowNanoseconds: now)
        endedProcessorNanoseconds &+= worker.done.processorNanoseconds
        if worker === main { main = nil }
        if worker === trial { trial = nil }
        leaving.append(worker)
    }

    func reap(_ now: UInt64) {
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
    func ended(_ worker: NVMLWorker, _ exit: NVMLWorker.Exit, isMain: Bool, _ now: UInt64) {
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
