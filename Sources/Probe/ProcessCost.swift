import Glibc

/// What the calling process costs.
enum ProcessCost {
    /// User and system time since the process's start.
    static func processorNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Resident memory now, pages shared with other processes included; 0 when /proc is not there.
    static func residentBytes() -> UInt64 {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { room in
            let got = read(descriptor, room.baseAddress, room.count)
            guard got > 0 else { return 0 }
            var scanner = FieldScanner(UnsafeRawBufferPointer(rebasing: room[..<got]))
            scanner.skipWords(1)
            return (scanner.unsigned() ?? 0) &* UInt64(getpagesize())
        }
    }
}
