public import Grid
public import Reactor

/// A connection that can look at classes: the per-connection state of the fan-out, a few words a room.
open class SubscriberChannel: Channel {
    /// Where the subscriber stands in each class it looks at; the fan-out's own.
    final var memberships: [Membership] = []
    /// The fan-out that knows this subscriber; set at its first view.
    final unowned(unsafe) var fanout: LoopFanout?

    public override init(fileDescriptor: Int32, peer: PeerAddress) {
        super.init(fileDescriptor: fileDescriptor, peer: peer)
    }

    /// A subscriber without a socket of its own: it takes messages (``Framing/message``) and sees to their way itself.
    public override init(withoutSocketFor peer: PeerAddress) {
        super.init(withoutSocketFor: peer)
    }

    /// A message of a class without frames (``Framing/message``). The bytes live only during the call.
    open func handed(_ message: UnsafeRawBufferPointer, _ note: FrameNote) {}

    /// The subscriber was too slow to stay; it has left its views and was given whole frames up to these positions.
    /// Called once.
    open func fellBehind(_ cause: SlowCause, at positions: [RoomPosition]) { close(.queueOverflow) }

    /// The subscriber does not get some frames. What is sent now comes before what stands in for them.
    ///
    /// - Parameter room: `nil` for a class of several, where the offsets say nothing.
    open func conflated(_ skipped: SkippedFrames, in room: BaseRoom?) {}

    /// When shared bytes were last written to the subscribers of one of its views, in monotonic nanoseconds; 0 if
    /// never.
    public final var lastShown: UInt64 { memberships.reduce(0) { max($0, $1.view.flushedAt) } }

    /// Leaves all views before the connection says goodbye: nothing may follow a close frame. Subclasses that override
    /// leave them in one way or the other.
    open func leaveViews() { fanout?.dismiss(self) }

    /// Leaves all views without what they still owe.
    ///
    /// - Returns: up to where the subscriber was given whole frames, a room each.
    public final func withdraw() -> [RoomPosition] { fanout?.withdraw(self) ?? [] }

    /// Takes up the shared bytes again when the socket has room. Subclasses that override call `super`.
    open override func writable() {
        fanout?.resume(self)
    }

    /// Leaves all views. Subclasses that override call `super`.
    open override func closed(_ cause: CloseCause) {
        fanout?.remove(self)
    }
}

/// One subscriber's place in one view of one class.
struct Membership {
    let view: View
    /// Where the room's log stood when the subscriber began to look.
    let joinedOffset: UInt64
    /// Its index in ``View/synced``, or in ``View/laggards`` if it lags.
    var index: Int
    var isLagging: Bool
}
