internal import Reactor

/// Turns the generator's loop through the phases of a run.
final class LoadDriver {
    let loop: EventLoop
    private let plan: LoadPlan
    /// Called before each turn, with the clock; answers when it wants to be called next at the latest.
    var pace: ((UInt64) -> UInt64)?

    init(plan: LoadPlan) throws {
        self.plan = plan
        var configuration = EventLoopConfiguration()
        configuration.readBufferBytes = 1 << 20
        loop = try EventLoop(configuration: configuration)
    }

    deinit { loop.close() }

    /// Opens a crowd and waits until all of it is ready.
    func settle(_ crowd: Crowd) throws {
        turn(forNanoseconds: LoadPlan.patienceNanoseconds) { crowd.isSettled }
        if let failure = crowd.failure { throw RunFailure(failure) }
        guard crowd.isSettled else { throw RunFailure("only \(crowd.readyCount) connections became ready") }
    }

    /// Warms up, then measures.
    ///
    /// - Parameter begin: called between the two.
    func measure(_ begin: () -> Void) -> Measurement {
        turn(forNanoseconds: plan.warmUpNanoseconds) { false }
        begin()
        let start = Measurement.Reading(server: plan.server)
        turn(forNanoseconds: plan.measureNanoseconds) { false }
        return Measurement(start: start, end: Measurement.Reading(server: plan.server), server: plan.server)
    }

    /// Turns the loop until `isDone` or until the time is over; true if it was done.
    @discardableResult
    func turn(forNanoseconds span: UInt64, until isDone: () -> Bool) -> Bool {
        let end = Clock.monotonicNanoseconds() + span
        while true {
            let now = Clock.monotonicNanoseconds()
            if isDone() { return true }
            if now >= end { return false }
            let due = min(end, pace?(now) ?? .max)
            // Rounded down: the last part of a millisecond is polled away, so that a paced message is never late.
            let milliseconds = due > now ? Int(clamping: (due - now) / 1_000_000) : 0
            loop.runOnce(timeoutMilliseconds: plan.spins ? 0 : min(milliseconds, 100))
        }
    }
}
