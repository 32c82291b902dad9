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

    /// The subscriber fell so far behind that bytes it has not seen are gone. Called once, at the end of a flush.
    open func fellBehind() { close(.queueOverflow) }

    /// Leaves all views before the connection says goodbye: nothing may follow a close frame.
    public final func leaveViews() { fanout?.dismiss(self) }

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
    /// Its index in ``View/synced``, or in ``View/laggards`` if it lags.
    var index: Int
    var isLagging: Bool
}
