import Bytes
import Testing

@Suite struct CRC32CTests {
    private func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32C.of($0) } }

    /// RFC 3720, appendix B.4, and the usual check value.
    @Test func knownValues() {
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(checksum([]) == 0)
    }

    @Test func piecesMakeTheSame() {
        let bytes = (0..<200).map { UInt8($0) }
        for cut in [0, 1, 7, 100, 200] {
            var pieces = CRC32C()
            bytes[..<cut].withUnsafeBytes { pieces.feed($0) }
            bytes[cut...].withUnsafeBytes { pieces.feed($0) }
            #expect(pieces.value == checksum(bytes))
        }
    }

    @Test func everyFlippedBitIsFound() {
        let bytes = (0..<64).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let whole = checksum(bytes)
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(checksum(changed) != whole)
        }
    }
}
