internal import Grid

/// A member's lease, as its node's list has it.
struct HeldRun: Hashable, Sendable {
    /// Of the task, in ``Tasks``.
    var slot: Int32
    var member: Int32
}

/// A run that lost its lease and may still go on: its devices are taken until its agent says that it has ended, says
/// that it does not have it, or could have it no longer.
struct ClosingRun: Hashable, Sendable {
    var run: RunID
    /// Holds the devices in the router, in the task's place: the task itself may be elsewhere by now.
    var stand: TaskID
    /// Why it is ended, where that is not its owner's wish.
    var fault: TaskFault?

    var order: TaskOrder { fault.map { .stop(run, $0) } ?? .cancel(run) }
}
