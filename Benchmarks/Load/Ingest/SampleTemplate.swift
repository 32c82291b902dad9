internal import Bytes
internal import Grid
internal import Wire

/// A sample encoded once, into which only its number and times are set: the generator must not be what is measured.
struct SampleTemplate {
    /// The bytes between the places that change: sequence, time of the sample, uptime.
    private let pieces: [[UInt8]]

    /// GPUs that bring a sample to about 900 bytes.
    static let gpus = 1

    /// The places are found by numbers that occur nowhere else.
    private static let markers: [UInt64] = [7_777_777_777_777_001, 7_777_777_777_002, 7_777_777_777_777_003]

    /// The template of that number; each has other readings.
    init(variant: Int) {
        var encoded = ByteBuffer(capacity: 2048)
        AgentCodec.encode(Self.sample(variant), into: &encoded)
        var rest = encoded.bytes[...]
        var found: [[UInt8]] = []
        for marker in Self.markers {
            let digits = Array(String(marker).utf8)
            guard let place = rest.indices.first(where: { rest[$0...].starts(with: digits) }) else {
                preconditionFailure("a sample lost one of its numbers")
            }
            found.append(Array(rest[..<place]))
            rest = rest[(place + digits.count)...]
        }
        pieces = found + [Array(rest)]
    }

    /// Appends a sample.
    ///
    /// - Parameters:
    ///   - takenAt: the wall clock in milliseconds.
    ///   - uptime: travels unchanged to subscribers, as the last number of `node_metrics`.
    @inline(__always)
    func append(sequence: UInt64, takenAt: Int64, uptime: UInt64, to buffer: inout ByteBuffer) {
        buffer.append(pieces[0])
        buffer.append(decimal: sequence)
        buffer.append(pieces[1])
        buffer.append(decimal: takenAt)
        buffer.append(pieces[2])
        buffer.append(decimal: uptime)
        buffer.append(pieces[3])
    }

    /// A busy host with readings in every field.
    private static func sample(_ variant: Int) -> NodeSample {
        var sample = NodeSample(
            sequence: markers[0], takenAt: Timestamp(milliseconds: Int64(markers[1])), intervalMilliseconds: 1000)
        sample.host.cpuPercent = 45.25 + Double(variant)
        sample.host.load1 = 3.5 + Double(variant) / 4
        sample.host.load5 = 2.75
        sample.host.load15 = 2.12
        sample.host.cpuPressurePercent = 1.5
        sample.host.memoryPressurePercent = 0
        sample.host.ioPressurePercent = 0.25
        sample.host.memoryTotalBytes = 67_294_781_440
        sample.host.memoryAvailableBytes = 57_738_428_416 - UInt64(variant) << 25
        sample.host.swapTotalBytes = 8_589_930_496
        sample.host.swapFreeBytes = 8_589_930_496
        sample.host.diskReadBytes = 157_286_400
        sample.host.diskWrittenBytes = 78_643_200 + UInt64(variant) << 20
        sample.host.networkReceivedBytes = 1_024_000 + UInt64(variant) << 10
        sample.host.networkSentBytes = 512_000
        sample.host.filesystemUsedPercent = 61.75
        sample.host.uptimeSeconds = markers[2]
        sample.gpus = (0..<gpus).map { gpu($0, variant) }
        sample.cost = AgentCost(cpuPercent: 0.41, residentBytes: 18_874_368, collectMicroseconds: 2150)
        return sample
    }

    private static func gpu(_ index: Int, _ variant: Int) -> GPUSample {
        var gpu = GPUSample(index: index)
        gpu.utilizationPercent = 60 + index + variant
        gpu.memoryActivityPercent = 30 + index
        gpu.memoryUsedBytes = 13_421_772_800 + UInt64(index + variant) << 24
        gpu.memoryTotalBytes = 25_769_803_776
        gpu.temperatureCelsius = 62 + index
        gpu.powerMilliwatts = 280_000 + UInt32(index * 500 + variant)
        gpu.powerLimitMilliwatts = 450_000
        gpu.smClockMegahertz = 2520
        gpu.memoryClockMegahertz = 10_501
        gpu.throttleReasons = 0
        gpu.fanPercent = 60
        gpu.uncorrectedErrors = 0
        return gpu
    }

    /// What an agent of such samples says of its machine, which has GPUs of its own: a card is in one machine only.
    static func specifications(of agent: Int) -> NodeSpecifications {
        var facts = NodeSpecifications()
        facts.gpus = (0..<gpus).map { index in
            let place = UInt64(agent) << 8 | UInt64(index)
            var gpu = GPUDescription(
                index: index,
                uuid: "GPU-\(UUID128(high: 0x5d5a_1f0e_52a0_4c5e, low: place))",
                name: "NVIDIA GeForce RTX 4090", pciBusID: "00000000:0\(index + 1):00.0")
            gpu.memoryTotalBytes = 25_769_803_776
            gpu.powerLimitMilliwatts = 450_000
            gpu.slowdownCelsius = 90
            return gpu
        }
        facts.cpuModel = "AMD EPYC 7543"
        facts.cpuCores = 64
        facts.memoryTotalBytes = 67_294_781_440
        facts.hostname = "bench"
        facts.runners = ["bench"]
        return facts
    }
}
