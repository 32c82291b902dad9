internal import Bytes
internal import CLinux
internal import Glibc

/// The process between the agent and one task: it starts the program, and sees to it that nothing of it survives.
///
/// It is the agent's own executable under a hidden subcommand, and the parent of everything that the task leaves
/// behind (`PR_SET_CHILD_SUBREAPER`): a double fork or a session of its own hides nothing from it. When the program
/// ends, when the agent says so, when the agent is gone, or when the deadline comes that the agent moves on as long as
/// it reaches its coordinator, it kills all of that, reaps it and only then says that the task has ended. So a run ends
/// in time even where the agent was killed or stopped.
public enum TaskGuard {
    /// The hidden subcommand of the agent.
    public static let subcommand = "task-guard"

    /// Of the guard's own.
    static let socket: Int32 = 3

    /// Runs the guard; the exit status. Descriptors 1 and 2 are the task's, 3 is the conversation with the agent.
    public static func main() -> Int32 {
        var kind = Int32(0)
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_TYPE, &kind, &length) == 0 else { return 64 }
        var guarding = Guarding()
        return guarding.run()
    }
}

/// The guard at work. One thread, and nothing else in the process.
private struct Guarding {
    private var leader: Int32 = 0
    private var leaderStatus: Int32?
    private var deadline = UInt64.max
    private var isByDeadline = false
    private var pending: [UInt8] = []

    mutating func run() -> Int32 {
        guard clinux_become_subreaper() == 0 else { return 70 }
        var signals = sigset_t()
        sigemptyset(&signals)
        // A service stop sends SIGTERM to every process of the unit: what becomes of the task is for the agent to say.
        for number in [SIGCHLD, SIGUSR1, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE] { sigaddset(&signals, number) }
        sigprocmask(SIG_BLOCK, &signals, nil)
        let descriptor = clinux_signalfd(&signals)
        guard descriptor >= 0 else { return 70 }
        while leaderStatus == nil {
            var waiting = [
                pollfd(fd: TaskGuard.socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&waiting, 2, timeout)
            if waiting[1].revents != 0 { takeSignals(descriptor) }
            if waiting[0].revents != 0, !receive() { return 0 }
            if leader != 0, leaderStatus == nil, now >= deadline {
                isByDeadline = true
                deadline = .max
                killAll()
            }
        }
        killAll()
        tell(.ended(status: leaderStatus ?? 0, byDeadline: isByDeadline))
        return 0
    }

    private var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// For poll, in milliseconds.
    private var timeout: Int32 {
        guard deadline != .max, leader != 0 else { return -1 }
        let present = now
        return present >= deadline ? 0 : Int32(clamping: (deadline - present) / 1_000_000 + 1)
    }

    // MARK: The agent

    /// Reads what the agent said; `false` when the guard has nothing left to do.
    private mutating func receive() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(TaskGuard.socket, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return true }
        guard count > 0 else {
            // The agent is gone. A task that nobody watches must not go on: its lease is given to others.
            guard leader != 0 else { return false }
            killAll()
            return true
        }
        pending += chunk[..<count]
        while let body = GuardFrame.take(from: &pending) {
            guard let command = GuardFrame.command(body) else { continue }
            switch command {
            case .launch(let order):
                guard leader == 0 else { continue }
                guard launch(order) else { return false }
            case .terminate:
                guard leader != 0, leaderStatus == nil else { continue }
                kill(-leader, SIGTERM)
                // A stopped task cannot heed it.
                kill(-leader, SIGCONT)
            case .kill: if leader != 0 { killAll() } else { return false }
            case .deadline(let nanoseconds): deadline = nanoseconds
            }
        }
        return true
    }

    private func tell(_ report: GuardReport) {
        GuardFrame.encode(report).withBytes { bytes in
            _ = send(TaskGuard.socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    // MARK: The task

    private mutating func launch(_ order: LaunchOrder) -> Bool {
        let groups = order.controlGroups.map { open($0, O_WRONLY | O_CLOEXEC) }
        defer { for group in groups where group >= 0 { close(group) } }
        guard groups.allSatisfy({ $0 >= 0 }) else {
            tell(.failed(step: Int32(CLINUX_LAUNCH_CONTROL_GROUP.rawValue), number: errno))
            return false
        }
        // Above the places they go to.
        let ends = [1, 2].map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
        defer { for end in ends where end >= 0 { close(end) } }
        guard ends.allSatisfy({ $0 >= 0 }) else {
            tell(.failed(step: Int32(CLINUX_LAUNCH_DESCRIPTORS.rawValue), number: errno))
            return false
        }
        var step: Int32 = 0
        var pid: pid_t = 0
        let number = Self.start(order, groups, ends, &pid, &step)
        guard number == 0 else {
            tell(.failed(step: step, number: number))
            return false
        }
        leader = pid
        // The pipes end when the last of the task's processes closes them; the guard is none of these.
        for place: Int32 in [1, 2] {
            let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
            if nothing >= 0 {
                dup2(nothing, place)
                close(nothing)
            } else {
                close(place)
            }
        }
        tell(.started(pid))
        return true
    }

    private static func start(
        _ order: LaunchOrder, _ groups: [Int32], _ ends: [Int32], _ pid: inout pid_t, _ step: inout Int32
    ) -> Int32 {
        let words = TextList(order.words)
        let environment = TextList(order.environment)
        let others = TextList([order.path, order.directory, LaunchOrder.oomScore])
        let memberships = (order.account?.groups ?? []).map { gid_t($0) }
        var launch = clinux_launch()
        launch.path = UnsafePointer(others.pointers[0])
        launch.argv = UnsafePointer(words.pointers)
        launch.environment = UnsafePointer(environment.pointers)
        launch.directory = UnsafePointer(others.pointers[1])
        launch.changes_user = order.account == nil ? 0 : 1
        launch.user = order.account?.user ?? 0
        launch.group = order.account?.group ?? 0
        launch.process_limit = order.processLimit
        launch.oom_score = UnsafePointer(others.pointers[2])
        launch.standard_output = ends[0]
        launch.standard_error = ends[1]
        return withExtendedLifetime((words, environment, others)) {
            memberships.withUnsafeBufferPointer { memberships in
                groups.withUnsafeBufferPointer { groups in
                    launch.groups = memberships.baseAddress
                    launch.group_count = memberships.count
                    launch.control_groups = groups.baseAddress
                    launch.control_group_count = groups.count
                    return clinux_launch(&pid, &launch, &step)
                }
            }
        }
    }

    private mutating func takeSignals(_ descriptor: Int32) {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while read(descriptor, &information, size) == size {
            // From a later agent that found this guard still at work.
            if Int32(information.ssi_signo) == SIGUSR1, leader != 0 { killAll() }
        }
        reap(Int32(WNOHANG))
    }

    /// Takes in what has ended; `false` when no child is left.
    @discardableResult
    private mutating func reap(_ flags: Int32) -> Bool {
        while true {
            var status: Int32 = 0
            let pid = waitpid(-1, &status, flags)
            if pid < 0, errno == EINTR { continue }
            if pid < 0 { return false }
            if pid == 0 { return true }
            if pid == leader { leaderStatus = status }
            if flags == 0 { return true }
        }
    }

    /// Kills and reaps until there is no descendant. Those of a killed child become the guard's own children, so that
    /// in the end all are; nobody else reaps these, so that no number can have come to mean another process.
    private mutating func killAll() {
        while reap(Int32(WNOHANG)) {
            let own = getpid()
            for child in ProcessTable.all() where child.parent == own {
                if child.group > 1, child.group != getpgrp() { kill(-child.group, SIGKILL) }
                kill(child.pid, SIGKILL)
            }
            guard reap(0) else { return }
        }
    }
}
