/// The host's readings of one tick. Amounts (`…Bytes` of I/O) are since the previous sample.
public struct HostSample: Hashable, Sendable {
    /// Busy share of all cores together, 0 to 100.
    public var cpuPercent: Double?
    public var load1: Double?
    public var load5: Double?
    public var load15: Double?
    /// Share of time in which some task waited, over 10 s, 0 to 100 (Linux pressure stall information).
    public var cpuPressurePercent: Double?
    public var memoryPressurePercent: Double?
    public var ioPressurePercent: Double?
    public var memoryTotalBytes: UInt64?
    public var memoryAvailableBytes: UInt64?
    public var swapTotalBytes: UInt64?
    public var swapFreeBytes: UInt64?
    /// Physical disks together, since the previous sample.
    public var diskReadBytes: UInt64?
    public var diskWrittenBytes: UInt64?
    /// Physical interfaces together, since the previous sample.
    public var networkReceivedBytes: UInt64?
    public var networkSentBytes: UInt64?
    /// The fullest of the fixed file systems, 0 to 100.
    public var filesystemUsedPercent: Double?
    public var uptimeSeconds: UInt64?
    public init() {}

    /// Used memory as the product defines it: total − available.
    public var memoryUsedBytes: UInt64? {
        guard let total = memoryTotalBytes, let available = memoryAvailableBytes, available <= total else { return nil }
        return total - available
    }
}

/// Lists behind the host's totals.
public struct HostDetail: Hashable, Sendable {
    /// Busy share of each core, 0 to 100, in the kernel's order.
    public var corePercents: [Double] = []
    public var disks: [DiskSample] = []
    public var filesystems: [FilesystemSample] = []
    public var interfaces: [InterfaceSample] = []
    public init() {}
}

/// One physical disk since the previous sample.
public struct DiskSample: Hashable, Sendable {
    public var name: String
    public var readBytes: UInt64
    public var writtenBytes: UInt64
    /// Share of the interval in which the disk was busy, 0 to 100.
    public var busyPercent: Double?
    public init(name: String, readBytes: UInt64, writtenBytes: UInt64, busyPercent: Double?) {
        self.name = name
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
        self.busyPercent = busyPercent
    }
}

/// One mounted file system on a fixed disk.
public struct FilesystemSample: Hashable, Sendable {
    public var mountPoint: String
    public var type: String
    public var totalBytes: UInt64
    public var availableBytes: UInt64
    public init(mountPoint: String, type: String, totalBytes: UInt64, availableBytes: UInt64) {
        self.mountPoint = mountPoint
        self.type = type
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
    }
}

/// One physical network interface since the previous sample.
public struct InterfaceSample: Hashable, Sendable {
    public var name: String
    public var receivedBytes: UInt64
    public var sentBytes: UInt64
    /// Receive and transmit errors and drops together.
    public var errors: UInt64
    public var megabitsPerSecond: Int?
    public init(name: String, receivedBytes: UInt64, sentBytes: UInt64, errors: UInt64, megabitsPerSecond: Int?) {
        self.name = name
        self.receivedBytes = receivedBytes
        self.sentBytes = sentBytes
        self.errors = errors
        self.megabitsPerSecond = megabitsPerSecond
    }
}
