public import Glibc

extension Channel {
    /// Appends to the private queue, which is sent once at the end of the turn. False when the channel is closing, or
    /// when the bytes do not fit; then none were taken and ``queueOverflowed()`` was called.
    @discardableResult
    public final func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if !state.isDisjoint(with: [.closed, .closingAfterFlush]) { return false }
        if bytes.isEmpty { return true }
        precondition(fileDescriptor >= 0, "what has no socket sends nothing")
        let loop = self.loop
        if bytes.count > queueRoom {
            loop.statistics.queueOverflows += 1
            queueOverflowed()
            return false
        }
        if let queue {
            queue.append(bytes)
        } else {
            let fresh = loop.takeWriteQueue()
            fresh.append(bytes)
            queue = fresh
        }
        if state.isDisjoint(with: [.writeBlocked, .queueHeld, .onDirtyList]) { loop.markDirty(self) }
        return true
    }

    /// As ``send(_:)-(UnsafeRawBufferPointer)``.
    @discardableResult
    public final func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { send($0) }
    }

    /// Private bytes that the socket has not taken yet.
    public final var queuedByteCount: Int { (queue?.count ?? 0) + (tls?.owedByteCount ?? 0) }

    /// Private bytes that ``send(_:)-(UnsafeRawBufferPointer)`` would take now without an overflow.
    public final var queueRoom: Int { max(0, queueCapacity - queuedByteCount) }

    /// Bytes that the kernel took and the peer has not; one system call.
    public final var unsentByteCount: Int {
        if state.contains(.closed) { return 0 }
        var count: Int32 = 0
        return ioctl(fileDescriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    private var queueCapacity: Int {
        queueByteLimit == 0 ? loop.configuration.privateQueueBytes : Int(queueByteLimit)
    }

    /// While true the private queue waits: a frame of shared bytes is half sent, and nothing may slip into it.
    /// Bytes of ``writeNow(_:)`` then go first.
    public final var holdsQueue: Bool {
        get { state.contains(.queueHeld) }
        set {
            if newValue == state.contains(.queueHeld) || state.contains(.closed) { return }
            if newValue {
                precondition(queue?.isBegun != true, "a half-sent private queue cannot be held")
                state.insert(.queueHeld)
            } else {
                state.remove(.queueHeld)
                if queue != nil && !state.contains(.writeBlocked) { loop.markDirty(self) }
            }
        }
    }

    /// Sends the private queue without waiting for the end of the turn. True when nothing of it is left.
    @discardableResult
    public final func flushNow() -> Bool {
        if queue == nil { return !state.contains(.closed) }
        if !state.isDisjoint(with: [.closed, .writeBlocked, .queueHeld]) { return false }
        loop.flush(self)
        return queue == nil && !state.contains(.closed)
    }

    /// Writes past the private queue, once, without blocking. What waits in the private queue goes first unless the
    /// queue is held.
    public final func writeNow(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
        if let refusal = refusalToWrite() { return refusal }
        guard let base = bytes.baseAddress, bytes.count > 0 else { return .wrote(0) }
        if let tls { return outcome(of: sendSealed(tls, base, bytes.count), offered: bytes.count, "send") }
        return outcome(of: Syscall.send(fileDescriptor, base, bytes.count), offered: bytes.count, "send")
    }

    /// As ``writeNow(_:)``, of several ranges (at most 1024) with one system call.
    public final func writeNow(vectors: UnsafeBufferPointer<iovec>) -> WriteOutcome {
        if let refusal = refusalToWrite() { return refusal }
        var offered = 0
        for vector in vectors { offered += vector.iov_len }
        if offered == 0 { return .wrote(0) }
        if let tls { return outcome(of: sendSealed(tls, vectors), offered: offered, "sendmsg") }
        return outcome(of: Syscall.send(fileDescriptor, vectors), offered: offered, "sendmsg")
    }

    @inline(__always)
    private func refusalToWrite() -> WriteOutcome? {
        if state.isDisjoint(with: [.closed, .closingAfterFlush, .writeBlocked])
            && (queue == nil || state.contains(.queueHeld))
        {
            return nil
        }
        if !state.isDisjoint(with: [.closed, .closingAfterFlush]) {
            return .failed(SystemError(errno: ENOTCONN, call: "send"))
        }
        // A full socket is not asked again before its edge.
        if state.contains(.writeBlocked) { return .blocked }
        if flushNow() { return nil }
        return state.contains(.closed) ? .failed(SystemError(errno: ENOTCONN, call: "send")) : .blocked
    }

    @inline(__always)
    private func outcome(of result: Int, offered: Int, _ call: StaticString) -> WriteOutcome {
        if result >= 0 {
            if result < offered { state.insert(.writeBlocked) }
            return .wrote(result)
        }
        if result == -Int(EAGAIN) {
            state.insert(.writeBlocked)
            return .blocked
        }
        return .failed(SystemError(errno: Int32(-result), call: call))
    }
}
