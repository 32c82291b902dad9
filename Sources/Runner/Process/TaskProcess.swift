internal import Bytes
internal import CLinux
internal import Glibc
internal import Grid
internal import Reactor

/// How a task's program ended.
struct ProcessEnd: Hashable {
    /// As `waitpid(2)` gives it; `nil` where the guard itself was killed, so that nobody knows.
    var status: Int32?
    /// The guard killed it because the agent no longer moved the deadline on.
    var byDeadline = false

    var exitStatus: Int? {
        guard let status, status & 0x7F == 0 else { return nil }
        return Int(status >> 8 & 0xFF)
    }

    var signal: Int? {
        guard let status, status & 0x7F != 0 else { return nil }
        return Int(status & 0x7F)
    }
}

/// The agent's end of one guard: its process, the conversation with it, and the pipes of its task.
final class TaskProcess {
    /// What happens, in this order: started or failed, then output, then the end. After a failure comes no end.
    enum Event {
        case started(Int32)
        case failed(step: Int32, number: Int32)
        case output(LogChunk.Stream, UnsafeRawBufferPointer)
        case ended(ProcessEnd)
    }

    let guardPID: Int32
    /// With the pid it names the guard for good.
    let guardStartTicks: UInt64
    /// The task's process and session, once it runs.
    private(set) var leader: Int32?

    private let loop: EventLoop
    private let guardDescriptor: Int32
    private let socket: Int32
    private let pipes: [Int32]
    private let handle: (Event) -> Void
    private var pending: [UInt8] = []
    private var end: ProcessEnd?
    private var failure: (step: Int32, number: Int32)?
    private var isOver = false
    private var hasLaunched = false

    /// Starts a guard; nothing of the task runs before ``launch(_:)``.
    ///
    /// - Parameter handle: called on the loop, never from within this initializer.
    init(executable: String, on loop: EventLoop, handle: @escaping (Event) -> Void) throws(RunFault) {
        self.loop = loop
        self.handle = handle
        var ours: [Int32] = []
        var theirs: [Int32] = []
        do throws(RunFault) {
            try Self.makeEnds(&ours, &theirs)
            (guardPID, guardDescriptor) = try Self.spawn(executable, theirs)
        } catch {
            for descriptor in ours + theirs { close(descriptor) }
            throw error
        }
        for descriptor in theirs { close(descriptor) }
        socket = ours[0]
        pipes = [ours[1], ours[2]]
        guardStartTicks = ProcessTable.entry(guardPID)?.startTicks ?? 0
        do throws(SystemError) {
            try loop.watch(fileDescriptor: socket) { [unowned self] in receive() }
            try loop.watch(fileDescriptor: pipes[0]) { [unowned self] in read(.stdout) }
            try loop.watch(fileDescriptor: pipes[1]) { [unowned self] in read(.stderr) }
            try loop.watch(fileDescriptor: guardDescriptor) { [unowned self] in guardEnded() }
        } catch {
            abandon()
            throw .spawn("the guard cannot be watched: \(error)")
        }
    }

    /// The conversation and the two pipes, ours and the guard's ends of them.
    private static func makeEnds(_ ours: inout [Int32], _ theirs: inout [Int32]) throws(RunFault) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw spawnFault("socketpair") }
        ours.append(pair[0])
        theirs.append(pair[1])
        for _ in 0..<2 {
            guard clinux_pipe(&pair) == 0 else { throw spawnFault("pipe2") }
            ours.append(pair[0])
            theirs.append(pair[1])
            _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
        }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(ours[0], SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    private static func spawn(_ executable: String, _ theirs: [Int32]) throws(RunFault) -> (Int32, Int32) {
        // Above the places they go to in the guard, so that none overwrites another.
        let high = theirs.map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
        defer { for descriptor in high where descriptor >= 0 { close(descriptor) } }
        guard high.allSatisfy({ $0 >= 0 }) else { throw spawnFault("fcntl") }
        let words = TextList(["neurogrid-agent", TaskGuard.subcommand])
        // Nothing of the agent's environment, where its join token may be, reaches the guard.
        let environment = TextList(["PATH=/usr/bin:/bin"])
        var pid: pid_t = 0
        let files: [Int32] = [-1, high[1], high[2], high[0]]
        let number = withExtendedLifetime((words, environment)) {
            clinux_spawn(&pid, executable, words.pointers, environment.pointers, files, Int32(files.count))
        }
        guard number == 0 else { throw .spawn("the guard cannot be started: \(String(cString: strerror(number)))") }
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else {
            let fault = spawnFault("pidfd_open")
            Glibc.kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw fault
        }
        return (pid, descriptor)
    }

    private static func spawnFault(_ call: String) -> RunFault {
        .spawn("\(call): \(String(cString: strerror(errno)))")
    }

    // MARK: Telling the guard

    /// Lets the guard start the program.
    func launch(_ order: LaunchOrder) {
        hasLaunched = true
        tell(.launch(order))
    }

    /// Asks the task to end.
    func terminate() { tell(.terminate) }

    /// Ends the task and all that it started.
    func kill() { tell(.kill) }

    /// Moves on the time at which the guard ends the task by itself.
    func setDeadline(_ nanoseconds: UInt64) { tell(.deadline(nanoseconds)) }

    private func tell(_ command: GuardCommand) {
        guard !isOver else { return }
        GuardFrame.encode(command).withBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = send(
                    socket, bytes.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                // A guard that takes nothing has ended, or will be found by its deadline.
                guard count > 0 else { return }
                done += count
            }
        }
    }

    // MARK: Hearing from it

    private func receive() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else { return loop.unwatch(fileDescriptor: socket) }
        pending += chunk[..<count]
        while let body = GuardFrame.take(from: &pending) {
            switch GuardFrame.report(body) {
            case .started(let pid):
                leader = pid
                handle(.started(pid))
            case .failed(let step, let number): failure = (step, number)
            case .ended(let status, let byDeadline): end = ProcessEnd(status: status, byDeadline: byDeadline)
            case nil: continue
            }
        }
    }

    /// Reads what is there; `false` when there is nothing more.
    @discardableResult
    private func read(_ stream: LogChunk.Stream) -> Bool {
        let descriptor = pipes[Int(stream.rawValue)]
        return withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { room in
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count < 0, errno == EINTR { return true }
            guard count > 0 else {
                // The last of the task's processes has closed it.
                if count == 0 { loop.unwatch(fileDescriptor: descriptor) }
                return false
            }
            handle(.output(stream, UnsafeRawBufferPointer(rebasing: room[..<count])))
            return true
        }
    }

    private func guardEnded() {
        while hasInput { receive() }
        // What the pipes still hold, and no more: something outside may keep their other ends open.
        for stream in LogChunk.Stream.allCases {
            var turns = 0
            while read(stream), turns < 64 { turns += 1 }
        }
        abandon()
        if let failure {
            handle(.failed(step: failure.step, number: failure.number))
        } else {
            handle(.ended(end ?? ProcessEnd()))
        }
    }

    private var hasInput: Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) > 0
    }

    /// Gives everything back; the guard, if it still lives, sees that and ends its task. Idempotent.
    func abandon() {
        guard !isOver else { return }
        isOver = true
        for descriptor in [socket, guardDescriptor] + pipes {
            loop.unwatch(fileDescriptor: descriptor)
            close(descriptor)
        }
        // A guard without a task has nothing to end. One with a task ends it, and is reaped with the agent's own end.
        if !hasLaunched { Glibc.kill(guardPID, SIGKILL) }
        while waitpid(guardPID, nil, hasLaunched ? Int32(WNOHANG) : 0) < 0 && errno == EINTR {}
    }
}
