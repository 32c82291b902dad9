/// What a direct write achieved.
public enum WriteOutcome: Sendable {
    /// The socket took this many bytes; fewer than offered means that it is full now, and `writable()` will follow.
    case wrote(Int)
    /// The socket is full, or a half-sent private queue goes first; `writable()` will follow.
    case blocked
    /// The connection is broken; close the channel.
    case failed(SystemError)
}

/// What a channel is in the middle of.
struct ChannelState: OptionSet {
    let rawValue: UInt16
    static let closed = ChannelState(rawValue: 1 << 0)
    static let readingPaused = ChannelState(rawValue: 1 << 1)
    /// Input may wait in the socket that no edge will announce again.
    static let inputPending = ChannelState(rawValue: 1 << 2)
    static let onReadyList = ChannelState(rawValue: 1 << 3)
    static let endOfStream = ChannelState(rawValue: 1 << 4)
    /// The socket refused bytes; the next writable edge counts.
    static let writeBlocked = ChannelState(rawValue: 1 << 5)
    static let onDirtyList = ChannelState(rawValue: 1 << 6)
    static let queueHeld = ChannelState(rawValue: 1 << 7)
    static let closingAfterFlush = ChannelState(rawValue: 1 << 8)
    /// Everything is sent and our half is shut; only the peer's end is awaited.
    static let lingering = ChannelState(rawValue: 1 << 9)
    static let handedOver = ChannelState(rawValue: 1 << 10)
}

/// One connection of a loop. Subclass it and keep the connection's state inline: an idle connection is one object.
///
/// All members and callbacks belong to the loop's thread. A channel may be closed anywhere, also inside its own
/// callbacks; after ``closed(_:)`` nothing is called any more.
open class Channel {
    /// The socket. Closed by the channel, by nobody else; -1 where there is none.
    public final let fileDescriptor: Int32
    /// The channel's place in the loop's table.
    public internal(set) final var slot: UInt32 = 0
    /// Tells this channel from the earlier ones of its slot; 0 before ``EventLoop/adopt(_:)``.
    public internal(set) final var generation: UInt32 = 0
    /// Private bytes that may wait before ``queueOverflowed()``; 0 takes the loop's default.
    public final var queueByteLimit: UInt32 = 0
    final var wheelEntry: TimerWheel.Entry = TimerWheel.none
    final var state: ChannelState = []
    /// The peer, as the listener learnt it.
    public final var peer: PeerAddress
    final unowned var owner: EventLoop?
    final var queue: WriteQueue?
    /// What encrypts; nil on a plain connection, for which it costs a comparison and these eight bytes.
    final var tls: TLSSession?
    final var deadlineNanoseconds: UInt64 = 0

    /// A channel for a connected, non-blocking stream socket, which it owns from now on.
    public init(fileDescriptor: Int32, peer: PeerAddress = PeerAddress()) {
        precondition(fileDescriptor >= 0)
        self.fileDescriptor = fileDescriptor
        self.peer = peer
    }

    /// A channel without a socket: a place in the loop's table and a deadline, for what outlives its connections. It
    /// can neither send nor be written to, and nothing comes.
    public init(withoutSocketFor peer: PeerAddress) {
        fileDescriptor = -1
        self.peer = peer
    }

    /// The loop that adopted the channel.
    public final var loop: EventLoop {
        guard let owner else { preconditionFailure("the channel has no loop yet") }
        return owner
    }

    /// Whether the channel has ended (or given its connection to a successor).
    public final var isClosed: Bool { state.contains(.closed) }

    /// When to call ``deadlineReached()``, in monotonic nanoseconds; 0 is never. Moving it later is a field store.
    public final var deadline: UInt64 {
        @inline(__always) get { deadlineNanoseconds }
        @inline(__always) set {
            let old = deadlineNanoseconds
            deadlineNanoseconds = newValue
            // The wheel's entry is never later than the old deadline; where that is early enough, it moves itself.
            if newValue != 0 && (wheelEntry < 0 || old == 0 || newValue < old) { owner?.deadlineMoved(self) }
        }
    }

    /// Bytes came. They lie in the loop's one read buffer: mutable, so that masks are undone in place, and valid only
    /// during the call.
    open func received(_ bytes: UnsafeMutableRawBufferPointer) {}

    /// The peer will send nothing more. The default closes; without that the channel can still send.
    open func endOfStream() { close(.endOfStream) }

    /// The channel is out of the loop, its socket about to be closed: the last moment to ask that something.
    open func closing(_ cause: CloseCause) {}

    /// The channel is out of the loop and its socket closed. Called exactly once.
    open func closed(_ cause: CloseCause) {}

    /// The socket takes bytes again after it refused some.
    open func writable() {}

    /// The deadline passed; it is 0 now. The default closes.
    open func deadlineReached() { close(.deadline) }

    /// A `send` did not fit into the private queue and was refused whole. The default closes.
    open func queueOverflowed() { close(.queueOverflow) }

    /// Ends the connection now; what the private queue still holds is lost.
    public final func close(_ cause: CloseCause = .local) {
        if state.contains(.closed) { return }
        state.insert(.closed)
        withExtendedLifetime(self) {
            if let owner, generation != 0 {
                owner.forget(self)
            }
            closing(cause)
            let broken = tls?.failure
            if let tls {
                tls.close()
                self.tls = nil
            }
            if fileDescriptor >= 0 { Syscall.close(fileDescriptor) }
            // However the end came about: where TLS broke, that is why.
            closed(broken.map { .tls($0) } ?? cause)
        }
    }

    /// Ends the connection when the private queue is sent: our half is shut, the peer's end awaited, and what it still
    /// sends is dropped, so that no reset destroys our last bytes on their way. After `timeoutMilliseconds` it is
    /// closed in any case. The channel's deadline is used for this.
    public final func closeAfterFlush(timeoutMilliseconds: Int = 5000) {
        if state.contains(.closed) || state.contains(.closingAfterFlush) { return }
        state.insert(.closingAfterFlush)
        state.remove(.queueHeld)
        deadline = loop.now &+ UInt64(timeoutMilliseconds) &* 1_000_000
        resumeReading()
        loop.markDirty(self)
    }

    /// Whether ``closeAfterFlush(timeoutMilliseconds:)`` was called.
    public final var isClosing: Bool { state.contains(.closed) || state.contains(.closingAfterFlush) }

    /// Leaves the peer's bytes in the socket until ``resumeReading()``.
    public final func pauseReading() { state.insert(.readingPaused) }

    /// Takes the peer's bytes again.
    public final func resumeReading() {
        guard state.contains(.readingPaused) else { return }
        state.remove(.readingPaused)
        if state.contains(.inputPending), !state.contains(.closed), let owner { owner.markReady(self) }
    }

    /// Whether bytes of the peer wait in the socket, or its end does, that ``received(_:)`` has not been given yet.
    public final var hasUnreadInput: Bool { !isClosed && fileDescriptor >= 0 && Syscall.hasInput(fileDescriptor) }

    /// Gives the connection to another channel, which was made with the same descriptor: place, queue, deadline and
    /// peer go with it. This channel ends without ``closed(_:)``. Bytes still unread in the current `received` are the
    /// caller's to pass on.
    public final func handOver(to successor: Channel) {
        precondition(!state.contains(.closed) && generation != 0, "only an adopted, open channel can be handed over")
        precondition(successor.fileDescriptor == fileDescriptor && successor.generation == 0)
        successor.slot = slot
        successor.generation = generation
        successor.owner = owner
        successor.peer = peer
        successor.state = state
        successor.queue = queue
        successor.tls = tls
        successor.wheelEntry = wheelEntry
        successor.deadlineNanoseconds = deadlineNanoseconds
        queue = nil
        tls = nil
        wheelEntry = TimerWheel.none
        state = [.closed, .handedOver]
        loop.replace(self, with: successor)
    }
}
