import Grid
import Testing

@testable import Wire

@Suite("Samples: what an agent sends is taken")
struct SampleEncoderTests {
    @Test("Any sample within its ranges survives the way")
    func roundTrip() throws {
        var generator = Seeded(3)
        for _ in 0..<300 {
            let sample = SampleMaker.random(using: &generator)
            let text = written { AgentCodec.encode(sample, into: &$0) }
            #expect(try text.withRaw { try AgentCodec.decodeAgentMessage($0) } == .sample(sample), "\(text)")
            if let quick = SampleDecoderTests.quickly(text) { #expect(quick == sample, "\(text)") }
        }
    }

    @Test("Readings outside their ranges are left out, never sent to be refused")
    func impossibleReadings() throws {
        var sample = SampleMaker.complete()
        sample.takenAt = Timestamp(milliseconds: .min)
        sample.intervalMilliseconds = 0
        sample.host.cpuPercent = .nan
        sample.host.load1 = -1
        sample.host.load5 = .infinity
        sample.host.filesystemUsedPercent = 100.5
        sample.gpus[0].utilizationPercent = 101
        sample.gpus[1].utilizationPercent = nil
        sample.gpus[0].temperatureCelsius = .max
        sample.gpus[0].processes = [GPUProcess(pid: -4, memoryUsedBytes: 3), GPUProcess(pid: 4, memoryUsedBytes: 3)]
        sample.gpus.append(GPUSample(index: 64))
        sample.gpus.append(GPUSample(index: -1))
        sample.failures = Array(
            repeating: ReadingFailure(collector: String(repeating: "x", count: 999), reason: ""), count: 99)
        sample.cost = AgentCost(cpuPercent: .infinity, residentBytes: .max, collectMicroseconds: .max)
        sample.detail?.corePercents = [1, 2, -3]
        sample.detail?.disks[0].busyPercent = .nan
        sample.detail?.interfaces[0].megabitsPerSecond = -1
        let text = written { AgentCodec.encode(sample, into: &$0) }
        guard case .sample(let read) = try text.withRaw({ try AgentCodec.decodeAgentMessage($0) }) else {
            Issue.record("not a sample")
            return
        }
        #expect(read.takenAt.milliseconds == 0)
        #expect(read.intervalMilliseconds == 1)
        #expect(read.host.cpuPercent == nil && read.host.load1 == nil && read.host.load5 == nil)
        #expect(read.host.filesystemUsedPercent == nil)
        #expect(read.host.load15 == 2.12)
        #expect(read.gpus.map(\.index) == [0, 1])
        #expect(read.gpus.map(\.utilizationPercent) == [nil, nil])
        #expect(read.gpus[0].temperatureCelsius == nil)
        #expect(read.gpus[0].processes == [GPUProcess(pid: 4, memoryUsedBytes: 3)])
        #expect(read.failures.count == Limits.collectorFailuresPerSample)
        #expect(read.failures[0].collector.utf8.count == Limits.readingTextBytes)
        #expect(read.cost == nil)
        #expect(read.detail?.corePercents == [])
        #expect(read.detail?.disks[0].busyPercent == nil)
        #expect(read.detail?.interfaces[0].megabitsPerSecond == nil)
    }

    @Test("Percentages go to hundredths")
    func decimals() throws {
        var sample = SampleMaker.typical(gpus: 0)
        sample.host.cpuPercent = 33.333_333
        sample.host.ioPressurePercent = 99.999
        let text = written { AgentCodec.encode(sample, into: &$0) }
        #expect(text.contains("\"cpu_percent\":33.33,"))
        #expect(text.contains("\"io_pressure_percent\":100,"))
    }

    @Test("The largest sample fits one message")
    func largest() throws {
        var sample = SampleMaker.typical(gpus: Limits.gpusPerNode)
        let name = String(repeating: "n", count: Limits.readingTextBytes)
        for index in sample.gpus.indices {
            sample.gpus[index].state = .driverHung
            sample.gpus[index].processes = Array(
                repeating: GPUProcess(pid: .max, memoryUsedBytes: .max), count: Limits.processesPerGPU)
        }
        sample.failures = Array(
            repeating: ReadingFailure(collector: name, reason: name), count: Limits.collectorFailuresPerSample)
        var detail = HostDetail()
        detail.corePercents = Array(repeating: 12.34, count: Limits.coresPerNode)
        let count = Limits.devicesPerNode
        detail.disks = Array(
            repeating: DiskSample(name: name, readBytes: .max, writtenBytes: .max, busyPercent: 99.99), count: count)
        detail.filesystems = Array(
            repeating: FilesystemSample(mountPoint: name, type: name, totalBytes: .max, availableBytes: .max),
            count: count)
        detail.interfaces = Array(
            repeating: InterfaceSample(
                name: name, receivedBytes: .max, sentBytes: .max, errors: .max, megabitsPerSecond: 100_000),
            count: count)
        sample.detail = detail
        let text = written { AgentCodec.encode(sample, into: &$0) }
        #expect(text.utf8.count <= Limits.messageBytes)
        #expect(try text.withRaw { try AgentCodec.decodeAgentMessage($0) } == .sample(sample))
    }

    @Test("Texts are cut between scalars", arguments: [("aé", 2, "a"), ("aé", 3, "aé"), ("", 0, ""), ("日本", 5, "日")])
    func cut(text: String, limit: Int, expected: String) {
        #expect(text.cut(to: limit) == expected)
    }
}
