import Bytes
import Grid
import Testing

@testable import Wire

@Suite("The documents' units")
struct JSONUnitsTests {
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
}
