import Glibc
import Testing

@testable import Service

/// A bound Unix datagram socket in the place of systemd's, named in this process's environment.
private final class NotifySocket {
    let descriptor: Int32
    let path: String

    init() {
        path = "/tmp/neurogrid-notify-\(getpid())"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        precondition(descriptor >= 0)
        unlink(path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        precondition(bound == 0)
        setenv("NOTIFY_SOCKET", path, 1)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The next message; empty if none is waiting. A datagram on a Unix socket has arrived when its sender returns.
    func next() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

/// In processes of their own, since the environment is the process's.
@Suite struct SupervisorTests {
    @Test func systemdIsTold() async {
        await #expect(processExitsWith: .success) {
            let socket = NotifySocket()
            setenv("WATCHDOG_USEC", "20000000", 1)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            let supervisor = Supervisor()
            precondition(supervisor.isPresent)
            precondition(supervisor.watchdogIntervalNanoseconds == 10_000_000_000)
            supervisor.ready()
            precondition(socket.next() == "READY=1")
            supervisor.ready(status: "listening on 127.0.0.1:3001")
            precondition(socket.next() == "READY=1\nSTATUS=listening on 127.0.0.1:3001")
            supervisor.status("two\nREADY=1")
            precondition(socket.next() == "STATUS=two\\nREADY=1")
            supervisor.alive()
            precondition(socket.next() == "WATCHDOG=1")
            supervisor.reloading()
            let reloading = socket.next()
            precondition(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
            precondition(UInt64(reloading.dropFirst("RELOADING=1\nMONOTONIC_USEC=".count)) ?? 0 > 0)
            supervisor.stopping(status: "draining")
            precondition(socket.next() == "STOPPING=1\nSTATUS=draining")
            precondition(socket.next().isEmpty)
        }
    }

    @Test func aWatchdogOfAnotherProcessIsNotOurs() async {
        await #expect(processExitsWith: .success) {
            let socket = NotifySocket()
            setenv("WATCHDOG_USEC", "20000000", 1)
            setenv("WATCHDOG_PID", "1", 1)
            precondition(Supervisor().isPresent)
            precondition(Supervisor().watchdogIntervalNanoseconds == nil)
            unsetenv("WATCHDOG_PID")
            setenv("WATCHDOG_USEC", "nonsense", 1)
            precondition(Supervisor().watchdogIntervalNanoseconds == nil)
            precondition(socket.next().isEmpty)
        }
    }

    @Test func withoutSystemdNothingHappens() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            let supervisor = Supervisor()
            precondition(!supervisor.isPresent)
            precondition(supervisor.watchdogIntervalNanoseconds == nil)
            supervisor.ready()
            supervisor.alive()
        }
    }

    @Test func withoutTheLibraryNothingHappens() async {
        await #expect(processExitsWith: .success) {
            let socket = NotifySocket()
            let supervisor = Supervisor(library: SystemdLibrary(named: "libno-such-thing.so.0"))
            precondition(!supervisor.isPresent)
            supervisor.ready()
            precondition(socket.next().isEmpty)
        }
    }
}
