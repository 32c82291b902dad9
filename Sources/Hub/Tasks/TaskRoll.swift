/// Tasks in the order of their numbers, oldest first: what lists are made of.
///
/// Numbers only rise, so tasks are appended; one that is forgotten leaves a mark, and marks are swept out in bulk.
struct TaskRoll: Sendable {
    private struct Entry: Sendable {
        var number: UInt64
        /// ``gone`` where the task is forgotten.
        var slot: Int32
    }

    private static let gone: Int32 = -1

    private var entries: [Entry] = []
    private var marks = 0

    var count: Int { entries.count - marks }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ slot: Int32, number: UInt64) {
        precondition(entries.last.map { $0.number < number } ?? true, "numbers rise")
        entries.append(Entry(number: number, slot: slot))
    }

    mutating func remove(number: UInt64) {
        let place = place(notBelow: number)
        precondition(place < entries.count && entries[place].number == number, "a task leaves a roll that it is not in")
        entries[place].slot = Self.gone
        marks += 1
        guard marks > 32, marks * 2 > entries.count else { return }
        entries.removeAll { $0.slot == Self.gone }
        marks = 0
    }

    func slot(of number: UInt64) -> Int32? {
        let place = place(notBelow: number)
        guard place < entries.count, entries[place].number == number, entries[place].slot != Self.gone else {
            return nil
        }
        return entries[place].slot
    }

    /// The slots, oldest first.
    var slots: [Int32] { entries.lazy.map(\.slot).filter { $0 != Self.gone } }

    /// The first slots, oldest first.
    func first(_ count: Int) -> [Int32] { Array(entries.lazy.map(\.slot).filter { $0 != Self.gone }.prefix(count)) }

    /// Shows the tasks with numbers below `before`, newest first, until `visit` has seen enough.
    func newestFirst(before: UInt64?, _ visit: (Int32) -> Bool) {
        var place = before.map { self.place(notBelow: $0) } ?? entries.count
        while place > 0 {
            place -= 1
            if entries[place].slot != Self.gone, !visit(entries[place].slot) { return }
        }
    }

    private func place(notBelow number: UInt64) -> Int { entries.partitionPoint { $0.number < number } }
}
