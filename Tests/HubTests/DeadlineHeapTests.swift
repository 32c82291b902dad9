import Testing

@testable import Hub

@Suite("Deadline heap")
struct DeadlineHeapTests {
    @Test("Entries come out by deadline, then by index, and never before they are due")
    func order() {
        var dice = Dice(3)
        var heap = DeadlineHeap()
        var expected: [DeadlineHeap.Entry] = []
        for index in 0..<500 {
            let deadline = UInt64.random(in: 0..<50, using: &dice)
            heap.insert(index, at: deadline)
            expected.append(DeadlineHeap.Entry(deadline: deadline, index: Int32(index)))
        }
        expected.sort { ($0.deadline, $0.index) < ($1.deadline, $1.index) }
        var taken: [DeadlineHeap.Entry] = []
        for now in UInt64(0)..<50 {
            while let entry = heap.popDue(now) {
                #expect(entry.deadline <= now)
                taken.append(entry)
            }
            #expect(heap.earliest.map { $0 > now } ?? true)
        }
        #expect(taken == expected)
        #expect(heap.count == 0 && heap.earliest == nil)
    }
}
