import CLinux
import Glibc

/// Names a timer; a fired or cancelled one names nothing.
public struct TimerID: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32
}

/// One thread, one epoll: bytes in and out, timers, mailboxes.
///
/// Not `Sendable`: create it on the thread that runs it; other threads reach it through a ``Mailbox`` only. The order
/// of a turn: wait, inputs, channels with input left over, bodies of ``nextTurn(_:)``, mailboxes, timers,
/// ``onTurnEnd``, then one flush of each private queue that changed.
public final class EventLoop {
    /// The bounds this loop was made with.
    public let configuration: EventLoopConfiguration
    /// The monotonic clock in nanoseconds, read once a turn.
    public internal(set) var now: UInt64
    /// Since when the loop has not stood still, in monotonic nanoseconds. What was not heard before it says nothing of
    /// the peers: nobody listened.
    public private(set) var wakefulSince: UInt64
    /// Called after all input, mailboxes and timers of a turn, before the private queues are flushed.
    public var onTurnEnd: (() -> Void)?
    /// What the loop has done so far.
    public internal(set) var statistics = LoopStatistics()
    /// The loop's one read buffer. `received` gets a part of it; between callbacks anybody on the loop may scribble.
    public let readBuffer: UnsafeMutableRawBufferPointer

    let epoll: Epoll
    let wakeup: Wakeup
    let birth: UInt64
    var slots = Slots()
    var wheel = TimerWheel()
    var timers: ContiguousArray<TimerRecord> = []
    var freeTimers: ContiguousArray<UInt32> = []
    var watches: [Int32: Watch] = [:]
    var watchGeneration: UInt32 = 0
    var mailboxes: ContiguousArray<MailboxAttachment> = []
    var ready: ContiguousArray<UInt64> = []
    var dirty: ContiguousArray<UInt64> = []
    var nextTurnBodies: ContiguousArray<() -> Void> = []
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private var spareQueues: ContiguousArray<WriteQueue> = []
    private var spareList: ContiguousArray<UInt64> = []
    /// When the last turn ended.
    private var restingSince: UInt64
    private var gatherStorage: UnsafeMutableRawBufferPointer?
    /// How long the next wait is put off, in nanoseconds.
    private var restNanoseconds: UInt64 = 0
    private var isStopped = false
    private(set) var isInTurn = false
    private(set) var isClosed = false

    /// A loop with its epoll and its wake-up descriptor.
    public init(configuration: EventLoopConfiguration = .init()) throws(SystemError) {
        precondition(configuration.readBufferBytes >= 1024 && configuration.readsPerTurn > 0)
        precondition(configuration.eventsPerWait > 0 && configuration.acceptsPerTurn > 0)
        self.configuration = configuration
        let epoll = try Epoll()
        do throws(SystemError) {
            wakeup = try Wakeup()
        } catch {
            Syscall.close(epoll.descriptor)
            throw error
        }
        self.epoll = epoll
        birth = Clock.monotonicNanoseconds()
        now = birth
        wakefulSince = birth
        restingSince = birth
        readBuffer = .allocate(byteCount: configuration.readBufferBytes, alignment: 4096)
        events = .allocate(capacity: configuration.eventsPerWait)
        do throws(SystemError) {
            try epoll.add(wakeup.descriptor, events: Epoll.readable | Epoll.edgeTriggered, key: Self.wakeupKey)
        } catch {
            close()
            throw error
        }
    }

    deinit {
        precondition(isClosed, "an event loop must be closed before it is let go")
        readBuffer.deallocate()
        gatherStorage?.deallocate()
        events.deallocate()
    }

    /// Where small ranges meet to share a TLS record; made for the first of them.
    var gatherBuffer: UnsafeMutableRawBufferPointer {
        if let gatherStorage { return gatherStorage }
        let made = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSSession.recordBytes, alignment: 64)
        gatherStorage = made
        return made
    }

    /// Channels alive on this loop.
    public var channelCount: Int { slots.count }

    /// Turns until ``stop()``.
    public func run() throws(SystemError) {
        isStopped = false
        while !isStopped { turn(timeoutMilliseconds: nil) }
    }

    /// One turn that waits at most `timeoutMilliseconds` (nil: until something happens).
    public func runOnce(timeoutMilliseconds: Int? = nil) { turn(timeoutMilliseconds: timeoutMilliseconds) }

    /// Ends ``run()`` after the present turn.
    public func stop() { isStopped = true }

    /// Closes every channel with `.loopClosed`, forgets watches, timers and mailboxes, and frees the loop's
    /// descriptors. Listeners and connection attempts must have been closed by their owners. Idempotent.
    public func close() {
        if isClosed { return }
        precondition(!isInTurn, "a loop cannot be closed within its turn")
        isClosed = true
        while slots.count > 0 {
            for channel in slots.all { channel.close(.loopClosed) }
        }
        for attachment in mailboxes { attachment.detach() }
        mailboxes.removeAll()
        watches.removeAll()
        timers.removeAll()
        nextTurnBodies.removeAll()
        onTurnEnd = nil
        slots.deallocate()
        wakeup.close()
        Syscall.close(epoll.descriptor)
    }

    /// Runs `body` once in the next turn (in this one where its place is still to come), without delay.
    public func nextTurn(_ body: @escaping () -> Void) { nextTurnBodies.append(body) }

    /// Looks for events no sooner than so long after this turn, at most a millisecond, unless work is left over: what
    /// comes meanwhile is handled in one turn, as a network card moderates its interrupts. For inputs that are many,
    /// small and in no hurry, each of which would otherwise cost a wake-up.
    public func rest(nanoseconds: UInt64) { restNanoseconds = min(nanoseconds, 1_000_000) }

    /// Whether the next wait is put off.
    var isResting: Bool { restNanoseconds > 0 }

    // MARK: The turn

    private func turn(timeoutMilliseconds limit: Int?) {
        precondition(!isInTurn && !isClosed, "turns do not nest, and a closed loop has none")
        var timeout = timeoutUntilNextDeadline(limit: limit)
        if restNanoseconds > 0 {
            if timeout != 0 { Clock.sleep(nanoseconds: restNanoseconds) }
            restNanoseconds = 0
        }
        if timeout != 0 && !prepareToSleep() { timeout = 0 }
        let count = epoll.wait(events, timeoutMilliseconds: timeout)
        if timeout != 0 {
            wakeup.isAwake()
            statistics.wakeups += 1
        }
        isInTurn = true
        now = Clock.monotonicNanoseconds()
        if timeout >= 0 { noticePause(since: restingSince &+ UInt64(timeout) &* 1_000_000) }
        let started = now
        statistics.turns += 1
        statistics.events += UInt64(count)
        // Who is put on the list in this turn has had its reads of this turn.
        var leftOver = takeSpareList()
        swap(&leftOver, &ready)
        for index in 0..<count {
            dispatch(events[index])
        }
        readReady(leftOver)
        returnSpareList(&leftOver)
        runNextTurnBodies()
        for index in 0..<mailboxes.count where index < mailboxes.count { mailboxes[index].drain() }
        fireTimers()
        onTurnEnd?()
        flushDirty()
        isInTurn = false
        restingSince = Clock.monotonicNanoseconds()
        let busy = restingSince &- started
        if busy > configuration.pauseNanoseconds { wakefulSince = restingSince }
        statistics.busyNanoseconds += busy
        statistics.longestTurnNanoseconds = max(statistics.longestTurnNanoseconds, busy)
        statistics.turnDurations.observe(busy)
    }

    /// The loop wanted to be here at that time.
    private func noticePause(since due: UInt64) {
        if now > due, now - due > configuration.pauseNanoseconds { wakefulSince = now }
    }

    /// Milliseconds to wait for events: 0 when work is left, -1 when nothing is planned.
    func timeoutUntilNextDeadline(limit: Int?) -> Int32 {
        if isStopped || !ready.isEmpty || !nextTurnBodies.isEmpty || !dirty.isEmpty { return 0 }
        var milliseconds = limit.map { Int64(max(0, $0)) } ?? -1
        if let tick = wheel.nextTick {
            let deadline = birth &+ tick &* Self.tickNanoseconds
            let present = Clock.monotonicNanoseconds()
            let wait = deadline > present ? Int64((deadline - present + 999_999) / 1_000_000) : 0
            milliseconds = milliseconds < 0 ? wait : min(milliseconds, wait)
        }
        return Int32(clamping: milliseconds)
    }

    /// Announces the sleep to posters; false when a mailbox has filled meanwhile.
    private func prepareToSleep() -> Bool {
        wakeup.willSleep()
        for attachment in mailboxes where attachment.isPending() {
            wakeup.isAwake()
            return false
        }
        return true
    }

    @inline(__always)
    private func dispatch(_ event: epoll_event) {
        let key = event.data.u64
        if key & Self.watchBit != 0 {
            if key != Self.wakeupKey { watchReported(key) }
            return
        }
        let slot = UInt32(truncatingIfNeeded: key)
        let generation = UInt32(truncatingIfNeeded: key >> 32)
        guard let channel = slots.channel(slot, generation) else { return }
        if event.events & (Epoll.readable | Epoll.ending) != 0 {
            inputReported(channel, events: event.events)
        }
        if event.events & Epoll.writable != 0, let channel = slots.channel(slot, generation),
            channel.state.contains(.writeBlocked)
        {
            becameWritable(channel)
        }
    }

    private func readReady(_ list: ContiguousArray<UInt64>) {
        for key in list {
            guard let channel = slots.channel(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
            else { continue }
            channel.state.remove(.onReadyList)
            if channel.state.contains(.inputPending) { readInput(channel, hangup: true) }
        }
    }

    private func runNextTurnBodies() {
        if nextTurnBodies.isEmpty { return }
        let bodies = nextTurnBodies
        nextTurnBodies.removeAll()
        for body in bodies { body() }
    }

    private func flushDirty() {
        while !dirty.isEmpty {
            var list = takeSpareList()
            swap(&list, &dirty)
            for key in list {
                guard
                    let channel = slots.channel(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
                else { continue }
                channel.state.remove(.onDirtyList)
                if channel.state.isDisjoint(with: [.writeBlocked, .queueHeld]) { flush(channel) }
            }
            returnSpareList(&list)
        }
    }

    private func takeSpareList() -> ContiguousArray<UInt64> {
        var list: ContiguousArray<UInt64> = []
        swap(&list, &spareList)
        return list
    }

    private func returnSpareList(_ list: inout ContiguousArray<UInt64>) {
        list.removeAll(keepingCapacity: true)
        swap(&list, &spareList)
    }

    // MARK: Private queues' blocks

    /// An empty queue, used before if there is one.
    func takeWriteQueue() -> WriteQueue { spareQueues.popLast() ?? WriteQueue() }

    /// Keeps a few small blocks for the next senders; the others are freed.
    func giveBack(_ queue: WriteQueue) {
        if queue.capacity <= 4 * WriteQueue.initialCapacity && spareQueues.count < 64 {
            queue.reset()
            spareQueues.append(queue)
        }
    }

    static let tickNanoseconds: UInt64 = 1_000_000
    /// Marks keys of watched descriptors; channels' slots stay below it.
    static let watchBit: UInt64 = 1 << 31
    static let wakeupKey: UInt64 = .max
}
