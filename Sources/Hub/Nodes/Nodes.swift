internal import Grid

/// The registry: every enrolled node under a dense index that it keeps until the process ends.
struct Nodes: Sendable {
    private(set) var records: [NodeRecord] = []
    /// Parallel to ``records``; written in place.
    var states: [NodeState] = []
    private var indices: [NodeID: Int] = [:]
    /// Every index, in the order of the nodes' identifiers: what lists are made of.
    private var ordered: [Int32] = []

    init(_ stored: [NodeRecord]) {
        let sorted = stored.sorted { $0.id < $1.id }
        records.reserveCapacity(sorted.count)
        states.reserveCapacity(sorted.count)
        indices.reserveCapacity(sorted.count)
        for (index, record) in sorted.enumerated() {
            precondition(indices.updateValue(index, forKey: record.id) == nil, "the Store holds a node twice")
            records.append(record)
            states.append(NodeState(record: record))
        }
        ordered = Array(0..<Int32(sorted.count))
    }

    var count: Int { records.count }

    func index(of node: NodeID) -> Int? { indices[node] }

    /// The index of a node that has registered.
    func registered(_ node: NodeID) -> Int? {
        guard let index = indices[node], records[index].registeredAt != nil else { return nil }
        return index
    }

    /// Adds a node that is not there yet.
    mutating func insert(_ record: NodeRecord) {
        let index = records.count
        precondition(indices.updateValue(index, forKey: record.id) == nil, "a node is enrolled twice")
        let position = place(of: record.id)
        records.append(record)
        states.append(NodeState(record: record))
        ordered.insert(Int32(index), at: position)
    }

    /// Replaces a node's record, and what its state took from it.
    mutating func update(_ index: Int, _ record: NodeRecord) {
        precondition(records[index].id == record.id, "a record of another node")
        records[index] = record
        states[index].follow(record)
    }

    /// The indices of registered nodes in the order of their identifiers, at most `limit`, behind `after`;
    /// and whether more follow.
    func page(limit: Int, after: NodeID?) -> (indices: [Int], isLast: Bool) {
        var found: [Int] = []
        var position = after.map { place(behind: $0) } ?? 0
        while position < ordered.count {
            let index = Int(ordered[position])
            position += 1
            if records[index].registeredAt == nil { continue }
            if found.count == limit { return (found, false) }
            found.append(index)
        }
        return (found, true)
    }

    /// Where in ``ordered`` the first node that is not before this one stands.
    private func place(of node: NodeID) -> Int { ordered.partitionPoint { records[Int($0)].id < node } }

    private func place(behind node: NodeID) -> Int {
        let position = place(of: node)
        guard position < ordered.count, records[Int(ordered[position])].id == node else { return position }
        return position + 1
    }
}
