import Grid
import Testing

@testable import Store

@Suite struct RecordChecksumTests {
    private func checksum(_ body: (inout RecordChecksum) -> Void) -> Int64 {
        var checksum = RecordChecksum()
        body(&checksum)
        return checksum.value
    }

    /// The stored values depend on it: another function would make every database look damaged.
    @Test func itIsFNV1a() {
        #expect(checksum { _ in } == Int64(bitPattern: 0xCBF2_9CE4_8422_2325))
        // FNV-1a of 01 61 00 00 00 00 00 00 00, computed by an independent program.
        #expect(checksum { $0.add(1, UInt64(0x61)) } == 5831551318435414509)
    }

    @Test func everyFlippedBitCounts() {
        let text = [UInt8]("a node's name".utf8)
        let original = checksum { $0.add(1, text) }
        for bit in 0..<(text.count * 8) {
            var flipped = text
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(checksum { $0.add(1, flipped) } != original)
        }
    }

    @Test func absentFieldsCountForNothing() {
        let without = checksum { $0.add(1, "a") }
        let with = checksum {
            $0.add(1, "a")
            $0.add(2, String?.none)
            $0.add(3, Int64?.none)
            $0.add(4, UInt64?.none)
            $0.add(5, [UInt8]?.none)
        }
        #expect(without == with)
    }

    @Test func fieldsDoNotRunIntoEachOther() {
        #expect(
            checksum {
                $0.add(1, "ab")
                $0.add(2, "c")
            }
                != checksum {
                    $0.add(1, "a")
                    $0.add(2, "bc")
                })
        #expect(checksum { $0.add(1, "a") } != checksum { $0.add(2, "a") })
        #expect(checksum { $0.add(1, "") } != checksum { _ in })
        #expect(checksum { $0.add(1, Sample.identity) } != checksum { $0.add(1, UUID128(high: 0, low: 0)) })
    }
}
