import Grid
import Testing

@testable import Hub

@Suite("Allocations")
struct AllocationsTests {
    private struct Held: Hashable {
        var slot: Int32
        var node: Int
        var endsBy: UInt64
    }

    private let seat = Seat(cpuMilli: 1000, memoryMebibytes: 1, gpus: 1, milliPerGPU: 500)

    @Test("What is held is shown by node, latest first, and by end", arguments: 1...10)
    func histories(seed: UInt64) {
        var dice = Dice(seed)
        var allocations = Allocations()
        var plain: [Held] = []
        var most = 0
        for _ in 0..<1500 {
            if plain.isEmpty || Int.random(in: 0..<9, using: &dice) < 5 {
                let node = Int.random(in: 0..<7, using: &dice)
                let endsBy = UInt64.random(in: 0..<40, using: &dice)
                let slot = allocations.insert(
                    seat, node: node, task: 3, endsBy: endsBy, nextOfTask: Allocations.none)
                #expect(!plain.contains { $0.slot == slot }, "the slot is taken")
                plain.append(Held(slot: slot, node: node, endsBy: endsBy))
            } else {
                let held = plain.remove(at: .random(in: plain.indices, using: &dice))
                let freed = allocations.remove(held.slot)
                #expect(Int(freed.node) == held.node && freed.endsBy == held.endsBy && freed.seat == seat)
            }
            most = max(most, plain.count)
            #expect(allocations.count == plain.count && allocations.slots.count == most, "free slots are used again")
        }
        for node in 0..<9 {
            var ends: [UInt64] = []
            allocations.onNode(node) { ends.append($0.endsBy) }
            #expect(ends == plain.reversed().filter { $0.node == node }.map(\.endsBy))
        }
        var shown: [(node: Int32, endsBy: UInt64)] = []
        allocations.byEnd { allocation in
            shown.append((allocation.node, allocation.endsBy))
            return true
        }
        #expect(zip(shown, shown.dropFirst()).allSatisfy { $0.endsBy <= $1.endsBy })
        for held in plain { #expect(shown.contains { Int($0.node) == held.node && $0.endsBy == held.endsBy }) }
        #expect(
            shown.allSatisfy { entry in plain.contains { $0.node == Int(entry.node) && $0.endsBy == entry.endsBy } })
        var seen = 0
        allocations.byEnd { _ in
            seen += 1
            return seen < 3
        }
        #expect(seen == min(3, plain.count))
    }

    @Test("A gang's members are chained, and the ends of tasks long gone are forgotten")
    func chains() {
        var allocations = Allocations()
        var first = Allocations.none
        for node in 0..<4 {
            first = allocations.insert(seat, node: node, task: 1, endsBy: 9, nextOfTask: first)
        }
        var nodes: [Int32] = []
        while first != Allocations.none {
            let freed = allocations.remove(first)
            nodes.append(freed.node)
            first = freed.nextOfTask
        }
        #expect(nodes == [3, 2, 1, 0] && allocations.count == 0)
        for number in UInt64(0)..<10_000 {
            _ = allocations.remove(
                allocations.insert(seat, node: 0, task: 1, endsBy: number, nextOfTask: Allocations.none))
        }
        let kept = allocations.insert(seat, node: 0, task: 1, endsBy: 20_000, nextOfTask: Allocations.none)
        var shown: [UInt64] = []
        allocations.byEnd {
            shown.append($0.endsBy)
            return true
        }
        #expect(shown == [20_000] && allocations.slots.count == 4)
        #expect(allocations.remove(kept).endsBy == 20_000)
    }
}
