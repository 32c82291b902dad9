import Grid

@testable import Wire

/// Samples for tests: a fixed one with a reading in every field, and random ones.
enum SampleMaker {
    static let takenAt = Timestamp(milliseconds: 1_705_314_600_000)

    /// A host with `count` GPUs, every reading present, all values exact in the wire's two decimals.
    static func typical(gpus count: Int) -> NodeSample {
        var sample = NodeSample(sequence: 1042, takenAt: takenAt, intervalMilliseconds: 1000)
        sample.host.cpuPercent = 45.25
        sample.host.load1 = 3.5
        sample.host.load5 = 2.75
        sample.host.load15 = 2.12
        sample.host.cpuPressurePercent = 1.5
        sample.host.memoryPressurePercent = 0
        sample.host.ioPressurePercent = 0.25
        sample.host.memoryTotalBytes = 67_294_781_440
        sample.host.memoryAvailableBytes = 57_738_428_416
        sample.host.swapTotalBytes = 8_589_930_496
        sample.host.swapFreeBytes = 8_589_930_496
        sample.host.diskReadBytes = 157_286_400
        sample.host.diskWrittenBytes = 78_643_200
        sample.host.networkReceivedBytes = 1_024_000
        sample.host.networkSentBytes = 512_000
        sample.host.filesystemUsedPercent = 61.75
        sample.host.uptimeSeconds = 864_000
        sample.gpus = (0..<count).map(gpu)
        sample.cost = AgentCost(cpuPercent: 0.41, residentBytes: 18_874_368, collectMicroseconds: 2150)
        return sample
    }

    static func gpu(_ index: Int) -> GPUSample {
        var gpu = GPUSample(index: index)
        gpu.utilizationPercent = 85 - index
        gpu.memoryActivityPercent = 30 + index
        gpu.memoryUsedBytes = 13_421_772_800 + UInt64(index) << 20
        gpu.memoryTotalBytes = 25_769_803_776
        gpu.temperatureCelsius = 72 - index
        gpu.powerMilliwatts = 280_000 + UInt32(index) * 500
        gpu.powerLimitMilliwatts = 450_000
        gpu.smClockMegahertz = 2520
        gpu.memoryClockMegahertz = 10_501
        gpu.throttleReasons = 4
        gpu.fanPercent = 60
        gpu.uncorrectedErrors = 0
        return gpu
    }

    /// ``typical(gpus:)`` with everything aboard that only some samples carry.
    static func complete() -> NodeSample {
        var sample = typical(gpus: 2)
        sample.gpus[0].processes = [
            GPUProcess(pid: 4711, memoryUsedBytes: 12_884_901_888), GPUProcess(pid: 4712, memoryUsedBytes: nil),
        ]
        sample.gpus[1].state = .stale
        sample.failures = [ReadingFailure(collector: "host_disk", reason: "/proc/diskstats: permission denied")]
        var detail = HostDetail()
        detail.corePercents = [45.5, 0, 100, 12.34]
        detail.disks = [DiskSample(name: "nvme0n1", readBytes: 4096, writtenBytes: 8192, busyPercent: 3.5)]
        detail.filesystems = [
            FilesystemSample(
                mountPoint: "/", type: "ext4", totalBytes: 500_107_862_016, availableBytes: 191_000_000_000)
        ]
        detail.interfaces = [
            InterfaceSample(
                name: "eth0", receivedBytes: 1_024_000, sentBytes: 512_000, errors: 0, megabitsPerSecond: 1000)
        ]
        sample.detail = detail
        return sample
    }
}
