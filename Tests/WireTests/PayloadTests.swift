import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Units, totals and names")
struct PayloadTests {
    private func json(_ write: (inout JSONWriter) -> Void) -> String {
        written { $0.appendJSON(write) }
    }

    @Test(
        "GB are 2³⁰ bytes, to thousandths",
        arguments: [
            (0, "0"), (1 << 30, "1"), (25_769_803_776, "24"), (13_421_772_800, "12.5"), (1 << 20, "0.001"),
            (537_600, "0.001"), (536_000, "0"), (UInt64.max, "17179869184"),
        ] as [(UInt64, String)])
    func gigabytes(bytes: UInt64, text: String) {
        #expect(
            json {
                $0.beginObject(); $0.field("x", gigabytes: bytes); $0.endObject()
            } == "{\"x\":\(text)}")
    }

    @Test(
        "MB are 2²⁰ bytes, to thousandths",
        arguments: [(0, "0"), (157_286_400, "150"), (4096, "0.004"), (UInt64.max, "17592186044415.999")]
            as [(UInt64, String)])
    func megabytes(bytes: UInt64, text: String) {
        #expect(
            json {
                $0.beginObject(); $0.field("x", megabytes: bytes); $0.endObject()
            } == "{\"x\":\(text)}")
    }

    @Test("Absent readings are null")
    func absent() {
        let text = json { writer in
            writer.beginObject()
            writer.field("a", gigabytes: nil)
            writer.field("b", megabytes: nil)
            writer.field("c", watts: nil)
            writer.field("d", seconds: nil)
            writer.field("e", hundredths: nil)
            writer.field("f", known: "")
            writer.field("g", nil as Timestamp?)
            writer.field("h", nil as NodeID?)
            writer.endObject()
        }
        #expect(
            text == "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null,\"f\":null,\"g\":null,\"h\":null}")
    }

    @Test("Totals: mean, sums and the highest, of GPUs that can be believed")
    func totals() {
        var gpus = (0..<3).map(SampleMaker.gpu)
        gpus[0].utilizationPercent = 10
        gpus[1].utilizationPercent = 11
        gpus[2].utilizationPercent = 12
        #expect(GPUTotals(gpus).utilizationHundredths == 1100)
        gpus[2].utilizationPercent = nil
        #expect(GPUTotals(gpus).utilizationHundredths == 1050)
        #expect(GPUTotals(gpus).temperatureCelsius == 72)
        #expect(GPUTotals(gpus).powerMilliwatts == 841_500)
        gpus[0].state = .lost
        #expect(GPUTotals(gpus).utilizationHundredths == 1100)
        #expect(GPUTotals(gpus).temperatureCelsius == 71)
        gpus[1].memoryUsedBytes = .max
        #expect(GPUTotals(gpus).memoryUsedBytes == .max)
        gpus[1].state = .stale
        gpus[2].state = .driverHung
        let none = GPUTotals(gpus)
        #expect(none.utilizationHundredths == nil && none.memoryUsedBytes == nil)
        #expect(none.temperatureCelsius == nil && none.powerMilliwatts == nil)
    }

    @Test(
        "Throttle reasons by name",
        arguments: [
            (0, "[]"), (1, "[\"gpu_idle\"]"), (4, "[\"sw_power_cap\"]"),
            (0x60, "[\"sw_thermal_slowdown\",\"hw_thermal_slowdown\"]"), (0x100, "[\"display_clock_setting\"]"),
            (0x200, "[\"bit_9\"]"), (1 << 63, "[\"bit_63\"]"),
        ] as [(UInt64, String)])
    func throttleReasons(mask: UInt64, text: String) {
        #expect(json { ThrottleReasons.write(mask, to: &$0) } == text)
    }

    @Test("The commonest model stands for all; the first of equals")
    func commonestModel() throws {
        func model(_ names: String...) throws -> JSONTree? {
            var facts = NodeSpecifications()
            facts.gpus = names.enumerated().map { index, name in
                var gpu = GPUDescription(index: index, uuid: "", name: name, pciBusID: "")
                gpu.memoryTotalBytes = UInt64(name.utf8.count) << 30
                return gpu
            }
            let tree = try JSONTree(json { NodePayload.specifications(facts, to: &$0) })
            #expect(tree[["gpu_count"]]?.text == "\(names.count)")
            #expect(
                tree[["gpu_memory"]]?.text ?? ""
                    == (tree[["gpu"]]?.text == "null" ? "null" : "\(tree[["gpu"]]!.text.utf8.count - 2)"))
            return tree[["gpu"]]
        }
        #expect(try model()?.text == "null")
        #expect(try model("A100")?.text == "\"A100\"")
        #expect(try model("A10", "H100", "H100")?.text == "\"H100\"")
        #expect(try model("A10", "H100", "H100", "A10")?.text == "\"A10\"")
    }

    @Test("Specifications are rounded to whole units, whatever a machine claims")
    func rounding() throws {
        var facts = NodeSpecifications()
        facts.memoryTotalBytes = 67_294_781_440
        facts.storageBytes = 1_999_500_000_000
        var tree = try JSONTree(json { NodePayload.specifications(facts, to: &$0) })
        #expect(tree[["ram"]]?.text == "63")
        #expect(tree[["storage"]]?.text == "2000")
        facts.memoryTotalBytes = .max
        facts.storageBytes = .max
        tree = try JSONTree(json { NodePayload.specifications(facts, to: &$0) })
        #expect(tree[["ram"]]?.text == "17179869184")
        #expect(tree[["storage"]]?.text == "18446744074")
    }

    @Test("GPUs: matched by index, described without a sample, sampled without a description")
    func gpuList() throws {
        let descriptions = AgentGoldens.specifications.gpus
        let text = json { GPUPayload.write([SampleMaker.gpu(1), SampleMaker.gpu(5)], descriptions, to: &$0) }
        guard case .array(let entries) = try JSONTree(text) else {
            Issue.record("no array")
            return
        }
        #expect(entries.map { $0[["index"]]?.text } == ["1", "5", "0"])
        #expect(entries[0][["uuid"]]?.text == "\"\(descriptions[1].uuid)\"")
        #expect(entries[1][["uuid"]]?.text == "null")
        #expect(entries[1][["temperature"]]?.text == "67")
        #expect(entries[2][["state"]]?.text == "null")
        #expect(entries[2][["name"]]?.text == "\"\(descriptions[0].name)\"")
        #expect(entries[2][["memory_total"]]?.text == "24")
        guard case .object(let first) = entries[0], case .object(let last) = entries[2] else { return }
        #expect(first.map(\.key) == last.map(\.key))
    }
}
