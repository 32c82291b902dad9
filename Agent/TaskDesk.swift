internal import Access
internal import Grid
internal import Reactor
internal import Runner
internal import Service
internal import Spool

/// What the desk needs of the connection to the coordinator.
struct CoordinatorPort {
    /// Sends a report; `false` where no session takes it, so that nothing was sent.
    var report: (TaskReport) -> Bool = { _ in false }
    /// When the newest of what the coordinator is known to have read was sent, in monotonic nanoseconds; 0 before the
    /// first session, whose welcome comes before any order.
    var contactNanoseconds: () -> UInt64 = { 0 }
}

/// The agent's side of tasks: takes orders, runs them, reports, and keeps each result until the coordinator has dealt
/// with it.
///
/// A run is named by task, epoch and member, and there is one run of a name, however often it is ordered. A run ends by
/// itself when its coordinator has not been reached for as long as its lease allows.
final class TaskDesk {
    /// A run that has not ended.
    private struct Running {
        var run: TaskRun
        var leaseNanoseconds: UInt64
        var hasStarted = false
        var progress: ProgressReport?
        /// The link would not take the newest progress.
        var isProgressOwed = false
        var nextSequence: UInt64 = 1
        var isExpiring = false
        /// A piece of its output that the link would not take.
        var unsentLog: LogChunk?
    }

    var port = CoordinatorPort()
    /// The GPUs of this machine by their index, with their UUIDs.
    var devices: () -> [Int: String] = { [:] }

    private let loop: EventLoop
    private let host: RunnerHost
    private let journal: ResultJournal
    private let runners: [String: RunnerSpecification]
    private let log: Log
    private var ledger = DeviceLedger()
    private var running: [RunID: Running] = [:]
    /// Ended, but the disk would not take the result yet.
    private var unkept: [RunID: RunOutcome] = [:]
    /// The end of what runs wrote that ended while the link took nothing.
    private var lateLogs: [RunID: [LogChunk]] = [:]
    /// Beginnings and ends that a session standing would not take, in order.
    private var owed: [TaskReport] = []
    private var tickTimer: TimerID?
    private var stopped: (() -> Void)?

    /// How often leases are looked at, and what tasks have written is sent.
    private static let tickNanoseconds: UInt64 = 250_000_000
    private static let retryNanoseconds: UInt64 = 1_000_000_000
    private static let logChunksPerTick = 16
    /// What is remembered of runs that ended unheard: pieces of each, and of so many runs.
    private static let lateLogChunks = 8
    private static let lateLogRuns = 64

    /// Opens the desk on an existing state directory, and ends what an earlier agent left running there.
    init(
        loop: EventLoop, stateDirectory: String, runners: [RunnerSpecification], executable: String = "/proc/self/exe",
        controlGroups: ControlGroupHost = .detect(), log: Log
    ) throws {
        self.loop = loop
        self.log = log
        var byName = [RunnerSpecification.selftestName: RunnerSpecification.selftest(executable: executable)]
        for runner in runners { byName[runner.name] = runner }
        self.runners = byName
        journal = try ResultJournal(directory: stateDirectory)
        host = try RunnerHost(
            stateDirectory: stateDirectory, isShared: runners.contains { $0.user != nil }, executable: executable,
            controlGroups: controlGroups, on: loop)
        for fault in journal.damage { log.error("results were lost", ["reason": LogValue(fault.description)]) }
        log.info(controlGroups.description)
        host.note = { log.warn($0) }
        host.progressed = { [unowned self] in progressed($0, $1) }
        takeOverRemnants()
        tickTimer = loop.schedule(afterNanoseconds: Self.tickNanoseconds, repeating: true) { [unowned self] in tick() }
    }

    /// The names of the runners, for the agent's specifications.
    var runnerNames: [String] { runners.keys.sorted() }

    /// Where tasks tell their progress, for tests.
    var progressSocketPath: String { host.progressSocketPath }

    private func takeOverRemnants() {
        for remnant in host.endRemnants() {
            if !remnant.isGone {
                log.error("processes of an earlier agent's run do not end", ["run": LogValue(remnant.run.text)])
            }
            if journal.outcomes[remnant.run] == nil {
                var outcome = RunOutcome()
                outcome.fault = .agentStopped
                outcome.message = "the agent ended while it ran"
                keep(outcome, of: remnant.run)
            }
            host.forget(remnant.run)
        }
    }

    // MARK: Orders

    /// Carries out what the coordinator orders.
    func take(_ order: TaskOrder) {
        switch order {
        case .assign(let assignment): start(assignment)
        case .cancel(let run): running[run]?.run.stop(.cancelled)
        case .stop(let run, let fault): running[run]?.run.stop(fault)
        case .settled(let run, let counted): settle(run, counted: counted)
        }
    }

    private func start(_ assignment: RunAssignment) {
        let run = assignment.run
        // The same order again is answered by what has become of it.
        if let outcome = journal.outcomes[run] { return send(.ended(outcome), of: run) }
        if let present = running[run] {
            if present.hasStarted { send(.started, of: run) }
            return
        }
        guard unkept[run] == nil else { return }
        guard running.count + unkept.count + journal.outcomes.count < Limits.runsPerNode else {
            // No room for one more, and none to keep that in mind: where this is lost, the run is missed by itself.
            return send(.ended(Self.outcome(.rejected, "too many runs at a time")), of: run)
        }
        if let outcome = refusal(of: assignment) {
            ledger.release(run)
            return end(run, outcome)
        }
        let known = devices()
        let uuids = (0..<UInt64.bitWidth).filter { assignment.gpus & (1 << UInt64($0)) != 0 }.compactMap { known[$0] }
        guard let runner = runners[assignment.runner] else { return }
        do throws(RunFault) {
            let started = try host.start(assignment, by: runner, devices: uuids) { [unowned self] in heard($0, $1) }
            let entry = Running(run: started, leaseNanoseconds: Self.lease(assignment))
            started.setDeadline(killTime(entry.leaseNanoseconds))
            running[run] = entry
            log.info("run begins", ["run": LogValue(run.text), "runner": LogValue(assignment.runner)])
        } catch {
            ledger.release(run)
            end(run, Self.outcome(error.fault, error.message))
        }
    }

    /// How a run ends that is not begun; its GPUs are taken where there is no reason against it.
    private func refusal(of assignment: RunAssignment) -> RunOutcome? {
        guard stopped == nil else { return Self.outcome(.spawn, "the agent is stopping") }
        guard Clock.monotonicNanoseconds() < stopTime(Self.lease(assignment)) else {
            // It was under way for so long that the lease may be another node's by now.
            return Self.outcome(.leaseExpired, "the order came when its lease was over")
        }
        guard runners[assignment.runner] != nil else {
            return Self.outcome(.rejected, "no runner named \(assignment.runner)")
        }
        return ledger.take(assignment, known: Set(devices().keys)).map { Self.outcome(.rejected, $0) }
    }

    private static func outcome(_ fault: TaskFault, _ message: String) -> RunOutcome {
        var outcome = RunOutcome()
        outcome.fault = fault
        outcome.message = message
        return outcome
    }

    private func settle(_ run: RunID, counted: Bool) {
        lateLogs[run] = nil
        // Said to an operator once, though a result that is told twice is answered twice.
        if !counted, journal.outcomes[run] != nil {
            log.info("a result does not count: the run is not this node's any more", ["run": LogValue(run.text)])
        }
        do throws(SpoolError) {
            try journal.settle(run)
        } catch {
            log.warn("a settled result could not be struck out", ["error": LogValue("\(error)")])
        }
    }

    // MARK: Runs

    private func heard(_ run: TaskRun, _ event: TaskRun.Event) {
        let id = run.assignment.run
        switch event {
        case .started:
            running[id]?.hasStarted = true
            send(.started, of: id)
        case .written: break
        case .ended(let outcome):
            sendLog(run, atMost: .max)
            keepLateLog(run)
            running[id] = nil
            ledger.release(id)
            end(id, outcome)
            if running.isEmpty, let stopped { finishStop(stopped) }
        }
    }

    private func end(_ run: RunID, _ outcome: RunOutcome) {
        var outcome = outcome
        if !outcome.output.isEmpty { outcome.digest = SHA256.digest(outcome.output) }
        outcome.message = outcome.message.cut(toBytes: Limits.taskMessageBytes)
        log.info(
            "run ended",
            [
                "run": LogValue(run.text), "fault": LogValue(outcome.fault?.rawValue ?? "none"),
                "milliseconds": LogValue(outcome.ranMilliseconds), "reason": LogValue(outcome.message),
            ])
        keep(outcome, of: run)
        if journal.outcomes[run] != nil { host.forget(run) }
    }

    /// Keeps a result on disk, and only then tells it. While the disk will not take it, it is tried again and again.
    private func keep(_ outcome: RunOutcome, of run: RunID) {
        do throws(SpoolError) {
            try journal.keep(outcome, of: run)
            unkept[run] = nil
            send(.ended(outcome), of: run)
        } catch {
            if unkept[run] == nil { log.error("a result cannot be kept yet", ["error": LogValue("\(error)")]) }
            unkept[run] = outcome
            loop.schedule(afterNanoseconds: Self.retryNanoseconds) { [weak self] in
                guard let self, let outcome = unkept[run] else { return }
                keep(outcome, of: run)
                if journal.outcomes[run] != nil { host.forget(run) }
            }
        }
    }

    private func progressed(_ run: RunID, _ message: ProgressMessage) {
        guard let present = running[run], message.percent >= present.progress?.percent ?? 0 else { return }
        var report = ProgressReport(sequence: present.nextSequence, percent: message.percent)
        report.stage = message.stage
        report.message = message.message
        report.etaSeconds = message.etaSeconds
        running[run]?.progress = report
        running[run]?.nextSequence += 1
        send(.progress(report), of: run)
    }

    /// Tells the coordinator. What must arrive is said again until the link takes it, and at each session anew.
    private func send(_ body: TaskReport.Body, of run: RunID) {
        let report = TaskReport(run: run, body: body)
        let isSent = port.report(report)
        switch body {
        case .started, .ended: if !isSent, owed.count < Limits.runsPerNode { owed.append(report) }
        case .progress: running[run]?.isProgressOwed = !isSent
        case .log: break
        }
    }

    private func sendOwed() {
        let sent = owed.prefix { port.report($0) }.count
        owed.removeFirst(sent)
    }

    /// Where the link takes nothing what was written waits, and in the run the oldest makes room for the newest.
    private func sendLog(_ run: TaskRun, atMost limit: Int) {
        let id = run.assignment.run
        var count = 0
        while count < limit, let chunk = running[id]?.unsentLog ?? run.takeLog() {
            count += 1
            let isSent = port.report(TaskReport(run: id, body: .log(chunk)))
            running[id]?.unsentLog = isSent ? nil : chunk
            guard isSent else { return }
        }
    }

    private func keepLateLog(_ run: TaskRun) {
        let id = run.assignment.run
        var chunks = running[id]?.unsentLog.map { [$0] } ?? []
        while let chunk = run.takeLog() { chunks.append(chunk) }
        guard !chunks.isEmpty, lateLogs.count < Self.lateLogRuns else { return }
        lateLogs[id] = chunks.suffix(Self.lateLogChunks)
    }

    private func sendLateLogs() {
        for (run, chunks) in lateLogs.sorted(by: { $0.key < $1.key }) {
            for chunk in chunks where !port.report(TaskReport(run: run, body: .log(chunk))) { return }
            lateLogs[run] = nil
        }
    }

    // MARK: Sessions

    /// What the agent has, for the session that begins.
    func holdings() -> [RunHolding] {
        let live = Set(running.keys).union(unkept.keys).map { RunHolding(run: $0, hasEnded: false) }
        let ended = journal.runs.map { RunHolding(run: $0, hasEnded: true) }
        return (live + ended).sorted { $0.run < $1.run }
    }

    /// A session stands, and knows the holdings: everything that the one before may not have got is said again.
    func sessionBegan() {
        owed.removeAll()
        for (run, entry) in running.sorted(by: { $0.key < $1.key }) {
            if entry.hasStarted { send(.started, of: run) }
            if let progress = entry.progress { send(.progress(progress), of: run) }
        }
        sendLateLogs()
        for run in journal.runs { if let outcome = journal.outcomes[run] { send(.ended(outcome), of: run) } }
    }

    // MARK: Leases

    private static func lease(_ assignment: RunAssignment) -> UInt64 {
        UInt64(max(1, assignment.leaseMilliseconds)) * 1_000_000
    }

    // Both count from when the newest was sent that the coordinator is known to have read, never from when something
    // of the coordinator's came here: it may have been under way for any time.

    /// When a run of such a lease is asked to end.
    private func stopTime(_ lease: UInt64) -> UInt64 {
        port.contactNanoseconds() + lease / 100 * UInt64(Limits.leaseStopPercent)
    }

    /// When it has been killed.
    private func killTime(_ lease: UInt64) -> UInt64 {
        port.contactNanoseconds() + lease / 100 * UInt64(Limits.leaseKillPercent)
    }

    private func tick() {
        let now = Clock.monotonicNanoseconds()
        sendOwed()
        for (run, entry) in running {
            sendLog(entry.run, atMost: Self.logChunksPerTick)
            if entry.isProgressOwed, let progress = entry.progress { send(.progress(progress), of: run) }
            let kill = killTime(entry.leaseNanoseconds)
            // Once it is being stopped for its lease, no contact makes that undone: the coordinator is told the end.
            if entry.isExpiring { continue }
            entry.run.setDeadline(kill)
            guard now >= stopTime(entry.leaseNanoseconds) else { continue }
            running[run]?.isExpiring = true
            log.warn("the coordinator is out of reach for longer than the lease allows", ["run": LogValue(run.text)])
            entry.run.stop(.leaseExpired, graceNanoseconds: kill > now ? kill - now : 0)
        }
    }

    // MARK: The end

    /// Ends all runs, each with its grace; `done` is called when nothing runs any more and the results are told.
    func stop(_ done: @escaping () -> Void) {
        guard stopped == nil else { return }
        stopped = done
        for entry in running.values { entry.run.stop(.agentStopped) }
        if running.isEmpty { finishStop(done) }
    }

    private func finishStop(_ done: @escaping () -> Void) {
        // The run that ended last is still on its way through here.
        loop.nextTurn { done() }
    }

    /// The longest grace of a run that has not ended, in nanoseconds.
    var longestGraceNanoseconds: UInt64 { running.values.map(\.run.graceNanoseconds).max() ?? 0 }

    /// Gives everything back; guards end what still runs.
    func close() {
        if let tickTimer { loop.cancel(tickTimer) }
        tickTimer = nil
        host.close()
        journal.close()
    }
}
