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
    public internal(set) var availability = NVMLAvailability.unknown
    /// The driver's version; `nil` until it told.
    public internal(set) var driverVersion: String?
    /// May change while running, as when the coordinator asks for fewer samples.
    public var configuration: NVMLConfiguration

    var board = GPUBoard()
    /// Reads every GPU that answers.
    var main: NVMLWorker?
    /// Tries one that did not.
    var trial: NVMLWorker?
    /// Let go, and not ended yet.
    var leaving: [NVMLWorker] = []
    var workerCount: UInt32 = 0
    var round: UInt32 = 0
    /// This round's question has not been put yet.
    var isRoundWanted = false
    /// When the main child may be started.
    var startNanoseconds: UInt64 = 0
    var restarts = 0
    var processesReadNanoseconds: UInt64?
    var errorsReadNanoseconds: UInt64?
    /// A call for all GPUs that did not come back, until some child says hello.
    var globalHang: CallMonitor.Open?
    var endedProcessorNanoseconds: UInt64 = 0
    var notices: [NVMLNotice] = []
    private var isStopped = false
    var packet = PacketWriter(capacity: 64)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: NVMLMessage.maximumBytes, alignment: 8)
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
        for case let worker? in [main, trial] where worker.awaitedSinceNanoseconds != nil {
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

    /// Whether the driver has told of all its GPUs, or will not: there is none, or it does not work.
    public var hasIntroducedGPUs: Bool {
        switch availability {
        case .unknown: false
        case .absent, .failed: true
        case .present: lastRoundNanoseconds > 0
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
        if main == nil, leaving.count >= NVMLConfiguration.maximumLeaving {
            // No further child is risked: whatever is not answered by now will not be.
            global = leaving.compactMap(\.lastOpen).min { $0.sinceNanoseconds < $1.sinceNanoseconds } ?? global
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

    /// Ends the children and gives every descriptor back; nothing may be called afterwards. A child stuck in the driver
    /// is left to the kernel.
    public func stop() {
        precondition(!isStopped, "a supervisor is stopped once")
        isStopped = true
        for case let worker? in [main, trial] { letGo(worker, signal: SIGKILL, worker.startedNanoseconds) }
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
