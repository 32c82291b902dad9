public import Grid

/// What the Hub asks besides places.
extension Router {
    /// Whether nothing of the node is left to rent: no thousandth of a GPU or, of a machine without one, of its
    /// processors. A node of which nothing is taken is never full.
    public func isFull(_ node: NodeID) -> Bool {
        guard let index = nodes.index(of: node) else { return false }
        let state = nodes.nodes[index]
        if state.gpuCount > 0 { return state.idleMask == 0 && state.partialMask == 0 }
        return nodes.capacities[index].cpuMilli > 0 && state.cpuFreeMilli <= 0
    }

    /// Whether any node ever offered the runner since the coordinator started.
    public func hasSeen(runner: String) -> Bool { nodes.kinds.contains { $0.runners.contains(runner) } }

    /// Whether the nodes could hold the task if they were empty and open, all of them.
    ///
    /// - Parameter isUnheard: whether a node has not told its runners yet, so that any may be among them.
    public func couldEverHold(_ request: PlacementRequest, isUnheard: (NodeID) -> Bool) -> Bool {
        guard request.isValid else { return false }
        var anyRunner = request.resources
        anyRunner.runner = ""
        var rest = request.gangSize
        for index in 0..<nodes.count where !request.excludedNodes.contains(nodes.ids[index]) {
            let resources = isUnheard(nodes.ids[index]) ? anyRunner : request.resources
            rest -= nodes.emptySeats(index, resources, evenIfClosed: true)
            if rest <= 0 { return true }
        }
        return false
    }

    /// A waiting task avoids these nodes and no others. False if it does not wait.
    @discardableResult
    public mutating func reroute(_ task: TaskID, avoiding excluded: [NodeID]) -> Bool {
        guard let slot = tasks.slot(of: task), tasks[slot].state != .placed else { return false }
        tasks[slot].request.excludedNodes = excluded
        // What was reserved may have been reserved elsewhere.
        if reservation?.task == slot { reservation = nil }
        return true
    }

    /// Places a task on that node now or not at all; it stands in no line. `nil`, and nothing is changed, if it does
    /// not fit at present, is known already or is a gang.
    public mutating func place(_ request: PlacementRequest, on node: NodeID, now: UInt64) -> Placement? {
        guard request.isValid, request.gangSize == 1, tasks.slot(of: request.task) == nil,
            let index = nodes.index(of: node)
        else { return nil }
        let member = MemberShape(request.resources)
        guard nodes.nodes[index].pricePerGPUHour <= member.priceCap,
            let milli = nodes.kinds[Int(nodes.nodes[index].kind)].milliPerGPU(for: request.resources),
            let fit = Fit(member, index, milliPerGPU: milli, nodes, model.table)
        else { return nil }
        let price = nodes.nodes[index].pricePerGPUHour * Shape(request).paidMilli / 1000
        let terms = CostTerms(price: price, hazard: 0, fragmentation: 0)
        let placement = Placement(
            task: request.task, member: 0, node: node, gpus: fit.gpus(of: nodes.nodes[index], for: member),
            milliPerGPU: milli,
            explanation: PlacementExplanation(winner: terms, runnerUp: nil, runnerUpTerms: nil, isBackfill: false))
        guard adopt(request, on: [placement], since: now) else { return nil }
        return placement
    }
}
