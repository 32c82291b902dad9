/// What is going to happen, by virtual time. Things of one nanosecond happen in an order that the dice decide, so that
/// nothing relies on the order in which they were planned.
struct Agenda<Matter> {
    struct Entry {
        /// Virtual nanoseconds.
        var at: UInt64
        var tie: UInt64
        var matter: Matter
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    mutating func add(_ matter: Matter, at time: UInt64, tie: UInt64) {
        let entry = Entry(at: time, tie: tie, matter: matter)
        entries.append(entry)
        var place = entries.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard Self.precedes(entry, entries[parent]) else { break }
            entries[place] = entries[parent]
            place = parent
        }
        entries[place] = entry
    }

    /// Takes out what is next.
    mutating func pop() -> Entry? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return first }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, Self.precedes(entries[child + 1], entries[child]) { child += 1 }
            guard Self.precedes(entries[child], last) else { break }
            entries[place] = entries[child]
            place = child
        }
        entries[place] = last
        return first
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        left.at != right.at ? left.at < right.at : left.tie < right.tie
    }
}
