internal import Grid
internal import Hub

/// What can happen next in the simulated world: the closed list.
enum Matter {
    // Network
    case arrivesUp(Link, UpMessage)
    case arrivesDown(Link, DownMessage)
    /// The coordinator looks whether it hears the link at all.
    case edgeLooks(Link)
    // Agents; the number is the start of the process that planned it
    case agentStarts(Int)
    case agentDials(Int, start: Int)
    case agentTicks(Int, start: Int)
    case leaseChecks(Int, start: Int)
    case runSteps(Int, start: Int, RunID, generation: Int)
    case resultKept(Int, start: Int, RunID)
    case agentLeaves(Int, start: Int)
    // The coordinator
    case coordinatorStarts
    case coordinatorWakes(start: Int)
    case deadline(start: Int, at: UInt64)
    case diskDone(start: Int)
    case laterDue(start: Int)
    case linkGone(Link, start: Int)
    /// The loop that serves the link learns that it is to close it.
    case edgeCloses(Link)
    // Clients and operators
    case client(Int)
    case answered(UInt32, Answer)
    case observerWants(start: Int)
    case requestTimesOut(UInt32)
    // Faults
    case faultBegins(Int)
    case faultEnds(Int)
    case heals
}
