internal import CLinux
internal import Glibc
internal import Reactor

/// Turns the generator's loop through the phases of a run.
final class LoadDriver {
    let loop: EventLoop
    private let plan: LoadPlan
    /// Wakes the loop to the microsecond, which its own timers of a millisecond do not.
    private let alarm: Int32
    private var alarmAt: UInt64 = 0
    /// Called before each turn, with the clock; answers when it wants to be called next at the latest.
    var pace: ((UInt64) -> UInt64)?

    init(plan: LoadPlan) throws {
        self.plan = plan
        var configuration = EventLoopConfiguration()
        configuration.readBufferBytes = 1 << 20
        loop = try EventLoop(configuration: configuration)
        alarm = timerfd_create(Int32(CLOCK_MONOTONIC), Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        guard alarm >= 0 else {
            loop.close()
            throw SystemError(errno: errno, call: "timerfd_create")
        }
        try loop.watch(fileDescriptor: alarm) { [unowned self] in
            var count: UInt64 = 0
            _ = read(alarm, &count, 8)
            alarmAt = 0
        }
    }

    deinit {
        loop.unwatch(fileDescriptor: alarm)
        _ = close(alarm)
        loop.close()
    }

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
        let start = Measurement.Reading(plan)
        turn(forNanoseconds: plan.measureNanoseconds) { false }
        return Measurement(start: start, end: Measurement.Reading(plan), server: plan.server)
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
            if plan.spins {
                loop.runOnce(timeoutMilliseconds: 0)
            } else {
                setAlarm(due)
                loop.runOnce()
            }
        }
    }

    /// Turns the loop until `isDone`, or until nothing has moved for a while.
    ///
    /// A while is counted in turns of at least 10 ms, not by the clock: a machine that stood still for seconds must not
    /// make what waits in the sockets count as lost.
    ///
    /// - Parameter progress: a number that changes as long as something arrives.
    func drain(_ progress: () -> UInt64, until isDone: () -> Bool) {
        var seen = progress()
        var idleTurns = 0
        while !isDone(), idleTurns < 500 {
            _ = pace?(Clock.monotonicNanoseconds())
            loop.runOnce(timeoutMilliseconds: 0)
            if progress() == seen { loop.runOnce(timeoutMilliseconds: 10) }
            idleTurns = progress() == seen ? idleTurns + 1 : 0
            seen = progress()
        }
    }

    /// Sees to it that the loop wakes at that moment of the monotonic clock.
    private func setAlarm(_ moment: UInt64) {
        guard moment != alarmAt else { return }
        alarmAt = moment
        var setting = itimerspec()
        setting.it_value.tv_sec = Int(moment / 1_000_000_000)
        // All zero would disarm it.
        setting.it_value.tv_nsec = max(1, Int(moment % 1_000_000_000))
        _ = timerfd_settime(alarm, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }
}
