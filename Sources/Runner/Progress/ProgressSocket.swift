internal import Bytes
internal import CLinux
internal import Glibc
internal import Grid
internal import Reactor

/// The agent's one socket for the progress of all its tasks.
///
/// A datagram holds one line, see ``ProgressMessage``. Who sent it is what the kernel says, not the sender: the process
/// must belong to a run's session, or descend from its guard. A sender that has bound an address is answered `ok` or
/// the reason of the refusal; one that ends before its line was looked at is not believed, so it should wait for that.
final class ProgressSocket {
    /// Where it is bound.
    let path: String
    /// Lines that were refused: of strangers, or no lines at all.
    private(set) var refusedCount: UInt64 = 0

    private let loop: EventLoop
    private let descriptor: Int32
    private let resolve: (Int32) -> TaskRun?
    private let accept: (TaskRun, ProgressMessage) -> Void
    /// Lines that are looked at in one turn.
    private static let linesPerTurn = 64

    /// Binds the socket, in the place of one that an earlier agent left.
    ///
    /// - Parameters:
    ///   - isShared: whether other accounts than the agent's may write to it.
    ///   - resolve: the run that a process belongs to.
    init(
        path: String, isShared: Bool, on loop: EventLoop, resolve: @escaping (Int32) -> TaskRun?,
        accept: @escaping (TaskRun, ProgressMessage) -> Void
    ) throws(RunFault) {
        self.path = path
        self.loop = loop
        self.resolve = resolve
        self.accept = accept
        guard var address = UnixAddress(path) else { throw .spawn("\(path): too long for a socket") }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .spawn("socket: \(String(cString: strerror(errno)))") }
        unlink(path)
        // Set before the name is there, so that nobody may write to it in between.
        guard fchmod(descriptor, 0o600) == 0, address.with({ bind(descriptor, $0, $1) }) == 0,
            !isShared || chmod(path, 0o666) == 0, clinux_want_credentials(descriptor) == 0
        else {
            let number = errno
            Glibc.close(descriptor)
            throw .spawn("\(path): \(String(cString: strerror(number)))")
        }
        do throws(SystemError) {
            try loop.watch(fileDescriptor: descriptor) { [unowned self] in receive() }
        } catch {
            Glibc.close(descriptor)
            throw .spawn("\(path): \(error)")
        }
    }

    private func receive() {
        withUnsafeTemporaryAllocation(byteCount: Limits.progressMessageBytes, alignment: 8) { room in
            for _ in 0..<Self.linesPerTurn {
                var sender = sockaddr_un()
                var length = socklen_t(0)
                var pid: pid_t = 0
                var user: uid_t = 0
                let count = clinux_receive_datagram(
                    descriptor, room.baseAddress, room.count, &pid, &user, &sender, &length)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno != EMSGSIZE { return }
                let answer =
                    count < 0
                    ? refuse("longer than \(Limits.progressMessageBytes) bytes")
                    : take(UnsafeRawBufferPointer(rebasing: room[..<count]), from: pid)
                guard length > MemoryLayout<sa_family_t>.size else { continue }
                let bytes = Array(answer.utf8)
                withUnsafePointer(to: &sender) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        _ = sendto(
                            descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), $0, length)
                    }
                }
            }
        }
    }

    private func refuse(_ reason: String) -> String {
        refusedCount += 1
        return reason
    }

    private func take(_ line: UnsafeRawBufferPointer, from pid: Int32) -> String {
        guard pid > 0, let run = resolve(pid) else { return refuse("the sender belongs to no task of this agent") }
        do throws(ProgressMessage.Fault) {
            accept(run, try ProgressMessage(line))
            return "ok"
        } catch {
            return refuse(error.reason)
        }
    }

    /// Ends it and removes its name.
    func close() {
        loop.unwatch(fileDescriptor: descriptor)
        Glibc.close(descriptor)
        unlink(path)
    }
}

/// The address of a Unix socket.
struct UnixAddress {
    private var storage = sockaddr_un()
    private var length: socklen_t

    /// The address of that path; `nil` if it is longer than the kernel takes.
    init?(_ path: String) {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: storage.sun_path), !bytes.contains(0) else {
            return nil
        }
        storage.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &storage.sun_path) { $0.copyBytes(from: bytes) }
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
    }

    /// An address that the kernel picks.
    init() {
        storage.sun_family = sa_family_t(AF_UNIX)
        length = socklen_t(MemoryLayout<sa_family_t>.size)
    }

    mutating func with<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        let length = length
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
