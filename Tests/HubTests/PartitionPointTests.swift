import Testing

@testable import Hub

@Suite("Partition point")
struct PartitionPointTests {
    @Test("It is the first place that is not before, in whatever is sorted", arguments: 1...20)
    func property(seed: UInt64) {
        var dice = Dice(seed)
        let sorted = (0..<Int.random(in: 0...40, using: &dice)).map { _ in Int.random(in: 0...30, using: &dice) }
            .sorted()
        for bound in -1...31 {
            #expect(sorted.partitionPoint { $0 < bound } == sorted.firstIndex { $0 >= bound } ?? sorted.count)
        }
        let rest = sorted.dropFirst(3)
        #expect(rest.partitionPoint { $0 < 15 } == rest.firstIndex { $0 >= 15 } ?? rest.endIndex)
    }
}
