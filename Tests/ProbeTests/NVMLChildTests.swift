import CLinux
import Glibc
import Testing

@testable import Probe

@Suite struct NVMLChildTests {
    /// Starts the child's executable with these descriptors and returns its process id.
    private func spawn(_ path: String, _ arguments: [String], _ files: [Int32]) throws -> pid_t {
        var pid: pid_t = 0
        var argv = arguments.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        try #require(clinux_spawn(&pid, path, &argv, nil, files, Int32(files.count)) == 0)
        return pid
    }

    private func exitStatus(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status >> 8 & 0xFF
    }

    /// A socket and a page as the supervisor makes them, high enough to be handed on.
    private func ends() throws -> (parent: Int32, child: Int32, page: Int32) {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
        let (monitor, page) = try #require(CallMonitor.create())
        monitor.unmap()
        let high = [pair[1], page].map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
        close(pair[1])
        close(page)
        return (pair[0], high[0], high[1])
    }

    @Test func startedByHandItSaysSo() throws {
        #expect(exitStatus(try spawn(FakeNVML.childExecutable, ["probe-child"], [-1, -1, -1])) == 64)
        #expect(exitStatus(try spawn(FakeNVML.childExecutable, ["probe-child", "x"], [-1, -1, -1])) == 64)
        let own = String(getpid())
        #expect(exitStatus(try spawn(FakeNVML.childExecutable, ["probe-child", own], [-1, -1, -1])) == 64)
    }

    @Test func itEndsWhenItsParentIsAnother() throws {
        let ends = try ends()
        let pid = try spawn(FakeNVML.childExecutable, ["probe-child", "1"], [-1, -1, -1, ends.child, ends.page])
        for descriptor in [ends.child, ends.page] { close(descriptor) }
        defer { close(ends.parent) }
        #expect(exitStatus(pid) == 0)
    }

    @Test func itEndsWhenTheConversationDoes() throws {
        let ends = try ends()
        let own = String(getpid())
        let pid = try spawn(
            "/usr/bin/env",
            [
                "env", "NEUROGRID_NVML_LIBRARY=\(FakeNVML.library)",
                "NEUROGRID_FAKE_NVML_SCENARIO=\(FakeNVML.shipped("h100x8"))", FakeNVML.childExecutable, own,
            ], [-1, -1, 2, ends.child, ends.page])
        for descriptor in [ends.child, ends.page] { close(descriptor) }
        var room = [UInt8](repeating: 0, count: NVMLMessage.maximumBytes)
        let got = recv(ends.parent, &room, room.count, 0)
        guard got > 0, case .hello(let count, let version)? = room.prefix(got).withUnsafeBytes({ NVMLAnswer($0) })
        else {
            Issue.record("no hello")
            return
        }
        #expect(count == 8)
        #expect(version == "550.54.15")
        close(ends.parent)
        #expect(exitStatus(pid) == 0)
    }

    @Test func aPacketThatIsNoRequestEndsIt() throws {
        let ends = try ends()
        let pid = try spawn(
            "/usr/bin/env",
            [
                "env", "NEUROGRID_NVML_LIBRARY=\(FakeNVML.library)",
                "NEUROGRID_FAKE_NVML_SCENARIO=\(FakeNVML.shipped("h100x8"))", FakeNVML.childExecutable,
                String(getpid()),
            ], [-1, -1, 2, ends.child, ends.page])
        for descriptor in [ends.child, ends.page] { close(descriptor) }
        defer { close(ends.parent) }
        let garbage: [UInt8] = [9, 9, 9]
        #expect(send(ends.parent, garbage, garbage.count, 0) == 3)
        #expect(exitStatus(pid) == 70)
    }

    @Test func itDiesWithItsParentEvenWhileTheSocketLives() throws {
        let ends = try ends()
        defer { close(ends.parent) }
        let note = Scratch.folder() + "/pid"
        // The number is noted by the process that then becomes the child, so before its hello.
        let script = """
            export NEUROGRID_NVML_LIBRARY=\(FakeNVML.library)
            export NEUROGRID_FAKE_NVML_SCENARIO=\(FakeNVML.shipped("h100x8"))
            sh -c 'echo $$ >"$1"; exec "$2" "$3"' sh \(note) \(FakeNVML.childExecutable) $$ &
            read forever < \(note).fifo
            """
        try #require(mkfifo(note + ".fifo", 0o600) == 0)
        let shell = try spawn("/bin/sh", ["sh", "-c", script], [-1, -1, 2, ends.child, ends.page])
        var isShellThere = true
        func endShell() {
            guard isShellThere else { return }
            isShellThere = false
            kill(shell, SIGKILL)
            _ = exitStatus(shell)
        }
        defer { endShell() }
        for descriptor in [ends.child, ends.page] { close(descriptor) }
        // The shell holds the other end as well: without a child there is no end to see.
        var hello = pollfd(fd: ends.parent, events: Int16(POLLIN), revents: 0)
        try #require(poll(&hello, 1, 30_000) == 1)
        var room = [UInt8](repeating: 0, count: NVMLMessage.maximumBytes)
        #expect(recv(ends.parent, &room, room.count, 0) > 0)
        let files = FileReader()
        let child = try #require(files.number(note, of: .live))
        let watch = clinux_pidfd_open(pid_t(child))
        try #require(watch >= 0)
        defer { close(watch) }
        endShell()
        var waiting = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 30_000) == 1)
    }
}
