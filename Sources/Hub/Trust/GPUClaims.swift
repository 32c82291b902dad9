internal import Grid

/// Which node each GPU of the grid stands in, by NVML's UUID.
///
/// Who came first keeps a GPU, until that node says itself that it no longer has it, or an operator lets another node
/// in that has it too.
struct GPUClaims: Sendable {
    private var holders: [String: NodeID] = [:]
    private var claimed: [NodeID: [String]] = [:]

    /// What stands against a node's list of GPUs.
    enum Conflict: Hashable, Sendable {
        case heldBy(NodeID, uuid: String)
        /// The list has it twice.
        case twice(uuid: String)
    }

    /// Takes over a node's list of GPUs: those that nobody else has are its own from now on, those it no longer names
    /// are free. GPUs without a UUID are nobody's.
    ///
    /// - Parameter isForced: take them from whoever has them.
    /// - Returns: the first GPU that cannot be the node's.
    mutating func claim(_ gpus: [GPUDescription], for node: NodeID, isForced: Bool = false) -> Conflict? {
        var conflict: Conflict?
        var own: [String] = []
        var seen: Set<String> = []
        for gpu in gpus.prefix(Limits.gpusPerNode) where !gpu.uuid.isEmpty {
            guard seen.insert(gpu.uuid).inserted else {
                conflict = conflict ?? .twice(uuid: gpu.uuid)
                continue
            }
            let holder = holders[gpu.uuid]
            if let holder, holder != node, !isForced {
                conflict = conflict ?? .heldBy(holder, uuid: gpu.uuid)
                continue
            }
            if let holder, holder != node { claimed[holder]?.removeAll { $0 == gpu.uuid } }
            holders[gpu.uuid] = node
            own.append(gpu.uuid)
        }
        for uuid in claimed[node] ?? [] where !seen.contains(uuid) { holders.removeValue(forKey: uuid) }
        claimed[node] = own
        return conflict
    }

    func holder(of uuid: String) -> NodeID? { holders[uuid] }
}
