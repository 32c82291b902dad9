internal import CLinux
internal import Glibc
public import Grid
public import Reactor

/// What all runs of one agent share: where they live on the disk, how guards are started, the progress socket.
///
/// Not `Sendable`; everything happens on the agent's loop.
public final class RunnerHost {
    /// Where runs have their folders.
    let runsFolder: String
    /// The executable that plays the guard under ``TaskGuard/subcommand``.
    let executable: String
    let controlGroups: ControlGroupHost
    let loop: EventLoop
    /// Runs of which something may still live, by run.
    private(set) var running: [RunID: TaskRun] = [:]
    /// A run has told how far it is.
    public var progressed: (RunID, ProgressMessage) -> Void = { _, _ in }
    /// Something for the log.
    public var note: (String) -> Void = { _ in }

    private var progress: ProgressSocket?
    private var removals: [Removal] = []
    /// A folder of its own for the socket, where the state directory's path is too long for one.
    private var socketFolder: String?

    /// Prepares the folders and binds the progress socket.
    ///
    /// - Parameters:
    ///   - stateDirectory: an existing folder, by its absolute path.
    ///   - isShared: whether some runner has an account of its own, which must then be able to pass through that folder
    ///     and to write to the socket.
    public init(
        stateDirectory: String, isShared: Bool, executable: String = "/proc/self/exe",
        controlGroups: ControlGroupHost = .detect(), on loop: EventLoop
    ) throws(RunFault) {
        self.loop = loop
        self.executable = executable
        self.controlGroups = controlGroups
        runsFolder = stateDirectory + "/runs"
        guard mkdir(runsFolder, 0o711) == 0 || errno == EEXIST else {
            throw .spawn("\(runsFolder): \(String(cString: strerror(errno)))")
        }
        if isShared {
            for folder in [stateDirectory, runsFolder] where chmod(folder, 0o711) != 0 {
                throw .spawn("\(folder): \(String(cString: strerror(errno)))")
            }
        }
        var path = stateDirectory + "/progress.sock"
        if UnixAddress(path) == nil { path = try makeSocketFolder(isShared) + "/progress.sock" }
        progress = try ProgressSocket(
            path: path, isShared: isShared, on: loop, resolve: { [unowned self] in run(of: $0) },
            accept: { [unowned self] run, message in progressed(run.assignment.run, message) })
    }

    /// Lets what outlives its guard fall to this process, which then ends and reaps it; for the whole process, once.
    ///
    /// Only for a program whose children are all of this module's making: other orphans fall to it as well, and nobody
    /// reaps those.
    public static func adoptOrphans() { _ = clinux_become_subreaper() }

    private func makeSocketFolder(_ isShared: Bool) throws(RunFault) -> String {
        var template = Array("/tmp/neurogrid-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .spawn("mkdtemp: \(String(cString: strerror(errno)))") }
        let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
        if isShared { chmod(folder, 0o711) }
        socketFolder = folder
        return folder
    }

    /// Where tasks tell their progress.
    public var progressSocketPath: String { progress?.path ?? "" }

    /// Lines on the progress socket that were refused.
    public var refusedProgressCount: UInt64 { progress?.refusedCount ?? 0 }

    // MARK: Runs

    /// Starts a run.
    ///
    /// - Parameters:
    ///   - devices: the UUIDs of its GPUs.
    ///   - handle: called on the loop, never from within this call.
    /// - Throws: nothing of it runs then.
    public func start(
        _ assignment: RunAssignment, by specification: RunnerSpecification, devices: [String],
        handle: @escaping (TaskRun, TaskRun.Event) -> Void
    ) throws(RunFault) -> TaskRun {
        precondition(running[assignment.run] == nil, "a run is started once")
        let run = try TaskRun(assignment, specification, devices: devices, host: self, handle: handle)
        running[assignment.run] = run
        return run
    }

    func ended(_ run: TaskRun) { running[run.assignment.run] = nil }

    /// The run that a process belongs to: by its session, or by the guard that it descends from.
    func run(of pid: Int32) -> TaskRun? {
        var next = pid
        for _ in 0..<64 {
            guard let entry = ProcessTable.entry(next), entry.parent > 1 else { return nil }
            if let run = running.values.first(where: { $0.leader == entry.session || $0.guardPID == entry.parent }) {
                return run
            }
            next = entry.parent
        }
        return nil
    }

    // MARK: After an agent

    /// A run that an earlier agent on this state directory had not finished.
    public struct Remnant: Hashable, Sendable {
        public var run: RunID
        /// Whether nothing of it is left on the machine.
        public var isGone: Bool
    }

    /// Ends what an earlier agent left running, and waits for that. No run is adopted: its guard has ended it when that
    /// agent went, so there is nothing to take over, and nothing can be there twice.
    public func endRemnants() -> [Remnant] {
        Leftovers.folders(in: runsFolder).map { folder in
            guard let record = folder.load() else { return Remnant(run: folder.run, isGone: true) }
            let isGone = Leftovers.end(folder, record, patienceMilliseconds: 3000)
            if let order = record.removal { runDetached(order) }
            return Remnant(run: folder.run, isGone: isGone)
        }
    }

    /// Removes a run's folder, once its result is kept or nobody wants it.
    public func forget(_ run: RunID) {
        precondition(running[run] == nil, "a run is forgotten when it has ended")
        RunFolder(in: runsFolder, run).remove()
    }

    /// Runs a command of the operator's that nobody waits for.
    private func runDetached(_ order: LaunchOrder) {
        let removal = Removal(order, host: self) { [unowned self] ended in removals.removeAll { $0 === ended } }
        guard let removal else { return note("\(order.path): cannot be started") }
        removals.append(removal)
    }

    /// Gives everything back. Runs that have not ended are let go: their guards end them, which is waited for.
    public func close() {
        let guards = running.values.map(\.guardPID)
        for run in running.values { run.abandon() }
        running.removeAll()
        progress?.close()
        progress = nil
        for removal in removals { removal.abandon() }
        removals.removeAll()
        if let socketFolder { rmdir(socketFolder) }
        awaitEnd(of: guards)
    }

    /// A guard that lost its agent kills its task and ends, in milliseconds. One whose task the kernel holds may take
    /// longer; nobody waits for that one.
    private func awaitEnd(of guards: [Int32]) {
        let limit = Clock.monotonicNanoseconds() + 2_000_000_000
        for pid in guards where pid != 0 {
            while waitpid(pid, nil, Int32(WNOHANG)) == 0, Clock.monotonicNanoseconds() < limit { usleep(1000) }
        }
    }
}
