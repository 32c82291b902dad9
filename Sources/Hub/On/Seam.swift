internal import Grid
// SEAM: replaced by the tasks, ledger and trust branches.
extension Hub {
    mutating func onNodeDrainRequested(
        _ request: RequestID, _ node: NodeID, drains: Bool, by user: UserID, _ now: Now, _ effects: inout [Effect]
    ) { preconditionFailure("SEAM") }
    mutating func onTasksSubmitted(
        _ request: RequestID, _ wishes: [TaskSubmission], _ now: Now, _ effects: inout [Effect]
    ) { preconditionFailure("SEAM") }
    mutating func onTaskCancelRequested(
        _ request: RequestID, _ task: TaskReference, _ asker: Asker, _ now: Now, _ effects: inout [Effect]
    ) { preconditionFailure("SEAM") }
    mutating func onJobCancelRequested(
        _ request: RequestID, _ job: String, _ asker: Asker, _ now: Now, _ effects: inout [Effect]
    ) { preconditionFailure("SEAM") }
    mutating func onTaskFeeSet(
        _ request: RequestID, _ task: TaskReference, feeMicros: Int64, _ asker: Asker, _ now: Now,
        _ effects: inout [Effect]
    ) { preconditionFailure("SEAM") }
    mutating func onTaskReported(_ session: SessionID, _ report: TaskReport, _ now: Now, _ effects: inout [Effect]) {
        preconditionFailure("SEAM")
    }
    mutating func onRunsHeld(_ session: SessionID, _ runs: [RunHolding], _ now: Now, _ effects: inout [Effect]) {
        preconditionFailure("SEAM")
    }
}
