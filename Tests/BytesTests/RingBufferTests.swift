import Bytes
import Testing

@Suite struct RingBufferTests {
    @Test func firstInFirstOut() {
        var ring = RingBuffer<Int>(capacity: 3)
        #expect(ring.popFirst() == nil)
        #expect(ring.append(1) == true)
        #expect(ring.append(2) == true)
        #expect(ring.append(3) == true)
        #expect(ring.isFull)
        #expect(ring.append(4) == false)
        #expect(ring.popFirst() == 1)
        #expect(ring.append(4) == true)
        #expect(Array(ring) == [2, 3, 4])
        #expect(ring.first == 2)
        #expect(ring.last == 4)
    }

    @Test func theSubscriptCountsFromTheOldest() {
        var ring = RingBuffer<Int>(capacity: 2)
        _ = ring.append(1)
        _ = ring.append(2)
        _ = ring.popFirst()
        _ = ring.append(3)
        #expect(ring[0] == 2)
        #expect(ring[1] == 3)
        ring[1] = 9
        #expect(Array(ring) == [2, 9])
    }

    @Test(arguments: [true, false])
    func removingAllLeavesItUsable(_ keeping: Bool) {
        var ring = RingBuffer<Int>(capacity: 2)
        for value in 0..<3 {
            if ring.isFull { _ = ring.popFirst() }
            _ = ring.append(value)
        }
        ring.removeAll(keepingCapacity: keeping)
        #expect(ring.isEmpty)
        #expect(ring.first == nil)
        #expect(ring.last == nil)
        #expect(ring.append(5) == true)
        #expect(ring.append(6) == true)
        #expect(ring.append(7) == false)
        #expect(Array(ring) == [5, 6])
    }

    @Test func whatIsPoppedIsFreedAtOnce() {
        final class Token {}
        var ring = RingBuffer<Token>(capacity: 2)
        weak var watched: Token?
        do {
            let token = Token()
            watched = token
            _ = ring.append(token)
        }
        #expect(watched != nil)
        _ = ring.popFirst()
        #expect(watched == nil)
        #expect(ring.isEmpty)
    }

    @Test func againstAnArrayAsOracle() {
        var random = SeededRandom(seed: 4)
        var ring = RingBuffer<Int>(capacity: 7)
        var oracle: [Int] = []
        for step in 0..<20_000 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                ring.removeAll(keepingCapacity: Bool.random(using: &random))
                oracle = []
            case 1..<11:
                #expect(ring.append(step) == (oracle.count < 7))
                if oracle.count < 7 { oracle.append(step) }
            default:
                #expect(ring.popFirst() == (oracle.isEmpty ? nil : oracle.removeFirst()))
            }
            #expect(ring.elementsEqual(oracle))
        }
    }
}
