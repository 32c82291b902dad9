import Grid
import Testing

@testable import Probe

@Suite struct NVMLMessageTests {
    private static let fullSample: GPUSample = {
        var sample = GPUSample(index: 63)
        sample.state = .ok
        sample.utilizationPercent = 97
        sample.memoryActivityPercent = 41
        sample.memoryUsedBytes = 71_940_702_208
        sample.memoryTotalBytes = 85_520_809_984
        sample.temperatureCelsius = -3
        sample.powerMilliwatts = 612_345
        sample.powerLimitMilliwatts = 700_000
        sample.smClockMegahertz = 1755
        sample.memoryClockMegahertz = 2619
        sample.throttleReasons = 0x8000_0000_0000_0001
        sample.fanPercent = 105
        sample.uncorrectedErrors = 2
        sample.processes = [
            GPUProcess(pid: 4100, memoryUsedBytes: 71_400_685_568), GPUProcess(pid: 4101, memoryUsedBytes: nil),
        ]
        return sample
    }()

    private func bytes(_ encode: (inout PacketWriter) -> Void) -> [UInt8] {
        var writer = PacketWriter(capacity: NVMLMessage.maximumBytes)
        encode(&writer)
        return [UInt8](writer.bytes)
    }

    private func answer(_ bytes: some Collection<UInt8>) -> NVMLAnswer? {
        Array(bytes).withUnsafeBytes { NVMLAnswer($0) }
    }

    @Test func readingsComeThroughWhole() throws {
        let reading = GPUReading(sample: Self.fullSample, fault: .init(call: .fanSpeed, code: 999))
        guard case .reading(let read)? = answer(bytes { reading.encode(&$0) }) else {
            Issue.record("not a reading")
            return
        }
        #expect(read == reading)
    }

    @Test func absentReadingsStayAbsent() {
        var sample = GPUSample(index: 0)
        sample.state = .lost
        let reading = GPUReading(sample: sample)
        guard case .reading(let read)? = answer(bytes { reading.encode(&$0) }) else {
            Issue.record("not a reading")
            return
        }
        #expect(read == reading)
    }

    @Test func descriptionsComeThroughWhole() {
        var description = GPUDescription(
            index: 3, uuid: "GPU-1", name: "NVIDIA H100 80GB HBM3", pciBusID: "00000000:18:00.0")
        description.memoryTotalBytes = 1 << 36
        description.slowdownCelsius = 87
        guard case .description(let read)? = answer(bytes { description.encode(&$0) }) else {
            Issue.record("not a description")
            return
        }
        #expect(read == description)
    }

    @Test func requestsComeThroughWhole() {
        let request = NVMLRequest(number: 7, gpus: .max, wantsProcesses: true, wantsErrors: false)
        let packet = bytes { request.encode(&$0) }
        #expect(packet.count == NVMLRequest.byteCount)
        #expect(packet.withUnsafeBytes { NVMLRequest($0) } == request)
    }

    @Test func aTruncatedPacketIsNoAnswer() {
        let reading = GPUReading(sample: Self.fullSample)
        let done = NVMLDone(request: 1, processorNanoseconds: 2, residentBytes: 3, elapsedNanoseconds: 4)
        let description = GPUDescription(index: 0, uuid: "u", name: "n", pciBusID: "p")
        for packet in [
            bytes { reading.encode(&$0) }, bytes { done.encode(&$0) }, bytes { description.encode(&$0) },
        ] {
            for count in 0..<packet.count { #expect(answer(packet.prefix(count)) == nil) }
            #expect(answer(packet) != nil)
        }
    }

    @Test func impossibleNumbersAreRefused() {
        var packet = bytes { GPUReading(sample: Self.fullSample).encode(&$0) }
        packet[1] = 64
        #expect(answer(packet) == nil)
        packet[1] = 0
        packet[2] = 9
        #expect(answer(packet) == nil)
        #expect(answer([NVMLMessage.Kind.request.rawValue]) == nil)
        #expect(
            answer(
                bytes { packet in
                    packet.begin(.hello)
                    packet.put(UInt32(65))
                    packet.put("1")
                }) == nil)
    }

    @Test func theLongestReadingFits() {
        var sample = Self.fullSample
        sample.processes = (0..<2000).map { GPUProcess(pid: Int32($0), memoryUsedBytes: .max) }
        guard case .reading(let read)? = answer(bytes { GPUReading(sample: sample).encode(&$0) }) else {
            Issue.record("not a reading")
            return
        }
        #expect(read.sample.processes?.count == Limits.processesPerGPU)
    }
}
