/// What a timer will do, and when.
struct TimerRecord {
    var deadline: UInt64
    /// 0 for a timer that fires once.
    var interval: UInt64
    var entry: TimerWheel.Entry
    var generation: UInt32
    var body: (() -> Void)?
}

extension EventLoop {
    /// Timers' indices carry this bit in the wheel, channels' slots do not.
    private static let timerBit: UInt32 = 1 << 31

    /// Runs `body` after a delay, never early and within about a millisecond of it, once or again and again. Repeats
    /// keep their rhythm; what a busy loop missed is skipped, not made up for.
    @discardableResult
    public func schedule(
        afterNanoseconds delay: UInt64, repeating: Bool = false, _ body: @escaping () -> Void
    ) -> TimerID {
        precondition(!repeating || delay > 0, "a repeating timer needs an interval")
        // Between turns the loop's clock stands still.
        if !isInTurn { now = Clock.monotonicNanoseconds() }
        let (sum, overflow) = now.addingReportingOverflow(delay)
        let deadline = overflow ? UInt64.max : sum
        let index: UInt32
        if let reused = freeTimers.popLast() {
            index = reused
        } else {
            index = UInt32(timers.count)
            timers.append(
                TimerRecord(deadline: 0, interval: 0, entry: TimerWheel.none, generation: 0, body: nil))
        }
        timers[Int(index)].deadline = deadline
        timers[Int(index)].interval = repeating ? delay : 0
        timers[Int(index)].generation &+= 1
        timers[Int(index)].body = body
        timers[Int(index)].entry = wheel.insert(index | Self.timerBit, at: tick(of: deadline))
        return TimerID(index: index, generation: timers[Int(index)].generation)
    }

    /// Cancels a timer. One that has fired or was cancelled is ignored.
    public func cancel(_ id: TimerID) {
        guard Int(id.index) < timers.count, timers[Int(id.index)].generation == id.generation,
            timers[Int(id.index)].body != nil
        else { return }
        if timers[Int(id.index)].entry >= 0 { wheel.remove(timers[Int(id.index)].entry) }
        freeTimer(id.index)
    }

    /// Timers and deadlines that wait.
    public var pendingTimerCount: Int { wheel.count }

    /// The first tick that is not before a deadline.
    func tick(of deadline: UInt64) -> UInt64 {
        if deadline <= birth { return 0 }
        let (quotient, remainder) = (deadline - birth).quotientAndRemainder(dividingBy: Self.tickNanoseconds)
        return quotient + (remainder == 0 ? 0 : 1)
    }

    /// Gives a channel's new, earlier (or first) deadline its place in the wheel.
    func deadlineMoved(_ channel: Channel) {
        if channel.state.contains(.closed) || channel.generation == 0 { return }
        let tick = tick(of: channel.deadlineNanoseconds)
        if channel.wheelEntry < 0 {
            channel.wheelEntry = wheel.insert(channel.slot, at: tick)
        } else if tick < wheel.tick(of: channel.wheelEntry) {
            wheel.move(channel.wheelEntry, to: tick)
        }
    }

    /// Runs what is due.
    func fireTimers() {
        let present = (now - birth) / Self.tickNanoseconds
        while let payload = wheel.popExpired(now: present) {
            if payload & Self.timerBit != 0 {
                fireTimer(payload & ~Self.timerBit)
            } else {
                fireDeadline(slot: payload)
            }
        }
    }

    private func fireTimer(_ index: UInt32) {
        let record = timers[Int(index)]
        timers[Int(index)].entry = TimerWheel.none
        guard let body = record.body else { return }
        if record.deadline > now {
            timers[Int(index)].entry = wheel.insert(index | Self.timerBit, at: tick(of: record.deadline))
            return
        }
        if record.interval == 0 {
            freeTimer(index)
        } else {
            let missed = (now - record.deadline) / record.interval
            let next = record.deadline + (missed + 1) * record.interval
            timers[Int(index)].deadline = next
            timers[Int(index)].entry = wheel.insert(index | Self.timerBit, at: tick(of: next))
        }
        body()
    }

    private func freeTimer(_ index: UInt32) {
        timers[Int(index)].body = nil
        timers[Int(index)].entry = TimerWheel.none
        freeTimers.append(index)
    }

    private func fireDeadline(slot: UInt32) {
        guard let channel = slots.channel(in: slot) else { preconditionFailure("a closed channel kept its deadline") }
        channel.wheelEntry = TimerWheel.none
        let deadline = channel.deadlineNanoseconds
        if deadline == 0 { return }
        if deadline > now {
            channel.wheelEntry = wheel.insert(slot, at: tick(of: deadline))
            return
        }
        channel.deadlineNanoseconds = 0
        if channel.state.contains(.closingAfterFlush) {
            channel.close(channel.state.contains(.lingering) ? .local : .deadline)
        } else {
            channel.deadlineReached()
        }
    }
}
