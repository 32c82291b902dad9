/// A run of whole frames in a class's stream.
struct Run: Equatable {
    var start: UInt64
    var end: UInt64
}

/// Runs in ascending order; adjacent ones are one.
struct RunList {
    private var runs: [Run] = []

    var isEmpty: Bool { runs.isEmpty }

    var count: Int { runs.count }

    var last: Run? { runs.last }

    subscript(place: Int) -> Run { runs[place] }

    /// Appends frames that lie behind all others.
    mutating func append(start: UInt64, end: UInt64) {
        if let last = runs.last, last.end == start {
            runs[runs.count - 1].end = end
        } else {
            runs.append(Run(start: start, end: end))
        }
    }

    /// The first run that reaches beyond a position.
    func first(after position: UInt64) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The run that holds a position, if one does.
    func run(holding position: UInt64) -> Run? {
        let place = first(after: position)
        return place < runs.count && runs[place].start <= position ? runs[place] : nil
    }

    /// How many bytes lie between two positions.
    func byteCount(from: UInt64, to: UInt64) -> Int {
        var total = 0
        for run in runs[first(after: from)...] {
            guard run.start < to else { break }
            total += Int(min(run.end, to) - max(run.start, from))
        }
        return total
    }

    /// Drops the runs that lie before a position entirely.
    mutating func drop(before position: UInt64) {
        let count = first(after: position)
        if count == runs.count { runs.removeAll(keepingCapacity: true) } else { runs.removeFirst(count) }
    }
}
