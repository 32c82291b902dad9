import Bytes
import Testing

@Suite struct ByteBufferIntegersTests {
    @Test func bigEndianPutsTheMostSignificantByteFirst() {
        var buffer = ByteBuffer()
        buffer.appendBigEndian(UInt16(0x0102))
        buffer.appendBigEndian(UInt32(0x0304_0506))
        buffer.appendBigEndian(UInt64(0x0708_090A_0B0C_0D0E))
        #expect(buffer.bytes == Array(1...14))
    }

    @Test(arguments: [0, 1, -1, 9, 10, 99, 100, -100, 12345, Int64.max, Int64.min])
    func signedDecimals(_ value: Int64) {
        var buffer = ByteBuffer()
        buffer.append(decimal: value)
        #expect(buffer.text == String(value))
    }

    @Test func everyPowerOfTenAndItsNeighbours() {
        var power: UInt64 = 1
        while true {
            for value in [power - 1, power, power + 1] {
                var buffer = ByteBuffer()
                buffer.append(decimal: value)
                #expect(buffer.text == String(value))
            }
            let (next, overflow) = power.multipliedReportingOverflow(by: 10)
            if overflow { break }
            power = next
        }
        var buffer = ByteBuffer()
        buffer.append(decimal: UInt64.max)
        #expect(buffer.text == String(UInt64.max))
    }

    @Test func randomDecimalsOfEveryLength() {
        var random = SeededRandom(seed: 2)
        for _ in 0..<5000 {
            let value = random.next() >> UInt64.random(in: 0..<64, using: &random)
            var buffer = ByteBuffer()
            buffer.append(decimal: value)
            #expect(buffer.text == String(value))
        }
    }
}
