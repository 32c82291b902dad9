/// What a place costs, term by term, in micro-credits for each hour of the run.
public struct CostTerms: Hashable, Sendable {
    /// What the member's GPU time costs on that node.
    public var price: Int64
    /// The work expected to be lost to a failure of the node, at the same price.
    public var hazard: Int64
    /// What the place does to the worth of the node's idle GPUs; negative where it mends fragmentation.
    public var fragmentation: Int64
    public var total: Int64 { price + hazard + fragmentation }

    public init(price: Int64, hazard: Int64, fragmentation: Int64) {
        self.price = price
        self.hazard = hazard
        self.fragmentation = fragmentation
    }
}

/// Why a member went where it went: enough to tell an operator, and the same bits on every replay.
public struct PlacementExplanation: Hashable, Sendable {
    public var winner: CostTerms
    /// The node that would have been next; `nil` if no other would do.
    public var runnerUp: NodeID?
    /// Of ``runnerUp``.
    public var runnerUpTerms: CostTerms?
    /// Whether the task overtook one that waits for a reservation.
    public var isBackfill: Bool

    public init(winner: CostTerms, runnerUp: NodeID?, runnerUpTerms: CostTerms?, isBackfill: Bool) {
        self.winner = winner
        self.runnerUp = runnerUp
        self.runnerUpTerms = runnerUpTerms
        self.isBackfill = isBackfill
    }

    /// By how many micro-credits an hour the runner-up would have been dearer, 0 for a tie; `nil` without one.
    public var difference: Int64? { runnerUpTerms.map { $0.total - winner.total } }
}

/// One member of a task got a place. A gang's members follow each other in one answer, or none is there.
public struct Placement: Hashable, Sendable {
    public var task: TaskID
    /// 0-based.
    public var member: Int
    public var node: NodeID
    /// The GPUs by their index on the node, a bit each.
    public var gpus: UInt64
    /// What is taken of each of them, 1 to 1000 thousandths; 0 without a GPU.
    public var milliPerGPU: Int
    public var explanation: PlacementExplanation

    public init(
        task: TaskID, member: Int, node: NodeID, gpus: UInt64, milliPerGPU: Int, explanation: PlacementExplanation
    ) {
        self.task = task
        self.member = member
        self.node = node
        self.gpus = gpus
        self.milliPerGPU = milliPerGPU
        self.explanation = explanation
    }
}

/// What becomes of a task that failed.
public enum RetryVerdict: Hashable, Sendable {
    /// It waits again, from that monotonic nanosecond on.
    case waits(until: UInt64)
    /// It failed as often as it may.
    case exhausted
    /// No such task runs.
    case unknown
}
