/// The bounds of one loop.
public struct EventLoopConfiguration: Sendable {
    /// Bytes of the one read buffer, at least 34 KiB where a channel speaks TLS; only the touched pages cost memory.
    public var readBufferBytes = 256 << 10
    /// Reads of one channel in one turn before the others have theirs.
    public var readsPerTurn = 4
    /// Events taken from the kernel at once.
    public var eventsPerWait = 1024
    /// Private bytes that may wait for one channel, unless the channel sets its own limit.
    public var privateQueueBytes = 1 << 20
    /// Connections a listener accepts in one turn.
    public var acceptsPerTurn = 256
    /// How long a listener rests after the process ran out of descriptors or memory, in milliseconds.
    public var acceptPauseMilliseconds = 100
    /// How much later than it wanted a turn may begin, and how long it may take, before the loop is taken to have stood
    /// still: stopped by a signal, a suspended machine, or a processor that others had.
    public var pauseNanoseconds: UInt64 = 1_000_000_000

    /// The defaults of a server.
    public init() {}
}

/// What a loop has done since its birth.
public struct LoopStatistics: Sendable {
    /// Turns of the loop.
    public var turns: UInt64 = 0
    /// Returns from a wait that was allowed to sleep; an idle loop has none.
    public var wakeups: UInt64 = 0
    /// Events the kernel reported.
    public var events: UInt64 = 0
    /// Nanoseconds not spent waiting.
    public var busyNanoseconds: UInt64 = 0
    /// The longest turn without its wait, in nanoseconds: how late an input can have been handled.
    public var longestTurnNanoseconds: UInt64 = 0
    /// How long turns took without their waits, in nanoseconds.
    public var turnDurations = Histogram.durations
    /// Connections accepted.
    public var accepted: UInt64 = 0
    /// Connections closed at once because the process had no descriptor left for them.
    public var shed: UInt64 = 0
    /// Private queues that ran over.
    public var queueOverflows: UInt64 = 0
    /// TLS handshakes done.
    public var tlsHandshakes: UInt64 = 0
    /// Those of them that resumed an earlier session.
    public var tlsResumptions: UInt64 = 0
    /// TLS handshakes that failed.
    public var tlsFailures: UInt64 = 0

    /// All zero.
    public init() {}
}
