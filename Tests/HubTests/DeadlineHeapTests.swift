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

    @Test("Entries are shown in order, as many as are asked for, and stay")
    func inOrder() {
        var dice = Dice(4)
        var heap = DeadlineHeap()
        for index in 0..<300 { heap.insert(index, at: .random(in: 0..<100, using: &dice)) }
        var shown: [UInt64] = []
        heap.inOrder { entry in
            shown.append(entry.deadline)
            return shown.count < 100
        }
        #expect(shown.count == 100 && shown == shown.sorted())
        var all: [UInt64] = []
        while let entry = heap.popDue(.max) { all.append(entry.deadline) }
        #expect(all.count == 300 && Array(all.prefix(100)) == shown)
        DeadlineHeap().inOrder { _ in
            Issue.record("an empty heap has nothing to show")
            return true
        }
    }
}
