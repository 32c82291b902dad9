internal import Grid
// SEAM: what the tasks branch provides; only enough of it to see what trust asks for.
extension Hub {
    mutating func submitCheck(
        _ task: TaskSubmission, on node: NodeID, _ now: Now, _ effects: inout [Effect]
    ) {
        var record = TaskRecord(
            id: task.task, number: 1, job: task.task.description, owner: task.owner,
            specification: task.specification, createdAt: now.wall)
        record.key = task.key
        record.isCheck = true
        effects.append(.persist(.task(record)))
    }
    mutating func takeTasks(from node: NodeID, fault: TaskFault, _ now: Now, _ effects: inout [Effect]) {}
    mutating func refreshCapacity(of index: Int, _ now: Now, _ effects: inout [Effect]) {}
    mutating func finishJudged(
        _ task: TaskID, _ verdict: ResultVerdict, _ now: Now, _ effects: inout [Effect]
    ) {}
}
