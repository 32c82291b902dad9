import Glibc

extension EventLoop {
    /// How long a peer may take to hear why its TLS was refused.
    private static let refusalMilliseconds = 1000

    /// As `readInput` of a channel that speaks TLS: reads until the socket is empty, at most `readsPerTurn` times.
    func readSealed(_ first: Channel, hangup: Bool) {
        let (slot, generation) = (first.slot, first.generation)
        readRecords(first, hangup: hangup)
        guard let channel = slots.channel(slot, generation), let session = channel.tls else { return }
        if session.owedByteCount > 0 {
            channel.state.insert(.writeBlocked)
        } else if session.isEstablished, channel.state.contains(.writeBlocked) {
            // What was sent before the handshake was done waited for it, not for the socket.
            becameWritable(channel)
        }
    }

    private func readRecords(_ first: Channel, hangup: Bool) {
        var channel = first
        let (slot, generation) = (channel.slot, channel.generation)
        var reads = 0
        while let session = channel.tls {
            channel.state.remove(.inputPending)
            let wasEstablished = session.isEstablished
            let input = session.receive(into: readBuffer)
            if session.isEstablished != wasEstablished { countHandshake(session) }
            reads += 1
            switch input {
            case .bytes(let count):
                if !channel.state.contains(.closingAfterFlush) {
                    channel.received(UnsafeMutableRawBufferPointer(rebasing: readBuffer[..<count]))
                }
            case .partial:
                break
            case .empty:
                return
            case .end:
                return endSealed(channel)
            case .failed(let errno):
                return channel.close(.failed(SystemError(errno: errno, call: "recv")))
            case .broken:
                return breakSealed(channel, session)
            }
            if channel.state.contains(.closed) {
                guard let successor = slots.channel(slot, generation) else { return }
                channel = successor
            }
            if !session.mayHoldMore && !hangup { return }
            if channel.state.contains(.readingPaused) {
                channel.state.insert(.inputPending)
                return
            }
            if reads >= configuration.readsPerTurn { return markReady(channel) }
        }
    }

    private func countHandshake(_ session: TLSSession) {
        statistics.tlsHandshakes += 1
        if session.isResumed { statistics.tlsResumptions += 1 }
    }

    private func endSealed(_ channel: Channel) {
        channel.state.insert(.endOfStream)
        if channel.state.contains(.lingering) {
            channel.close(.local)
        } else if !channel.state.contains(.closingAfterFlush) {
            channel.endOfStream()
        }
    }

    /// TLS broke: ends the connection so that the peer still reads the alert that says why.
    private func breakSealed(_ channel: Channel, _ session: TLSSession) {
        if !session.isEstablished { statistics.tlsFailures += 1 }
        if session.failure == .truncated || channel.state.contains(.closingAfterFlush) { return channel.close(.local) }
        if let queue = channel.queue {
            channel.queue = nil
            giveBack(queue)
        }
        channel.state.remove(.writeBlocked)
        if session.owedByteCount > 0 { channel.state.insert(.writeBlocked) }
        channel.closeAfterFlush(timeoutMilliseconds: Self.refusalMilliseconds)
    }

    /// The socket of a channel that speaks TLS takes bytes again. True when plaintext may follow.
    func drainSealed(_ channel: Channel, _ session: TLSSession) -> Bool {
        let result = session.drain()
        if result < 0 {
            channel.close(.failed(SystemError(errno: Int32(-result), call: "send")))
            return false
        }
        if session.owedByteCount > 0 { return false }
        return session.isEstablished || channel.state.contains(.closingAfterFlush)
    }
}
