import Bytes
import Testing

@testable import Dial

struct MaskSourceTests {
    @Test func masksDifferAcrossBatches() {
        let source = MaskSource()
        let masks = (0..<1000).map { _ in source.next() }
        // Two equal ones among a thousand would be a one in ten thousand accident; three are a fault.
        #expect(Set(masks).count >= 999)
    }

    @Test func aKeyHasSixteenBytes() { #expect(MaskSource().keyBytes().count == 16) }

    @Test func theBufferComesBackEmptyAndWithItsBlock() {
        let source = MaskSource()
        var buffer = source.take()
        buffer.append([1, 2, 3])
        let capacity = buffer.capacity
        source.putBack(&buffer)
        let again = source.take()
        #expect(again.isEmpty && again.capacity == capacity)
    }
}
