import Testing

@testable import Reactor

struct WriteQueueTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func isAQueueOfBytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let queue = WriteQueue()
        var model: [UInt8] = []
        for _ in 0..<3000 {
            if random.next() % 2 == 0 {
                let piece = (0..<Int(random.next() % 700)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                piece.withUnsafeBytes { queue.append($0) }
                model += piece
            } else {
                let count = Int(random.next() % UInt64(model.count + 1))
                queue.consume(count)
                model.removeFirst(count)
            }
            #expect(queue.count == model.count)
        }
        #expect(Array(queue.bytes) == model)
    }

    @Test func isBegunTellsAHalfSentQueue() {
        let queue = WriteQueue()
        [1, 2, 3].withUnsafeBytes { queue.append($0) }
        #expect(!queue.isBegun)
        queue.consume(1)
        #expect(queue.isBegun)
        queue.consume(queue.count)
        #expect(!queue.isBegun && queue.count == 0)
    }
}
