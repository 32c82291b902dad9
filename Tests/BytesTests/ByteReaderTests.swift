import Bytes
import Testing

@Suite struct ByteReaderTests {
    @Test func whatWasWrittenIsRead() {
        var buffer = ByteBuffer()
        buffer.appendBigEndian(UInt16(0x1234))
        buffer.append(counted: "grün")
        buffer.appendBigEndian(UInt64.max - 1)
        buffer.append(UInt8(7))
        buffer.withBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(reader.integer(UInt16.self) == 0x1234)
            #expect(reader.text() == "grün")
            #expect(reader.integer(UInt64.self) == UInt64.max - 1)
            #expect(reader.remaining == 1)
            #expect(reader.integer(UInt16.self) == nil)
            #expect(reader.integer(UInt8.self) == 7)
            #expect(reader.integer(UInt8.self) == nil)
        }
    }

    @Test func everyCutIsNoticed() {
        var buffer = ByteBuffer()
        buffer.append(counted: "some text")
        let whole = buffer.bytes
        for count in 0..<whole.count {
            whole[..<count].withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                #expect(reader.text() == nil)
            }
        }
    }

    @Test func whatIsNoTextIsNone() {
        var buffer = ByteBuffer()
        [UInt8](arrayLiteral: 0xC3, 0x28).withUnsafeBytes { buffer.append(counted: $0) }
        buffer.withBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(reader.text() == nil)
        }
    }
}
