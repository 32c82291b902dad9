internal import Glibc

/// A process as /proc shows it: its processor time and memory, all threads together.
struct ServerProcess {
    /// The process looked at.
    let pid: Int
    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))

    /// User and system time in seconds, in steps of the kernel's tick; 0 once the process is gone.
    var processorSeconds: Double {
        // The name in parentheses may hold blanks; what follows its end does not.
        guard let text = Self.read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Self.ticksPerSecond
    }

    /// Resident memory in bytes; 0 once the process is gone.
    var residentBytes: Int {
        guard let fields = Self.read("/proc/\(pid)/statm")?.split(separator: " "), fields.count > 1 else { return 0 }
        return (Int(fields[1]) ?? 0) * Self.pageBytes
    }

    /// Seconds that its first thread was ready to run and another ran: what neighbours took from it.
    var waitedSeconds: Double {
        guard let fields = Self.read("/proc/\(pid)/schedstat")?.split(separator: " "), fields.count > 1 else {
            return 0
        }
        return (Double(fields[1]) ?? 0) / 1e9
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}
