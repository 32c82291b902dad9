import Bytes
import Testing

@Suite struct ByteBufferTests {
    @Test func anEmptyBufferHoldsNothing() {
        let buffer = ByteBuffer()
        #expect(buffer.isEmpty)
        #expect(buffer.count == 0)
        #expect(buffer.capacity == 0)
        #expect(buffer.bytes == [])
    }

    @Test func everyKindOfAppendPutsItsBytesAtTheEnd() {
        var buffer = ByteBuffer()
        buffer.append(UInt8(ascii: "a"))
        buffer.append("bc" as StaticString)
        buffer.append(String("dé"))
        buffer.append([1, 2, 3] as [UInt8])
        [UInt8]([4, 5]).withUnsafeBytes { buffer.append($0) }
        buffer.append(ByteBuffer([6]))
        #expect(buffer.bytes == Array("abcdé".utf8) + [1, 2, 3, 4, 5, 6])
    }

    @Test func appendingNothingChangesNothing() {
        var buffer = ByteBuffer([7])
        buffer.append("" as StaticString)
        buffer.append([] as [UInt8])
        buffer.append(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(buffer.bytes == [7])
    }

    @Test func aCopyKeepsItsBytesWhenTheOriginalChanges() {
        var original = ByteBuffer([1, 2, 3])
        let copy = original
        original.append(4)
        original.withMutableBytes { $0[0] = 9 }
        #expect(copy.bytes == [1, 2, 3])
        #expect(original.bytes == [9, 2, 3, 4])
    }

    @Test func aCopyKeepsItsBytesWhenTheOriginalIsEmptiedForReuse() {
        var original = ByteBuffer([1, 2, 3])
        let copy = original
        original.removeAll(keepingCapacity: true)
        original.append([7, 7, 7])
        #expect(copy.bytes == [1, 2, 3])

        var drained = copy
        drained.removeFirst(3)
        drained.append([8, 8, 8])
        #expect(copy.bytes == [1, 2, 3])
        #expect(drained.bytes == [8, 8, 8])
    }

    @Test func growingKeepsTheBytes() {
        var buffer = ByteBuffer()
        var expected: [UInt8] = []
        for value in 0..<10_000 {
            buffer.append(UInt8(truncatingIfNeeded: value))
            expected.append(UInt8(truncatingIfNeeded: value))
        }
        #expect(buffer.bytes == expected)
    }

    @Test func reservedRoomIsNotMovedWhileItIsFilled() {
        var buffer = ByteBuffer()
        buffer.reserve(1000)
        let before = buffer.withBytes { $0.baseAddress }
        for _ in 0..<1000 { buffer.append(1) }
        #expect(buffer.withBytes { $0.baseAddress } == before)
    }

    @Test func aQueueOfFixedLengthDoesNotGrowItsBlock() {
        var buffer = ByteBuffer()
        for round in 0..<10_000 {
            buffer.append([UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 10))
            if round >= 3 { buffer.removeFirst(10) }
        }
        #expect(buffer.count == 30)
        #expect(buffer.capacity <= 256)
        #expect(buffer.bytes.first == UInt8(truncatingIfNeeded: 9997))
    }

    @Test func removingFromEitherEnd() {
        var buffer = ByteBuffer([1, 2, 3, 4])
        buffer.removeFirst(1)
        buffer.removeLast(1)
        #expect(buffer.bytes == [2, 3])
        #expect(buffer[0] == 2)
        buffer.removeFirst(2)
        #expect(buffer.isEmpty)
        buffer.append(5)
        #expect(buffer.bytes == [5])
    }

    @Test func spareRoomIsAtLeastWhatWasAskedAndOnlyWhatWasWrittenCounts() {
        var buffer = ByteBuffer([1])
        buffer.withSpare(500) { spare in
            #expect(spare.count >= 500)
            spare[0] = 2
            spare[1] = 3
            return 2
        }
        #expect(buffer.bytes == [1, 2, 3])
    }

    @Test func removingAllFreesOrKeepsTheBlock() {
        var buffer = ByteBuffer(capacity: 5000)
        buffer.append(1)
        buffer.removeAll(keepingCapacity: true)
        #expect(buffer.capacity >= 5000)
        buffer.removeAll()
        #expect(buffer.capacity == 0)
    }

    @Test func equalityIsOfBytes() {
        var left = ByteBuffer([0, 1, 2])
        left.removeFirst(1)
        #expect(left == ByteBuffer([1, 2]))
        #expect(left != ByteBuffer([1, 3]))
        #expect(ByteBuffer() == ByteBuffer([]))
    }

    @Test func textReplacesWhatIsNotUTF8() {
        #expect(ByteBuffer([0x61, 0xFF, 0x62]).text == "a\u{FFFD}b")
    }

    @Test func againstAnArrayAsOracle() {
        var random = SeededRandom(seed: 1)
        var buffer = ByteBuffer()
        var oracle: [UInt8] = []
        var copies: [(ByteBuffer, [UInt8])] = []
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let byte = UInt8.random(in: 0...255, using: &random)
                buffer.append(byte)
                oracle.append(byte)
            case 1:
                let run = (0..<Int.random(in: 0..<50, using: &random)).map { UInt8($0) }
                buffer.append(run)
                oracle.append(contentsOf: run)
            case 2:
                let count = Int.random(in: 0...min(40, oracle.count), using: &random)
                buffer.removeFirst(count)
                oracle.removeFirst(count)
            case 3:
                let count = Int.random(in: 0...min(10, oracle.count), using: &random)
                buffer.removeLast(count)
                oracle.removeLast(count)
            case 4 where copies.count < 50: copies.append((buffer, oracle))
            default:
                if !oracle.isEmpty {
                    buffer.withMutableBytes { $0[0] ^= 0x55 }
                    oracle[0] ^= 0x55
                }
            }
            #expect(buffer.count == oracle.count)
        }
        #expect(buffer.bytes == oracle)
        for (copy, expected) in copies { #expect(copy.bytes == expected) }
    }
}
