internal import Grid

/// The network as agents' connections show it (EVENTS 31): every node is an endpoint behind the coordinator.
extension Hub {
    private var coordinatorDevice: String { coordinatorID.description }

    /// A node as a device of the network.
    private func device(_ index: Int) -> TopologyDevice {
        let isLinked =
            switch nodes.states[index].presence {
            case .present, .awaited: true
            case .unseen, .silent, .stopped: false
            }
        let record = nodes.records[index]
        return TopologyDevice(
            id: record.id.description, kind: .endpoint, name: record.name,
            connections: isLinked ? [coordinatorDevice] : [])
    }

    /// Tells that a node came, went in good order, or has another link than before.
    mutating func tellTopology(_ kind: TopologyChange.Kind, _ index: Int, _ now: Now, _ effects: inout [Effect]) {
        var facts = nodes.states[index].facts
        facts.status = nil
        let change = TopologyChange(kind: kind, devices: [device(index)], at: now.wall)
        rooms.publish(.topologyChanged(change), facts, now, &effects)
    }

    /// The coordinator and a page of nodes, those that left in good order not among them; the coordinator's
    /// connections are those of the page.
    func topologyPage(_ limit: Int, _ after: NodeID?) -> Answer {
        let page = nodes.page(limit: limit, after: after)
        let devices = page.indices.filter { nodes.states[$0].presence != .stopped }.map(device)
        let linked = devices.filter { !$0.connections.isEmpty }.map(\.id)
        let next = page.isLast ? nil : page.indices.last.map { nodes.records[$0].id }
        let coordinator = TopologyDevice(id: coordinatorDevice, kind: .router, name: "coordinator", connections: linked)
        return .topology([coordinator] + devices, next: next)
    }
}
