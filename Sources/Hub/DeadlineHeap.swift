/// Deadlines of dense indices, earliest first; equal ones in the order of their indices, so that what is due
/// at once is handled in one order on every run.
///
/// Lazy: an entry may be earlier than what it stands for, never later. Whoever takes it out looks at the truth
/// and puts it back where it belongs; so moving a deadline later costs nothing.
struct DeadlineHeap: Sendable {
    struct Entry: Hashable, Sendable {
        var deadline: UInt64
        var index: Int32
    }

    private var entries: [Entry] = []

    var earliest: UInt64? { entries.first?.deadline }
    var count: Int { entries.count }

    mutating func insert(_ index: Int, at deadline: UInt64) {
        entries.append(Entry(deadline: deadline, index: Int32(index)))
        var position = entries.count - 1
        while position > 0 {
            let parent = (position - 1) / 2
            guard Self.precedes(entries[position], entries[parent]) else { break }
            entries.swapAt(position, parent)
            position = parent
        }
    }

    /// Takes out the earliest entry if it is due.
    mutating func popDue(_ now: UInt64) -> Entry? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return first
    }

    /// Shows the entries, earliest first, until `visit` says that it has seen enough. Costs as much as it shows.
    func inOrder(_ visit: (Entry) -> Bool) {
        // Places of this heap, by their entries: whoever is next is a child of one that was shown.
        var frontier = DeadlineHeap()
        if let first = entries.first { frontier.insert(0, at: first.deadline) }
        while let next = frontier.popDue(.max) {
            let place = Int(next.index)
            guard visit(entries[place]) else { return }
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                frontier.insert(child, at: entries[child].deadline)
            }
        }
    }

    private mutating func sink() {
        var position = 0
        while true {
            var smallest = position
            let left = 2 * position + 1
            if left < entries.count, Self.precedes(entries[left], entries[smallest]) { smallest = left }
            if left + 1 < entries.count, Self.precedes(entries[left + 1], entries[smallest]) { smallest = left + 1 }
            if smallest == position { return }
            entries.swapAt(position, smallest)
            position = smallest
        }
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        left.deadline != right.deadline ? left.deadline < right.deadline : left.index < right.index
    }
}
