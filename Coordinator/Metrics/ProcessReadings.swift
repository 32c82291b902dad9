internal import Glibc

/// What the process costs, as the system tells it.
struct ProcessReadings {
    var cpuSeconds: Double
    var residentBytes: UInt64
    var virtualBytes: UInt64
    var openDescriptors: Int
    var maximumDescriptors: UInt64

    /// Reads it all: a few small files, whatever the number of connections.
    init() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        let page = UInt64(sysconf(Int32(_SC_PAGESIZE)))
        let pages = Self.numbers(in: "/proc/self/statm", atMost: 2)
        virtualBytes = (pages.first ?? 0) * page
        residentBytes = (pages.count > 1 ? pages[1] : 0) * page
        openDescriptors = Self.countDescriptors()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        maximumDescriptors = UInt64(limit.rlim_cur)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// Descriptors that may be open at most.
    static var descriptorLimit: Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// Newer kernels (6.2) tell it as the folder's size; with older ones the entries are counted.
    private static func countDescriptors() -> Int {
        var status = stat()
        if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return Int(status.st_size) }
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // The folder itself is one of them.
        return count - 1
    }

    /// The numbers that a file of the kernel begins with.
    private static func numbers(in path: String, atMost limit: Int) -> [UInt64] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let text = withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { bytes -> String in
            let count = read(descriptor, bytes.baseAddress, bytes.count)
            return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
        return text.split(separator: " ").prefix(limit).compactMap { UInt64($0) }
    }
}
