import Bytes
import Grid

/// Reads `sample` messages, the hot path of ingest: into a sample that the caller reuses, without a `String` and
/// without an allocation unless failures, processes or detail are aboard.
enum SampleDecoder {
    /// Reads `bytes` into `sample` if they are a sample; `false` if they are another message, `sample` untouched then.
    static func decode(_ bytes: UnsafeRawBufferPointer, into sample: inout NodeSample) throws(WireError) -> Bool {
        if decodeQuickly(bytes, into: &sample) { return true }
        return try decodeStrictly(bytes, into: &sample)
    }

    /// Reads a sample as agents normally write it; `false` leaves the judgement to ``decodeStrictly(_:into:)``.
    static func decodeQuickly(_ bytes: UnsafeRawBufferPointer, into sample: inout NodeSample) -> Bool {
        guard var reader = QuickReader(sample: bytes) else { return false }
        do throws(QuickReader.Unusual) {
            try fields(&reader, into: &sample)
            try reader.finish()
            return true
        } catch {
            return false
        }
    }

    /// Reads any valid JSON, in any order of its keys, or says what is wrong with it.
    static func decodeStrictly(
        _ bytes: UnsafeRawBufferPointer, into sample: inout NodeSample
    ) throws(WireError) -> Bool {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        guard let first = try reader.nextKey() else { throw reader.missing("type") }
        if first == "type" {
            guard try reader.required(reader.name("type"), "type") == "sample" else { return false }
        } else {
            // The type stands elsewhere: find it first, so that another message's fields are not judged as ours.
            guard try MessageType.find(bytes) == "sample" else { return false }
            reader = MessageReader(bytes)
            try reader.beginMessage()
        }
        try fields(&reader, into: &sample)
        try reader.finish()
        return true
    }

    /// Reads the keys of the open message to its end.
    @inline(__always)
    private static func fields<Reader: SampleReader>(
        _ reader: inout Reader, into sample: inout NodeSample
    ) throws(Reader.Fault) {
        clear(&sample)
        var sequence: UInt64?
        var takenAt: Int64?
        var interval: UInt32?
        var expected = SampleKey.sequence.rawValue
        reading: while true {
            let found: FoundKey<SampleKey> = try reader.nextKey(&expected)
            guard case .known(let key) = found else {
                if case .end = found { break reading }
                try reader.skip()
                continue
            }
            switch key {
            case .type: try reader.skip()
            case .sequence: sequence = try reader.amount("seq")
            case .takenAt: takenAt = try reader.whole("taken_at_ms", in: SampleRanges.takenAtMilliseconds)
            case .interval: interval = try reader.whole("interval_ms", in: SampleRanges.intervalMilliseconds)
            case .host: try host(&reader, into: &sample.host)
            case .gpus: try GPUColumns.decode(&reader, into: &sample.gpus)
            case .failures: sample.failures = try reader.strictly(DetailDecoder.failures)
            case .cost: sample.cost = try cost(&reader)
            case .detail: sample.detail = try reader.strictly(DetailDecoder.detail)
            }
        }
        sample.sequence = try reader.required(sequence, "seq")
        guard sample.sequence > 0 else { throw reader.fault("seq", "samples are numbered from 1") }
        sample.takenAt = Timestamp(milliseconds: try reader.required(takenAt, "taken_at_ms"))
        sample.intervalMilliseconds = try reader.required(interval, "interval_ms")
    }

    /// Forgets the readings of the sample before, but keeps the room of its list of GPUs.
    private static func clear(_ sample: inout NodeSample) {
        sample.host = HostSample()
        sample.gpus.removeAll(keepingCapacity: true)
        if !sample.failures.isEmpty { sample.failures = [] }
        sample.cost = nil
        if sample.detail != nil { sample.detail = nil }
    }

    private static func host<Reader: SampleReader>(
        _ reader: inout Reader, into host: inout HostSample
    ) throws(Reader.Fault) {
        guard try reader.beginObject("host") else { return }
        reader.scope = "host."
        var expected = 0
        reading: while true {
            let found: FoundKey<HostKey> = try reader.nextKey(&expected)
            guard case .known(let key) = found else {
                if case .end = found { break reading }
                try reader.skip()
                continue
            }
            let name = key.name
            switch key {
            case .cpu: host.cpuPercent = try reader.percent(name)
            case .load1: host.load1 = try reader.real(name, in: SampleRanges.load)
            case .load5: host.load5 = try reader.real(name, in: SampleRanges.load)
            case .load15: host.load15 = try reader.real(name, in: SampleRanges.load)
            case .cpuPressure: host.cpuPressurePercent = try reader.percent(name)
            case .memoryPressure: host.memoryPressurePercent = try reader.percent(name)
            case .ioPressure: host.ioPressurePercent = try reader.percent(name)
            case .memoryTotal: host.memoryTotalBytes = try reader.amount(name)
            case .memoryAvailable: host.memoryAvailableBytes = try reader.amount(name)
            case .swapTotal: host.swapTotalBytes = try reader.amount(name)
            case .swapFree: host.swapFreeBytes = try reader.amount(name)
            case .diskRead: host.diskReadBytes = try reader.amount(name)
            case .diskWritten: host.diskWrittenBytes = try reader.amount(name)
            case .networkReceived: host.networkReceivedBytes = try reader.amount(name)
            case .networkSent: host.networkSentBytes = try reader.amount(name)
            case .filesystemUsed: host.filesystemUsedPercent = try reader.percent(name)
            case .uptime: host.uptimeSeconds = try reader.amount(name)
            }
        }
        reader.scope = ""
    }

    private static func cost<Reader: SampleReader>(_ reader: inout Reader) throws(Reader.Fault) -> AgentCost? {
        guard try reader.beginObject("cost") else { return nil }
        reader.scope = "cost."
        var cpu: Double?
        var resident: UInt64?
        var collect: UInt32?
        var expected = 0
        reading: while true {
            let found: FoundKey<CostKey> = try reader.nextKey(&expected)
            guard case .known(let key) = found else {
                if case .end = found { break reading }
                try reader.skip()
                continue
            }
            switch key {
            case .cpu: cpu = try reader.real("cpu_percent", in: SampleRanges.cost)
            case .resident: resident = try reader.amount("resident_bytes")
            case .collect: collect = try reader.whole("collect_us", in: SampleRanges.microseconds)
            }
        }
        let cost = AgentCost(
            cpuPercent: try reader.required(cpu, "cpu_percent"),
            residentBytes: try reader.required(resident, "resident_bytes"),
            collectMicroseconds: try reader.required(collect, "collect_us"))
        reader.scope = ""
        return cost
    }
}

/// What a reading may be: the decoder refuses what lies outside, and the encoder leaves it out.
enum SampleRanges {
    /// To the end of the year 9999, the last that ISO 8601 spells in four digits.
    static let takenAtMilliseconds: ClosedRange<Int64> = 0...253_402_300_799_999
    /// Longer than any sampling interval: the time since the previous sample, a suspended machine's sleep included.
    static let intervalMilliseconds: ClosedRange<UInt32> = 1...UInt32.max
    static let load: ClosedRange<Double> = 0...1_000_000
    static let percent: ClosedRange<Double> = 0...100
    static let wholePercent: ClosedRange<Int> = 0...100
    /// NVML: a fan may run beyond its nominal maximum.
    static let fanPercent: ClosedRange<Int> = 0...200
    static let celsius: ClosedRange<Int> = -100...250
    static let milliwatts: ClosedRange<UInt32> = 0...UInt32.max
    static let megahertz: ClosedRange<Int> = 0...100_000
    static let gpuIndex: ClosedRange<Int> = 0...Limits.gpusPerNode - 1
    static let pid: ClosedRange<Int32> = 0...Int32.max
    /// Of one core; an agent with threads and children may use several.
    static let cost: ClosedRange<Double> = 0...100_000
    static let microseconds: ClosedRange<UInt32> = 0...UInt32.max
    static let megabitsPerSecond: ClosedRange<Int> = 0...100_000_000
}
