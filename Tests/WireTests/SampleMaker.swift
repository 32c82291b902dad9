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

extension SampleMaker {
    /// A sample with random readings within their ranges, each absent now and then.
    static func random(using generator: inout Seeded) -> NodeSample {
        var sample = NodeSample(
            sequence: UInt64.random(in: 1...UInt64.max, using: &generator),
            takenAt: Timestamp(milliseconds: Int64.random(in: 0...253_402_300_799_999, using: &generator)),
            intervalMilliseconds: UInt32.random(in: 1...UInt32.max, using: &generator))
        sample.host = host(using: &generator)
        sample.gpus = (0..<Int.random(in: 0...9, using: &generator)).map { gpu($0 * 7, using: &generator) }
        if Bool.random(using: &generator) {
            sample.cost = AgentCost(
                cpuPercent: hundredths(400, &generator), residentBytes: word(&generator),
                collectMicroseconds: UInt32.random(in: 0...UInt32.max, using: &generator))
        }
        return sample
    }

    private static func host(using generator: inout Seeded) -> HostSample {
        var host = HostSample()
        for path in [
            \HostSample.cpuPercent, \.cpuPressurePercent, \.memoryPressurePercent, \.ioPressurePercent,
            \.filesystemUsedPercent, \.load1, \.load5, \.load15,
        ] as [WritableKeyPath<HostSample, Double?>] where Int.random(in: 0..<4, using: &generator) > 0 {
            host[keyPath: path] = hundredths(100, &generator)
        }
        for path in [
            \HostSample.memoryTotalBytes, \.memoryAvailableBytes, \.swapTotalBytes, \.swapFreeBytes, \.diskReadBytes,
            \.diskWrittenBytes, \.networkReceivedBytes, \.networkSentBytes, \.uptimeSeconds,
        ] as [WritableKeyPath<HostSample, UInt64?>] where Int.random(in: 0..<4, using: &generator) > 0 {
            host[keyPath: path] = word(&generator)
        }
        return host
    }

    private static func gpu(_ index: Int, using generator: inout Seeded) -> GPUSample {
        var gpu = GPUSample(index: index)
        gpu.state = Bool.random(using: &generator) ? .ok : GPUState.allCases.randomElement(using: &generator) ?? .ok
        for path in [
            \GPUSample.utilizationPercent, \.memoryActivityPercent, \.temperatureCelsius, \.fanPercent,
            \.smClockMegahertz, \.memoryClockMegahertz,
        ] as [WritableKeyPath<GPUSample, Int?>] where Bool.random(using: &generator) {
            gpu[keyPath: path] = Int.random(in: 0...100, using: &generator)
        }
        if Bool.random(using: &generator) { gpu.temperatureCelsius = -40 }
        for path in [\GPUSample.memoryUsedBytes, \.memoryTotalBytes, \.throttleReasons, \.uncorrectedErrors]
            as [WritableKeyPath<GPUSample, UInt64?>] where Bool.random(using: &generator)
        {
            gpu[keyPath: path] = word(&generator)
        }
        if Bool.random(using: &generator) { gpu.powerMilliwatts = UInt32.random(in: 0...UInt32.max, using: &generator) }
        if Bool.random(using: &generator) { gpu.processes = [] }
        return gpu
    }

    /// A number with two decimals, from 0 to `limit`.
    private static func hundredths(_ limit: Int, _ generator: inout Seeded) -> Double {
        Double(Int.random(in: 0...limit * 100, using: &generator)) / 100
    }

    /// Any word, small ones as often as large ones.
    private static func word(_ generator: inout Seeded) -> UInt64 {
        generator.next() >> UInt64.random(in: 0..<64, using: &generator)
    }
}
