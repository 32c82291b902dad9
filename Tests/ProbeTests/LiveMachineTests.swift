import CLinux
import Glibc
import Grid
import Testing

@testable import Probe

/// The live machine against readings that share no code with ours.
@Suite struct LiveMachineTests {
    private func sample(_ sampler: HostSampler, _ sequence: UInt64) -> NodeSample {
        sampler.sample(
            sequence: sequence,
            now: Now(monotonicNanoseconds: MonotonicClock.nanoseconds(), wall: Timestamp(milliseconds: 1)))
    }

    @Test func nothingFailsOnThisMachine() throws {
        let sampler = HostSampler()
        defer { sampler.close() }
        sampler.prime(monotonicNanoseconds: MonotonicClock.nanoseconds())
        let ticks = try #require(accountedTicks())
        Spinner.spin(milliseconds: 60)
        // A share of fewer ticks than five is none; where little is accounted, it takes longer.
        let end = MonotonicClock.nanoseconds() + 30_000_000_000
        while try #require(accountedTicks()) < ticks + 10, MonotonicClock.nanoseconds() < end {}
        let sample = sample(sampler, 1)
        #expect(sample.failures.isEmpty)
        #expect((0...100).contains(try #require(sample.host.cpuPercent)))
        #expect(try #require(sample.host.memoryTotalBytes) > 1 << 28)
        #expect(try #require(sample.host.uptimeSeconds) > 0)
        #expect(try #require(sample.detail).corePercents.allSatisfy { (0...100).contains($0) })
        #expect(sample.intervalMilliseconds >= 60)
    }

    /// What all cores together have spent since boot, in ticks.
    private func accountedTicks() -> UInt64? {
        let files = FileReader()
        return try? files.read("/proc/stat", of: .live) { bytes in
            var scanner = FieldScanner(bytes)
            _ = scanner.skip("cpu ")
            return (0..<8).reduce(0) { sum, _ in sum + (scanner.unsigned() ?? 0) }
        }
    }

    @Test func factsAgreeWithTheLibrary() throws {
        let facts = MachineFacts.read(root: .live)
        #expect(facts.cpuCores == sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        var name = utsname()
        #expect(uname(&name) == 0)
        let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        #expect(facts.kernel == release)
        let pages = UInt64(sysconf(Int32(_SC_PHYS_PAGES)))
        #expect(facts.memoryTotalBytes == pages * UInt64(getpagesize()))
    }

    /// psutil, where a python3 has it, reads just before and just after each of our two readings; elsewhere this has
    /// nothing to say.
    @Test(.enabled(if: Psutil.isThere)) func psutilAgrees() throws {
        let sampler = HostSampler()
        defer { sampler.close() }
        let before = try #require(Psutil.read())
        sampler.prime(monotonicNanoseconds: MonotonicClock.nanoseconds())
        let begun = try #require(Psutil.read())
        Spinner.spin(milliseconds: 1500)
        let ending = try #require(Psutil.read())
        let sample = sample(sampler, 1)
        let after = try #require(Psutil.read())

        // Our span holds psutil's inner one and lies within its outer one, and so do its busy and its idle seconds: the
        // share is least with the fewest busy and the most idle ones. Idle may step back by a tick for each core.
        let slack = 0.01 * Double(sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 1)
        let least = (busy: ending.busy - begun.busy - slack, idle: ending.idle - begun.idle - slack)
        let most = (busy: after.busy - before.busy + slack, idle: after.idle - before.idle + slack)
        let percent = try #require(sample.host.cpuPercent)
        #expect(percent >= 100 * least.busy / (least.busy + most.idle))
        #expect(percent <= 100 * most.busy / (most.busy + max(0, least.idle)))
        // Between two readings it may have moved; beyond both it is not far.
        let used = Double(try #require(sample.host.memoryUsedBytes))
        let room = 0.05 * Double(try #require(sample.host.memoryTotalBytes))
        #expect(used > min(ending.usedMemory, after.usedMemory) - room)
        #expect(used < max(ending.usedMemory, after.usedMemory) + room)
        // psutil's outer readings stand around ours, so ours cannot exceed theirs.
        if let received = sample.host.networkReceivedBytes {
            #expect(Double(received) <= after.received - before.received)
        }
        if let written = sample.host.diskWrittenBytes { #expect(Double(written) <= after.written - before.written) }
    }
}

/// Keeps a core busy, which is also how a test lets time pass without sleeping.
enum Spinner {
    static func spin(milliseconds: UInt64) {
        let end = MonotonicClock.nanoseconds() + milliseconds * 1_000_000
        while MonotonicClock.nanoseconds() < end {}
    }
}

/// What psutil says, through a python3 that has it.
enum Psutil {
    struct Readings {
        var busy, idle, usedMemory, received, written: Double
    }

    static let isThere = read() != nil

    private static let script = """
        import psutil, sys
        t = psutil.cpu_times()
        total = sum(t) - t.guest - t.guest_nice
        v = psutil.virtual_memory()
        n = psutil.net_io_counters()
        d = psutil.disk_io_counters()
        idle = t.idle + t.iowait
        values = [total - idle, idle, v.total - v.available, n.bytes_recv, d.write_bytes if d else 0]
        open(sys.argv[1], 'w').write(' '.join(str(int(x * 1000)) for x in values))
        """

    static func read() -> Readings? {
        let output = Scratch.folder() + "/psutil"
        for python in [FakeNVML.packageRoot + "/.build/venv/bin/python", "/usr/bin/python3"] {
            guard access(python, X_OK) == 0, run(python, output) == 0 else { continue }
            let files = FileReader()
            let values = try? files.read(output, of: .live) { bytes in
                var scanner = FieldScanner(bytes)
                return (0..<5).map { _ in Double(scanner.unsigned() ?? 0) / 1000 }
            }
            guard let values else { continue }
            return Readings(
                busy: values[0], idle: values[1], usedMemory: values[2], received: values[3], written: values[4])
        }
        return nil
    }

    /// Without psutil python complains; nobody needs to read it.
    private static func run(_ python: String, _ output: String) -> Int32 {
        var pid: pid_t = 0
        let arguments: [String] = [python, "-c", script, output]
        var argv = arguments.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        guard clinux_spawn(&pid, python, &argv, nil, [-1, -1, -1], 3) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status
    }
}
