internal import CLinux
internal import Glibc
public import Grid
internal import Reactor

/// One run, from its order to its outcome.
///
/// What ends it first is its fault: a time limit, too much output, its coordinator's word, a lease that could not be
/// renewed. Then its process group gets SIGTERM, and after a grace everything of it SIGKILL; the outcome comes when
/// nothing of it is left.
public final class TaskRun {
    /// What happens to it, in this order.
    public enum Event: Sendable {
        /// The program runs.
        case started
        /// There is output to be fetched by ``takeLog()``.
        case written
        /// Nothing of it is left.
        indirect case ended(RunOutcome)
    }

    public let assignment: RunAssignment
    /// The process of the program, which leads its session; `nil` before it runs.
    var leader: Int32? { process?.leader }
    var guardPID: Int32 { process?.guardPID ?? 0 }
    /// Between SIGTERM and SIGKILL, as its runner says, in nanoseconds.
    public let graceNanoseconds: UInt64

    private let host: RunnerHost
    private let handle: (TaskRun, Event) -> Void
    private let folder: RunFolder
    private let plan: LaunchPlan
    private var group: ControlGroup
    private var process: TaskProcess?
    private var removal: Removal?
    private var tails = [OutputTail(stream: .stdout), OutputTail(stream: .stderr)]
    private var startedNanoseconds: UInt64?
    private var endedNanoseconds: UInt64?
    private var timer: TimerID?
    private var killTimer: TimerID?
    /// Why it was stopped, if it was.
    private var stopFault: TaskFault?
    /// The guard's deadline as it was last told.
    private var deadlineNanoseconds: UInt64 = 0

    init(
        _ assignment: RunAssignment, _ specification: RunnerSpecification, devices: [String], host: RunnerHost,
        handle: @escaping (TaskRun, Event) -> Void
    ) throws(RunFault) {
        self.assignment = assignment
        self.host = host
        self.handle = handle
        graceNanoseconds = specification.graceNanoseconds
        let folder = RunFolder(in: host.runsFolder, assignment.run)
        self.folder = folder
        plan = try LaunchPlan(
            specification, assignment, devices: devices, folder: folder, progressSocket: host.progressSocketPath)
        var shortcomings: [String] = []
        group = ControlGroup.make(
            "neurogrid-\(RunFolder.name(assignment.run))", on: host.controlGroups, limits: plan.limits,
            shortcomings: &shortcomings)
        for line in shortcomings { host.note("run \(RunFolder.name(assignment.run)): \(line)") }
        do throws(RunFault) {
            try folder.make(input: assignment.input, account: plan.account)
            let process = try TaskProcess(
                executable: host.executable, on: host.loop, handle: { [unowned self] event in take(event) })
            self.process = process
            // On disk before anything runs: a later agent must find whatever this one started.
            try folder.save(
                RunFolder.Record(
                    guardPID: process.guardPID, guardStartTicks: process.guardStartTicks,
                    controlGroups: group.folders, removal: plan.removal))
            process.launch(plan.order(joining: group))
        } catch {
            process?.abandon()
            ControlGroup.remove(group.folders)
            folder.remove()
            throw error
        }
        timer = host.loop.schedule(afterNanoseconds: plan.limits.timeNanoseconds) { [unowned self] in
            timer = nil
            stop(.timeout)
        }
    }

    /// Whether its end has been asked for.
    public var isStopping: Bool { stopFault != nil }

    // MARK: Ending it

    /// Ends it, and names the fault by which it ended unless something else has ended it already.
    ///
    /// - Parameter grace: between SIGTERM and SIGKILL, in nanoseconds; `nil` = as its runner says. A second call can
    ///   only bring the SIGKILL nearer.
    public func stop(_ fault: TaskFault, graceNanoseconds grace: UInt64? = nil) {
        guard let process else { return }
        let grace = min(grace ?? graceNanoseconds, graceNanoseconds)
        if stopFault == nil {
            stopFault = fault
            if grace > 0 { process.terminate() }
        } else if grace >= graceNanoseconds {
            return
        }
        if let killTimer { host.loop.cancel(killTimer) }
        guard grace > 0 else {
            killTimer = nil
            return process.kill()
        }
        killTimer = host.loop.schedule(afterNanoseconds: grace) { [unowned self] in
            killTimer = nil
            self.process?.kill()
        }
    }

    /// When its guard is to end it without being told, by the monotonic clock; later calls move that.
    public func setDeadline(_ nanoseconds: UInt64) {
        guard nanoseconds != deadlineNanoseconds else { return }
        deadlineNanoseconds = nanoseconds
        process?.setDeadline(nanoseconds)
    }

    /// Lets it go without waiting: its guard ends it, and nothing is heard of it any more.
    func abandon() {
        for timer in [timer, killTimer] { if let timer { host.loop.cancel(timer) } }
        timer = nil
        killTimer = nil
        process?.abandon()
        process = nil
        removal?.abandon()
        removal = nil
    }

    /// The next piece of what it has written; `nil` while there is none.
    public func takeLog() -> LogChunk? {
        for index in tails.indices {
            if let chunk = tails[index].next() { return chunk }
        }
        return nil
    }

    // MARK: Hearing of it

    private func take(_ event: TaskProcess.Event) {
        switch event {
        case .started:
            startedNanoseconds = Clock.monotonicNanoseconds()
            handle(self, .started)
        case .output(let stream, let bytes):
            let before = tails[0].totalBytes + tails[1].totalBytes
            let limit = UInt64(plan.limits.outputBytes)
            // What is beyond the limit is not told, only counted as too much.
            let room = Int(clamping: limit - min(limit, before))
            if room > 0 {
                let kept = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
                tails[Int(stream.rawValue)].append(kept)
                handle(self, .written)
            }
            if bytes.count > room { stop(.outputLimit) }
        case .failed(let step, let number):
            endedNanoseconds = Clock.monotonicNanoseconds()
            var outcome = RunOutcome()
            outcome.fault = stopFault ?? .spawn
            outcome.message = "\(plan.path): \(Self.name(step)): \(String(cString: strerror(number)))"
            process = nil
            finish(outcome)
        case .ended(let end):
            endedNanoseconds = Clock.monotonicNanoseconds()
            if end.status == nil { sweep() }
            let outcome = outcome(of: end)
            process = nil
            guard let order = plan.removal, startedNanoseconds != nil,
                let removal = Removal(order, host: host, done: { [unowned self] _ in finish(outcome) })
            else { return finish(outcome) }
            self.removal = removal
        }
    }

    private func outcome(of end: ProcessEnd) -> RunOutcome {
        var outcome = RunOutcome()
        outcome.exitStatus = end.exitStatus
        outcome.signal = end.signal
        outcome.ranMilliseconds = ranMilliseconds
        if let stopFault {
            outcome.fault = stopFault
        } else if end.byDeadline {
            outcome.fault = .leaseExpired
        } else if end.status == nil {
            outcome.fault = startedNanoseconds == nil ? .spawn : .agentStopped
            outcome.message = "the process that guards the task was killed"
        } else if end.exitStatus != 0, group.hasRunOutOfMemory {
            outcome.fault = .outOfMemory
        } else if end.signal != nil {
            outcome.fault = .signal
        } else if end.exitStatus != 0 {
            outcome.fault = .exitStatus
        }
        switch folder.readOutput() {
        case .none: break
        case .json(let text): outcome.output = text
        case .tooLong:
            outcome.fault = outcome.fault ?? .outputLimit
            outcome.message = "NEUROGRID_OUTPUT is longer than \(Limits.taskOutputBytes) bytes"
        case .malformed(let reason): outcome.message = "NEUROGRID_OUTPUT is no result: \(reason)"
        }
        if outcome.message.isEmpty { outcome.message = explanation(outcome) }
        return outcome
    }

    private func explanation(_ outcome: RunOutcome) -> String {
        switch outcome.fault {
        case .timeout: "it ran longer than \(plan.limits.timeNanoseconds / 1_000_000_000) s"
        case .outputLimit: "it wrote more than \(plan.limits.outputBytes) bytes"
        case .outOfMemory:
            "it used more than \(plan.limits.memoryMebibytes.map { "\($0) MiB" } ?? "the machine's memory")"
        case .signal: "signal \(outcome.signal ?? 0) ended it"
        case .exitStatus: "it ended with status \(outcome.exitStatus ?? 0)"
        default: ""
        }
    }

    private var ranMilliseconds: Int64 {
        guard let startedNanoseconds else { return 0 }
        return Int64((endedNanoseconds ?? Clock.monotonicNanoseconds()) - startedNanoseconds) / 1_000_000
    }

    /// The guard is gone and has not said that all is ended.
    private func sweep() {
        guard let record = folder.load() else { return }
        if !Leftovers.end(folder, record, leader: leader, patienceMilliseconds: 1000) {
            host.note("run \(RunFolder.name(assignment.run)): some of its processes do not end")
        }
    }

    private func finish(_ outcome: RunOutcome) {
        for timer in [timer, killTimer] { if let timer { host.loop.cancel(timer) } }
        timer = nil
        killTimer = nil
        removal = nil
        for index in tails.indices { tails[index].end() }
        if !ControlGroup.remove(group.folders) {
            ControlGroup.kill(group.folders)
            ControlGroup.remove(group.folders)
        }
        host.ended(self)
        handle(self, .ended(outcome))
    }

    private static func name(_ step: Int32) -> String {
        switch UInt32(step) {
        case CLINUX_LAUNCH_FORK.rawValue: "fork"
        case CLINUX_LAUNCH_SESSION.rawValue: "setsid"
        case CLINUX_LAUNCH_CONTROL_GROUP.rawValue: "joining its control groups"
        case CLINUX_LAUNCH_USER.rawValue: "becoming its account"
        case CLINUX_LAUNCH_DIRECTORY.rawValue: "entering its working directory"
        case CLINUX_LAUNCH_PRIVILEGES.rawValue: "no_new_privs"
        case CLINUX_LAUNCH_DESCRIPTORS.rawValue: "its descriptors"
        default: "execve"
        }
    }
}
