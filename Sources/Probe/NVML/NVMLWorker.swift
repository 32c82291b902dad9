import CLinux
import Glibc

/// The parent's end of one child: its process, its socket and the page it shares.
final class NVMLWorker {
    /// Tells the workers of one supervisor apart, also after their end.
    let number: UInt32
    let pid: pid_t
    /// Becomes readable when the process ends.
    let processDescriptor: Int32
    let startedNanoseconds: UInt64
    /// The GPU it is to try out; `nil` for the worker that reads all others.
    let trialPlace: Int?

    private(set) var socket: Int32
    private let monitor: CallMonitor

    enum Phase: Hashable {
        case starting
        case idle
        case asked(request: UInt32, sinceNanoseconds: UInt64)
        /// Its conversation is over; only its exit is still awaited.
        case ending(sinceNanoseconds: UInt64)
    }
    var phase = Phase.starting
    /// Since when the parent waits for it to say something, or to end; `nil` while there is nothing to wait for.
    var awaitedSinceNanoseconds: UInt64? {
        switch phase {
        case .starting: startedNanoseconds
        case .asked(_, let since), .ending(let since): since
        case .idle: nil
        }
    }
    /// What its hello said.
    var gpuCount = 0
    /// NVML index → place on the board.
    var places: [Int: Int] = [:]
    /// The GPUs of its latest request, bit i for NVML's index i.
    private(set) var askedMask: UInt64 = 0
    /// It told that there is no driver, so that its end is no surprise.
    var toldUnavailable = false
    /// The call it was in when its conversation ended.
    private(set) var lastOpen: CallMonitor.Open?
    var done = NVMLDone(request: 0, processorNanoseconds: 0, residentBytes: 0, elapsedNanoseconds: 0)

    /// Why no child could be started.
    struct StartFault: Error {
        let reason: String
        init(_ what: StaticString, _ number: Int32) { reason = "\(what): \(String(cString: strerror(number)))" }
    }

    init(
        number: UInt32, configuration: NVMLConfiguration, trialPlace: Int?, nowNanoseconds: UInt64
    ) throws(StartFault) {
        self.number = number
        self.trialPlace = trialPlace
        startedNanoseconds = nowNanoseconds
        guard let (monitor, page) = CallMonitor.create() else { throw StartFault("memfd_create", errno) }
        defer { close(page) }
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
            let number = errno
            monitor.unmap()
            throw StartFault("socketpair", number)
        }
        defer { close(pair[1]) }
        _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)

        let result = Self.spawn(configuration, socket: pair[1], page: page)
        guard case .success(let pid) = result else {
            monitor.unmap()
            close(pair[0])
            if case .failure(let fault) = result { throw fault }
            throw StartFault("posix_spawn", EINVAL)
        }
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else {
            let number = errno
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            monitor.unmap()
            close(pair[0])
            throw StartFault("pidfd_open", number)
        }
        self.pid = pid
        self.monitor = monitor
        socket = pair[0]
        processDescriptor = descriptor
    }

    private static func spawn(
        _ configuration: NVMLConfiguration, socket: Int32, page: Int32
    ) -> Result<pid_t, StartFault> {
        // Above the places they go to in the child, so that none overwrites another.
        let ends = [socket, page].map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
        defer { for end in ends where end >= 0 { close(end) } }
        guard ends.allSatisfy({ $0 >= 0 }) else { return .failure(StartFault("fcntl", errno)) }
        let files: [Int32] = [-1, -1, 2, ends[0], ends[1]]

        var arguments = (configuration.arguments + [String(getpid())]).map { strdup($0) } + [nil]
        let own = configuration.environment ?? []
        var environment = own.map { strdup($0) } + [nil]
        defer {
            for text in arguments { free(text) }
            for text in environment { free(text) }
        }
        var pid: pid_t = 0
        let inherits = configuration.environment == nil
        let error = environment.withUnsafeMutableBufferPointer { block in
            clinux_spawn(
                &pid, configuration.executable, &arguments, inherits ? nil : block.baseAddress, files,
                Int32(files.count))
        }
        return error == 0 ? .success(pid) : .failure(StartFault("posix_spawn", error))
    }

    /// The call that the child is in at this moment.
    var openCall: CallMonitor.Open? { monitor.open }

    /// Asks; `false` when the child's socket takes nothing, which is as good as no answer.
    func ask(_ request: NVMLRequest, _ packet: inout PacketWriter, nowNanoseconds: UInt64) -> Bool {
        request.encode(&packet)
        let bytes = packet.bytes
        let sent = send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        guard sent == bytes.count else { return false }
        askedMask = request.gpus
        phase = .asked(request: request.number, sinceNanoseconds: nowNanoseconds)
        return true
    }

    enum Received {
        case answer(NVMLAnswer)
        case nothing
        case malformed
        case end
    }

    /// The next packet that waits.
    func receive(_ room: UnsafeMutableRawBufferPointer) -> Received {
        guard socket >= 0 else { return .nothing }
        while true {
            let got = recv(socket, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
            if got < 0 && errno == EINTR { continue }
            if got < 0 && errno == EAGAIN { return .nothing }
            guard got > 0 else { return .end }
            guard let answer = NVMLAnswer(UnsafeRawBufferPointer(rebasing: room[..<got])) else { return .malformed }
            return .answer(answer)
        }
    }

    /// Closes the conversation: a child that is not stuck ends by itself.
    func closeSocket(nowNanoseconds: UInt64) {
        guard socket >= 0 else { return }
        lastOpen = openCall
        close(socket)
        socket = -1
        phase = .ending(sinceNanoseconds: nowNanoseconds)
    }

    enum Exit: Hashable {
        case status(Int32)
        case signal(Int32)

        var text: String {
            switch self {
            case .status(let status): "exit status \(status)"
            case .signal(let signal): "signal \(signal)"
            }
        }
    }

    /// How the process ended, once it has; to be followed by ``release()``.
    func ended() -> Exit? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) != 0 else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
    }

    /// Gives everything back, whether or not the process has ended.
    func release() {
        closeSocket(nowNanoseconds: startedNanoseconds)
        close(processDescriptor)
        monitor.unmap()
    }
}
