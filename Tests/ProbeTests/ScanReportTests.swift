import Bytes
import Grid
import Testing

@testable import Probe

@Suite struct ScanReportTests {
    private func scan(_ scenario: String) throws -> ScanReport {
        try ScanReport.take(root: Machine.captured, nvml: FakeNVML.configuration(scenario: scenario))
    }

    private func json(_ report: ScanReport) -> String {
        var writer = JSONWriter()
        report.write(to: &writer)
        return writer.buffer.text
    }

    @Test func aHostOfEightIsHealthy() throws {
        let report = try scan(FakeNVML.shipped("h100x8"))
        #expect(report.findings == [])
        #expect(report.verdict == .healthy)
        #expect(report.verdict.exitStatus == 0)
        #expect(report.specifications.gpus.count == 8)
        #expect(report.sample.gpus.count == 8)
        #expect(report.sample.intervalMilliseconds >= 1000)
        #expect(report.table.contains("NVIDIA H100 80GB HBM3"))
        #expect(report.table.hasSuffix("verdict: healthy\n"))
    }

    @Test func aThrottledCardDegrades() throws {
        let report = try scan(FakeNVML.scenario("value 2 throttle step 0:64"))
        #expect(report.verdict.exitStatus == 1)
        #expect(report.findings.map(\.code) == ["gpu_throttled"])
    }

    @Test func aLostCardIsUnhealthy() throws {
        let report = try scan(FakeNVML.scenario("lost 5 0.9"))
        // Depending on the moment it is lost before or after it has told who it is.
        #expect(report.verdict.exitStatus == 2)
    }

    @Test func withoutADriverTheHostIsJudgedAlone() throws {
        let report = try scan(FakeNVML.shipped("none"))
        #expect(report.verdict == .healthy)
        #expect(report.findings.map(\.code) == ["driver_absent"])
        #expect(report.table.contains("note: no NVIDIA driver"))
    }

    @Test func theJSONIsWholeAndKeepsAbsentKeys() throws {
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 1000)
        sample.host.cpuPercent = 12.345
        var gpu = GPUSample(index: 0)
        gpu.processes = [GPUProcess(pid: 1, memoryUsedBytes: nil)]
        sample.gpus = [gpu]
        sample.failures = [ReadingFailure(collector: "gpu", reason: "\"quoted\"")]
        var detail = HostDetail()
        detail.corePercents = [1, 2.5]
        sample.detail = detail
        let report = ScanReport(
            specifications: NodeSpecifications(), sample: sample,
            findings: [ScanFinding(.degraded, "reading_failed", "gpu: \"quoted\"")])
        let text = json(report)
        var reader = text.utf8.withContiguousStorageIfAvailable { bytes in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes))
            do {
                try reader.skipValue()
                try reader.finish()
                return true
            } catch {
                return false
            }
        }
        #expect(reader == true)
        reader = nil
        #expect(text.hasPrefix(#"{"verdict":"degraded","exit_status":1,"findings":[{"code":"reading_failed""#))
        #expect(text.contains(#""cpu_percent":12.35"#) || text.contains(#""cpu_percent":12.34"#))
        #expect(text.contains(#""power_milliwatts":null"#))
        #expect(text.contains(#""processes":[{"pid":1,"memory_used_bytes":null}]"#))
        #expect(text.contains(#""core_percents":[1,2.5]"#))
    }

    @Test func theTableShowsAbsentReadingsAsDashes() {
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
        sample.gpus = [GPUSample(index: 0)]
        sample.gpus[0].state = .driverHung
        let report = ScanReport(specifications: NodeSpecifications(), sample: sample, findings: [])
        #expect(report.table.contains("processor   -\n"))
        #expect(report.table.contains("0    driver_hung  -     -/- GiB"))
        #expect(report.table.contains("cpu         - busy, load - - -"))
    }
}
