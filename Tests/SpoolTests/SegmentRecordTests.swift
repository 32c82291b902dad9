import Bytes
import Testing

@testable import Spool

@Suite struct SegmentRecordTests {
    private func scan(_ bytes: [UInt8], maximum: Int = 1 << 20) -> SegmentRecord.Scan {
        bytes.withUnsafeBytes { SegmentRecord.scan($0, maximumBytes: maximum) }
    }

    @Test func whatIsWrittenIsRead() {
        let records: [SegmentRecord] = [
            .keep(key: [1, 2], value: [3, 4, 5]), .keep(key: [], value: []), .settle(key: [9]),
        ]
        for record in records {
            let bytes = record.encoded.bytes
            #expect(scan(bytes) == .record(record, byteCount: bytes.count))
            #expect(scan(bytes + [1, 2, 3]) == .record(record, byteCount: bytes.count))
        }
    }

    @Test func aLongLengthIsNotBelieved() {
        let bytes = SegmentRecord.keep(key: [1], value: [UInt8](repeating: 0, count: 100)).encoded.bytes
        #expect(scan(bytes, maximum: 50) == .wrongChecksum)
    }
}
