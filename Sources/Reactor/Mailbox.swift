import Synchronization

/// A bounded box of messages: the only crossing between threads.
///
/// Any thread posts; one receiver takes everything at once under one lock, either a loop (``attach(to:_:)``) or a
/// thread without a loop (``receiveBlocking(timeoutNanoseconds:)``). Messages of one poster keep their order.
public final class Mailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var wakeup: Wakeup?
        var hasBlockedReceiver = false
        var isClosed = false
    }

    private let capacity: Int
    private let state: Guarded<State>
    private let pending = Atomic<Bool>(false)

    /// A box for at most `capacity` waiting messages.
    public init(capacity: Int) throws(SystemError) {
        precondition(capacity > 0)
        self.capacity = capacity
        state = Guarded(State())
    }

    /// Messages that wait.
    public var count: Int { state.withLock { $0.messages.count } }

    /// Puts a message in. False when the box is full or closed; then the message is not in it.
    @discardableResult
    public func post(_ message: Message) -> Bool {
        state.withLock { state in
            if state.isClosed || state.messages.count >= capacity { return false }
            state.messages.append(message)
            if state.messages.count == 1 { announce(&state) }
            return true
        }
    }

    /// Puts all messages in, in order and next to each other, or none (false) when they do not all fit.
    @discardableResult
    public func post(contentsOf messages: [Message]) -> Bool {
        if messages.isEmpty { return true }
        return state.withLock { state in
            if state.isClosed || state.messages.count + messages.count > capacity { return false }
            let wasEmpty = state.messages.isEmpty
            state.messages.append(contentsOf: messages)
            if wasEmpty { announce(&state) }
            return true
        }
    }

    /// Delivers to a loop, on its thread, at most one batch a turn, until ``detach(from:)`` or the loop's end. Call it
    /// on the loop's thread; a box has one receiver at a time.
    public func attach(to loop: EventLoop, _ receive: @escaping ([Message]) -> Void) {
        var spare: [Message] = []
        let attachment = MailboxAttachment(
            box: self,
            isPending: { [self] in pending.load(ordering: .sequentiallyConsistent) },
            drain: { [self] in
                guard pending.load(ordering: .relaxed) else { return }
                var batch: [Message] = []
                swap(&batch, &spare)
                take(into: &batch)
                receive(batch)
                batch.removeAll(keepingCapacity: true)
                swap(&batch, &spare)
            },
            detach: { [self] in state.withLock { $0.wakeup = nil } })
        state.withLock { state in
            precondition(state.wakeup == nil, "a mailbox has one receiver")
            state.wakeup = loop.wakeup
        }
        loop.mailboxes.append(attachment)
    }

    /// Delivers to `loop` no more; what waits stays in the box. Call it on the loop's thread.
    public func detach(from loop: EventLoop) {
        loop.mailboxes.removeAll { $0.box === self }
        state.withLock { $0.wakeup = nil }
    }

    /// Waits for messages and takes them all. Empty after the timeout (nil: none), or when the box is closed and empty.
    public func receiveBlocking(timeoutNanoseconds: UInt64? = nil) -> [Message] {
        let deadline = timeoutNanoseconds.map { timeout in
            let (sum, overflow) = Clock.monotonicNanoseconds().addingReportingOverflow(timeout)
            return overflow ? UInt64.max : sum
        }
        let taken: [Message]? = state.wait(until: deadline) { state in
            if state.messages.isEmpty && !state.isClosed {
                state.hasBlockedReceiver = true
                return nil
            }
            state.hasBlockedReceiver = false
            var batch: [Message] = []
            swap(&batch, &state.messages)
            pending.store(false, ordering: .sequentiallyConsistent)
            return batch
        }
        return taken ?? []
    }

    /// Takes nothing more; what waits is still delivered.
    public func close() {
        state.withLock { $0.isClosed = true }
        state.wake()
    }

    /// Whether ``close()`` was called.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Exchanges the waiting messages for an empty array, whose block the box goes on with.
    private func take(into batch: inout [Message]) {
        state.withLock { state in
            swap(&state.messages, &batch)
            pending.store(false, ordering: .sequentiallyConsistent)
        }
    }

    /// Called with the lock held, when the box stops being empty: the receiver may sleep.
    private func announce(_ state: inout State) {
        pending.store(true, ordering: .sequentiallyConsistent)
        state.wakeup?.wake()
        if state.hasBlockedReceiver { self.state.wake() }
    }
}

/// A mailbox as its loop sees it.
final class MailboxAttachment {
    let box: AnyObject
    let isPending: () -> Bool
    let drain: () -> Void
    let detach: () -> Void

    init(
        box: AnyObject, isPending: @escaping () -> Bool, drain: @escaping () -> Void,
        detach: @escaping () -> Void
    ) {
        self.box = box
        self.isPending = isPending
        self.drain = drain
        self.detach = detach
    }
}
