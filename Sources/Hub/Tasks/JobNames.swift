/// Names of jobs in their order, for lists.
struct JobNames: Sendable {
    private var names: [String] = []

    var count: Int { names.count }

    mutating func insert(_ name: String) {
        let place = place(notBelow: name)
        guard place == names.count || names[place] != name else { return }
        names.insert(name, at: place)
    }

    mutating func remove(_ name: String) {
        let place = place(notBelow: name)
        guard place < names.count, names[place] == name else { return }
        names.remove(at: place)
    }

    /// At most `limit` names behind `after`, and whether more follow.
    func page(limit: Int, after: String?) -> (names: ArraySlice<String>, isLast: Bool) {
        var first = 0
        if let after {
            first = place(notBelow: after)
            if first < names.count, names[first] == after { first += 1 }
        }
        let end = min(first + limit, names.count)
        return (names[first..<end], end == names.count)
    }

    private func place(notBelow name: String) -> Int { names.partitionPoint { $0 < name } }
}
