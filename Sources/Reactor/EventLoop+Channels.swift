import CLinux
import Glibc

extension EventLoop {
    /// Takes a channel into the loop: it is registered for everything, once, edge-triggered.
    ///
    /// Its descriptor must be non-blocking. When the kernel refuses (memory), the channel is closed with the error and
    /// ``Channel/closed(_:)`` is called before this returns.
    public func adopt(_ channel: Channel) {
        precondition(channel.generation == 0 && !channel.state.contains(.closed), "a channel is adopted once")
        precondition(!isClosed, "a closed loop adopts nothing")
        channel.owner = self
        (channel.slot, channel.generation) = slots.insert(channel)
        guard channel.fileDescriptor >= 0 else {
            if channel.deadlineNanoseconds != 0 { deadlineMoved(channel) }
            return
        }
        do throws(SystemError) {
            try epoll.add(channel.fileDescriptor, events: Epoll.channelEvents, key: key(of: channel))
        } catch {
            precondition(error.errno != EBADF && error.errno != EEXIST, "adopted a descriptor that is not ours")
            channel.close(.failed(error))
            return
        }
        if channel.deadlineNanoseconds != 0 { deadlineMoved(channel) }
        // The first word of TLS is the client's.
        if channel.tls?.isClient == true { markReady(channel) }
        if channel.queue != nil { markDirty(channel) }
        // Of a channel that comes from another loop.
        if channel.state.contains(.inputPending) { markReady(channel) }
    }

    /// Gives up an open channel, which goes on living and may be adopted by another loop. Not within its callbacks:
    /// what it is given there lies in this loop's buffer.
    public func release(_ channel: Channel) {
        precondition(channel.owner === self && channel.generation != 0 && !channel.state.contains(.closed))
        if channel.fileDescriptor >= 0 {
            do throws(SystemError) {
                try epoll.remove(channel.fileDescriptor)
            } catch {
                preconditionFailure("a descriptor that is registered cannot be taken out: \(error)")
            }
        }
        if channel.wheelEntry >= 0 {
            wheel.remove(channel.wheelEntry)
            channel.wheelEntry = TimerWheel.none
        }
        // The lists name channels by their places, which find nobody from now on.
        channel.state.subtract([.onReadyList, .onDirtyList])
        let slot = channel.slot
        (channel.slot, channel.generation, channel.owner) = (0, 0, nil)
        slots.remove(slot)
    }

    /// The channel of that slot and generation; `nil` once it has ended.
    public func channel(slot: UInt32, generation: UInt32) -> Channel? { slots.channel(slot, generation) }

    /// All channels alive at this moment.
    public var channels: [Channel] { Array(slots.all) }

    @inline(__always)
    func key(of channel: Channel) -> UInt64 { UInt64(channel.generation) << 32 | UInt64(channel.slot) }

    /// Puts a channel on the list of those that are read without a new edge.
    func markReady(_ channel: Channel) {
        channel.state.insert(.inputPending)
        if channel.state.contains(.onReadyList) { return }
        channel.state.insert(.onReadyList)
        ready.append(key(of: channel))
    }

    /// Puts a channel on the list of those that are flushed at the end of the turn.
    func markDirty(_ channel: Channel) {
        if channel.state.contains(.onDirtyList) { return }
        channel.state.insert(.onDirtyList)
        dirty.append(key(of: channel))
    }

    /// Takes a closed channel out of every table. The kernel forgets a descriptor when it is closed.
    func forget(_ channel: Channel) {
        if channel.wheelEntry >= 0 {
            wheel.remove(channel.wheelEntry)
            channel.wheelEntry = TimerWheel.none
        }
        if let queue = channel.queue {
            giveBack(queue)
            channel.queue = nil
        }
        slots.remove(channel.slot)
    }

    /// Puts `successor` in the place of `channel`, under the same key.
    func replace(_ channel: Channel, with successor: Channel) {
        slots.replace(channel.slot, with: successor)
    }

    // MARK: Input

    func inputReported(_ channel: Channel, events: UInt32) {
        if channel.state.contains(.endOfStream) {
            // Only our half is left, and it broke or is shut as well.
            if events & (Epoll.hungUp | Epoll.failed) != 0 { closeBroken(channel) }
            return
        }
        if channel.state.contains(.readingPaused) {
            channel.state.insert(.inputPending)
            if events & Epoll.failed != 0 { closeBroken(channel) }
            return
        }
        readInput(channel, hangup: events & Epoll.ending != 0)
    }

    private func closeBroken(_ channel: Channel) {
        let error = Syscall.takeSocketError(channel.fileDescriptor)
        channel.close(error == 0 ? .endOfStream : .failed(SystemError(errno: error, call: "recv")))
    }

    /// Reads until the socket is empty, at most `readsPerTurn` times. With `hangup` a short read is not the end.
    func readInput(_ first: Channel, hangup: Bool) {
        if first.tls != nil { return readSealed(first, hangup: hangup) }
        var channel = first
        let slot = channel.slot
        let generation = channel.generation
        guard let base = readBuffer.baseAddress else { return }
        let capacity = readBuffer.count
        var reads = 0
        while true {
            channel.state.remove(.inputPending)
            let count = Syscall.receive(channel.fileDescriptor, base, capacity)
            if count > 0 {
                reads += 1
                if !channel.state.contains(.closingAfterFlush) {
                    channel.received(UnsafeMutableRawBufferPointer(start: base, count: count))
                }
                if channel.state.contains(.closed) {
                    guard let successor = slots.channel(slot, generation) else { return }
                    channel = successor
                }
                if count < capacity && !hangup { return }
                if channel.state.contains(.readingPaused) {
                    channel.state.insert(.inputPending)
                    return
                }
                if reads >= configuration.readsPerTurn {
                    markReady(channel)
                    return
                }
            } else if count == 0 {
                channel.state.insert(.endOfStream)
                if channel.state.contains(.lingering) {
                    channel.close(.local)
                } else if !channel.state.contains(.closingAfterFlush) {
                    channel.endOfStream()
                }
                return
            } else {
                let error = Int32(-count)
                if error != EAGAIN { channel.close(.failed(SystemError(errno: error, call: "recv"))) }
                return
            }
        }
    }

    // MARK: Output

    func becameWritable(_ channel: Channel) {
        if let session = channel.tls, !drainSealed(channel, session) { return }
        channel.state.remove(.writeBlocked)
        if channel.queue != nil && !channel.state.contains(.queueHeld)
            || channel.state.contains(.closingAfterFlush)
        {
            flush(channel)
            if !channel.state.isDisjoint(with: [.closed, .writeBlocked]) { return }
        }
        if channel.state.isDisjoint(with: [.closed, .closingAfterFlush]) { channel.writable() }
    }

    /// Offers the private queue to the socket, once.
    func flush(_ channel: Channel) {
        if let queue = channel.queue {
            let bytes = queue.bytes
            guard let base = bytes.baseAddress else { return }
            let result =
                if let session = channel.tls { channel.sendSealed(session, base, bytes.count) } else {
                    Syscall.send(channel.fileDescriptor, base, bytes.count)
                }
            if result == bytes.count {
                channel.queue = nil
                giveBack(queue)
            } else if result >= 0 {
                queue.consume(result)
                channel.state.insert(.writeBlocked)
                return
            } else if result == -Int(EAGAIN) {
                channel.state.insert(.writeBlocked)
                return
            } else {
                channel.close(.failed(SystemError(errno: Int32(-result), call: "send")))
                return
            }
        }
        if channel.state.contains(.closingAfterFlush) { linger(channel) }
    }

    /// Everything is sent: shuts our half and waits for the peer's end.
    private func linger(_ channel: Channel) {
        if channel.state.contains(.lingering) { return }
        if let session = channel.tls, !session.sayGoodbye() {
            channel.state.insert(.writeBlocked)
            return
        }
        channel.state.insert(.lingering)
        let failed = shutdown(channel.fileDescriptor, Int32(SHUT_WR)) != 0
        if failed || channel.state.contains(.endOfStream) { channel.close(.local) }
    }
}
