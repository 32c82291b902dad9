/// Where each frame of a class's kept segments begins, with its note: a queue, ascending.
struct FrameNotes {
    struct Entry {
        var start: UInt64
        var note: FrameNote
    }

    private var entries: [Entry] = []
    /// Entries in front of it are dropped already.
    private var head = 0
    /// The offset of the last frame that was dropped.
    private var droppedOffset: UInt64 = 0

    var count: Int { entries.count - head }

    subscript(place: Int) -> Entry { entries[head + place] }

    mutating func append(start: UInt64, _ note: FrameNote) {
        entries.append(Entry(start: start, note: note))
    }

    /// Forgets the frames before a position.
    mutating func drop(before position: UInt64) {
        let dropped = place(atOrAfter: position)
        guard dropped > 0 else { return }
        droppedOffset = self[dropped - 1].note.offset
        head += dropped
        // Moving the rest costs no more than appending it did.
        guard head > entries.count / 2 else { return }
        entries.removeSubrange(..<head)
        head = 0
    }

    /// The first frame that does not begin before a position.
    func place(atOrAfter position: UInt64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].start < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The offset of the last frame that begins before a position; 0 if there was none.
    func offset(before position: UInt64) -> UInt64 {
        let place = place(atOrAfter: position)
        return place == 0 ? droppedOffset : self[place - 1].note.offset
    }

    /// How many frames of the runs begin between two positions.
    func count(in runs: RunList, from: UInt64, to: UInt64) -> Int {
        var total = 0
        for index in runs.first(after: from)..<runs.count {
            let run = runs[index]
            guard run.start < to else { break }
            total += place(atOrAfter: min(run.end, to)) - place(atOrAfter: max(run.start, from))
        }
        return total
    }
}
