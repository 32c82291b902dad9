public import Grid

/// Decides which node a task runs on, and which task is next: a value, pure and exact.
///
/// It is told of nodes, of tasks that wait, end or fail, and of the time; ``place(now:into:)`` answers with places.
/// The same calls give the same answers, bit for bit, on every processor: integers alone decide, ties have a fixed
/// order, and what looks random comes from seeds. docs/routing.md tells the rules, docs/decisions/0009 the cost.
public struct Router: Sendable {
    let configuration: RoutingConfiguration
    var nodes = NodeTable()
    var model = CostModel()
    var workload = Workload()
    var allocations = Allocations()
    var shares: FairShare
    var line = WaitingLine()
    var indexes = ShapeIndexes()
    var tasks = RoutedTasks()
    /// Tasks that wait for their next attempt's time, and those that will starve.
    var delayed = DeadlineHeap()
    var starvation = DeadlineHeap()
    /// Of the first task in line that does not fit at present.
    var reservation: Reservation?
    /// Kept for its room: nodes that a search leaves out.
    var masked: [Int32] = []

    public init(configuration: RoutingConfiguration = RoutingConfiguration()) {
        self.configuration = configuration
        shares = FairShare(halfLifeNanoseconds: configuration.usageHalfLifeNanoseconds)
    }

    // MARK: Nodes

    /// Adds a node, or changes what it offers: capacity, price, health, or whether it is open at all. What its tasks
    /// hold stays theirs. Values out of range are taken for the nearest one in range.
    public mutating func upsert(_ node: NodeID, _ capacity: NodeCapacity) {
        let capacity = capacity.clamped
        let models = nodes.models.count
        let mostGPUs = nodes.mostGPUs
        let index = nodes.upsert(node, capacity)
        allocations.onNode(index) { nodes.take($0.seat, on: index) }
        if nodes.models.count != models || nodes.mostGPUs != mostGPUs {
            measureFragmentation()
        } else {
            nodes.value(index, by: model.table)
        }
        model.price(total: nodes.pricedGPUs.price, gpus: nodes.pricedGPUs.count)
    }

    /// Whether an empty grid of the open nodes could hold the task.
    public func couldEverFit(_ request: PlacementRequest) -> Bool {
        guard request.isValid else { return false }
        let excluded = Set(request.excludedNodes)
        var rest = request.gangSize
        for index in 0..<nodes.count where !excluded.contains(nodes.ids[index]) {
            rest -= nodes.emptySeats(index, request.resources)
            if rest <= 0 { return true }
        }
        return false
    }

    // MARK: Fragmentation

    /// Counts a task as seen lately without placing it, as at a start from stored tasks.
    public mutating func observe(_ resources: ResourceRequest, members: Int = 1) {
        if workload.note(resources, members: members) { measureFragmentation() }
    }

    /// Measures fragmentation by the tasks seen up to now. The router does so by itself from time to time.
    public mutating func measureFragmentation() {
        model.measure(by: FragmentationTable(workload, models: nodes.models, mostGPUs: nodes.mostGPUs))
        nodes.value(by: model.table)
    }

    // MARK: Time

    /// When ``place(now:into:)`` is to be called at the latest though nothing happened; `nil` while nothing waits.
    /// It may be earlier than needed.
    public var nextDeadlineNanoseconds: UInt64? {
        switch (delayed.earliest, starvation.earliest) {
        case (let attempt?, let starved?): min(attempt, starved)
        case (let attempt, let starved): attempt ?? starved
        }
    }

    /// Tasks in line or waiting for their next attempt.
    public var waitingCount: Int { line.count + tasks.delayedCount }
    /// Members that hold a place.
    public var placedMemberCount: Int { allocations.count }
    /// GPU thousandths that are held.
    public var heldGPUMilli: Int64 { tasks.heldGPUMilli }

    /// Gives the user a weight of 1 to 1000 in fair sharing; 1 unless told.
    public mutating func setWeight(_ weight: Int, of user: UserID) {
        let number = shares.number(of: user)
        shares.setWeight(weight, of: number)
        line.userCharged(number, shares)
    }
}
