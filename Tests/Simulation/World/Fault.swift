/// What goes wrong in a history: the closed list.
enum Fault: CaseIterable {
    // The coordinator
    case coordinatorCrash
    /// After some more effects have been carried out: between any two of them.
    case coordinatorCrashBetweenEffects
    case coordinatorPause
    /// Commits take long.
    case slowDisk
    /// Commits wait.
    case fullDisk
    case wallClockStep
    // One agent
    case agentCrash
    /// The whole machine stands still, its runs too.
    case agentPause
    /// It ends its runs, says goodbye, and comes back.
    case agentGoodbye
    /// Results wait on the agent's own disk.
    case agentFullDisk
    // One link
    case cutUp
    case cutDown
    case cutBoth
    /// The connection breaks; what is under way in it is lost.
    case breakLink
    case slowLink
    // All links
    /// One after the other is cut, and healed in another order.
    case clog
}

/// When what goes wrong, and for how long.
struct PlannedFault {
    var fault: Fault
    var at: UInt64
    var nanoseconds: UInt64
    /// The agent, by its index; of no meaning for the coordinator's faults.
    var agent: Int
}
