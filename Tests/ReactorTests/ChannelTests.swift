import CLinux
import Glibc
import Testing

@testable import Reactor

struct ChannelTests {
    @Test func bytesGoBothWays() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.echoes = true
        peer.write("hello")
        try harness.turn { channel.text == "hello" }
        #expect(peer.read() == Array("hello".utf8))
        peer.close()
    }

    @Test func aHalfClosedPeerStillReceives() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.staysAfterEnd = true
        peer.write("question")
        peer.shutdownWriting()
        try harness.turn { channel.ends == 1 }
        #expect(channel.text == "question" && !channel.isClosed)
        channel.send(Array("answer".utf8))
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(peer.read() == Array("answer".utf8))
        channel.closeAfterFlush()
        #expect(peer.closeAfterReadingToTheEnd(turning: harness))
        try harness.turn { channel.causes.count == 1 }
        #expect(channel.ends == 1)
    }

    @Test func theDefaultAnswerToAnEndIsAnEnd() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        peer.write("last words")
        peer.close()
        try harness.turn { channel.isClosed }
        #expect(channel.text == "last words")
        #expect(channel.causes == [.endOfStream])
        #expect(harness.loop.channelCount == 0)
    }

    @Test func aResetIsAFailure() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        peer.reset()
        try harness.turn { channel.isClosed }
        #expect(channel.causes == [.failed(SystemError(errno: ECONNRESET, call: "recv"))])
    }

    @Test func aResetReachesAChannelThatDoesNotRead() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.pauseReading()
        harness.settle()
        peer.reset()
        try harness.turn { channel.isClosed }
        #expect(channel.causes == [.failed(SystemError(errno: ECONNRESET, call: "recv"))])
    }

    @Test func aChannelMayCloseItselfWhileItReceives() throws {
        let harness = try LoopHarness(smallReads())
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.onReceived = { $0.close(.local) }
        peer.write([UInt8](repeating: 1, count: 5000))
        try harness.turn { channel.isClosed }
        harness.settle()
        #expect(channel.pieces == 1 && channel.causes == [.local])
        peer.close()
    }

    @Test func aChannelMayCloseAnotherOfTheSameTurn() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (first, firstPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        let (second, secondPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        harness.settle()
        first.onReceived = { _ in second.close() }
        second.onReceived = { _ in first.close() }
        firstPeer.write([1])
        secondPeer.write([1])
        try harness.turn { first.isClosed || second.isClosed }
        harness.settle()
        // Whichever came first closed the other, whose event of the same turn then found nothing.
        #expect(first.pieces + second.pieces == 1)
        #expect(first.causes.count + second.causes.count == 1)
        firstPeer.close()
        secondPeer.close()
    }

    @Test func anEventForTheFormerHolderOfASlotReachesNobody() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        let (first, firstPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        let (second, secondPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        let newcomer = RecordingChannel(fileDescriptor: ends[0])
        harness.settle()
        let swap: (RecordingChannel) -> Void = { received in
            guard newcomer.generation == 0 else { return }
            let other = received === first ? second : first
            other.close()
            loop.adopt(newcomer)
            #expect(newcomer.slot == other.slot)
        }
        first.onReceived = swap
        second.onReceived = swap
        firstPeer.write([1])
        secondPeer.write([1])
        try harness.turn { newcomer.generation != 0 }
        #expect(newcomer.pieces == 0 && newcomer.causes.isEmpty)
        firstPeer.close()
        secondPeer.close()
        newcomer.close()
        close(ends[1])
    }

    @Test func pausedReadingLeavesBytesUntilItIsResumed() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.pauseReading()
        peer.write("early")
        try harness.turn { channel.state.contains(.inputPending) }
        #expect(channel.bytes.isEmpty)
        peer.close()
        harness.settle()
        channel.resumeReading()
        try harness.turn { channel.isClosed }
        #expect(channel.text == "early" && channel.causes == [.endOfStream])
    }

    @Test func pausingWhileReceivingKeepsTheRest() throws {
        let harness = try LoopHarness(smallReads())
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.onReceived = { $0.pauseReading() }
        peer.write([UInt8](repeating: 7, count: 2500))
        try harness.turn { channel.bytes.count == 1024 }
        harness.settle()
        #expect(channel.bytes.count == 1024)
        channel.resumeReading()
        try harness.turn { channel.bytes.count == 2048 }
        channel.onReceived = nil
        channel.resumeReading()
        try harness.turn { channel.bytes.count == 2500 }
        peer.close()
    }

    @Test func aBusyChannelYieldsToTheOthers() throws {
        let harness = try LoopHarness(smallReads())
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        harness.settle()
        peer.write([UInt8](repeating: 7, count: 10_000))
        harness.loop.runOnce(timeoutMilliseconds: 1000)
        #expect(channel.pieces == 2)
        // The rest comes without a new edge, and the loop does not sleep on it.
        #expect(harness.loop.timeoutUntilNextDeadline(limit: nil) == 0)
        try harness.turn { channel.bytes.count == 10_000 }
        peer.close()
    }

    @Test func aSuccessorTakesTheConnectionWithAllItHolds() throws {
        let harness = try LoopHarness(smallReads())
        defer { harness.close() }
        let loop = harness.loop
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        var successor: RecordingChannel?
        channel.deadline = loop.now + 60_000_000_000
        channel.onReceived = { channel in
            channel.send(Array("switching".utf8))
            let next = RecordingChannel(fileDescriptor: channel.fileDescriptor)
            channel.handOver(to: next)
            successor = next
        }
        peer.write([UInt8](repeating: 3, count: 3000))
        try harness.turn { channel.bytes.count + (successor?.bytes.count ?? 0) == 3000 }
        #expect(channel.pieces == 1 && channel.causes.isEmpty && channel.isClosed)
        let next = try #require(successor)
        #expect(next.deadline == channel.deadline && next.wheelEntry >= 0 && next.loop === loop)
        #expect(peer.read() == Array("switching".utf8))
        #expect(loop.channelCount == 1)
        peer.close()
        try harness.turn { next.causes == [.endOfStream] }
        #expect(loop.pendingTimerCount == 0)
    }

    @Test func aConnectionThatIsClosingDeliversItsLastBytesThoughInputIsUnread() throws {
        let harness = try LoopHarness(smallReads())
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.onReceived = { channel in
            channel.send(Array("refused".utf8))
            channel.closeAfterFlush()
            #expect(!channel.send([1]))
        }
        peer.write([UInt8](repeating: 1, count: 50_000))
        try harness.turn { channel.isClosing }
        harness.settle()
        #expect(peer.read() == Array("refused".utf8))
        #expect(peer.read() == [])
        #expect(channel.pieces == 1 && !channel.isClosed)
        peer.close()
        try harness.turn { channel.causes == [.local] }
    }

    @Test func aPeerThatNeverEndsIsClosedAtTheFlushDeadline() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.closeAfterFlush(timeoutMilliseconds: 60_000)
        #expect(channel.deadline == harness.loop.now + 60_000_000_000)
        // Only once our half is shut may the time run out: timers come before the flush of their turn.
        try harness.turn { channel.state.contains(.lingering) }
        channel.deadline = 1
        try harness.turn { channel.isClosed }
        #expect(channel.causes == [.local] && channel.deadlines == 0)
        peer.close()
    }

    @Test func anIdleConnectionIsSmall() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { Channel(fileDescriptor: $0) }
        #expect(malloc_usable_size(Unmanaged.passUnretained(channel).toOpaque()) <= 120)
        #expect(channel.queue == nil)
        peer.close()
    }

    @Test func aThousandConnectionsEcho() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var channels: [RecordingChannel] = []
        let address = try harness.listen { [loop = harness.loop] descriptor, peer in
            let channel = RecordingChannel(fileDescriptor: descriptor, peer: peer)
            channel.echoes = true
            loop.adopt(channel)
            channels.append(channel)
        }
        var peers: [PeerSocket] = []
        for index in 0..<1000 {
            let peer = try PeerSocket(connectedTo: address)
            peer.write("number \(index)")
            peers.append(peer)
            if index % 100 == 0 { harness.loop.runOnce(timeoutMilliseconds: 0) }
        }
        try harness.turn { channels.count == 1000 && channels.allSatisfy { !$0.bytes.isEmpty } }
        #expect(harness.loop.channelCount == 1000)
        for (index, peer) in peers.enumerated() {
            #expect(peer.read() == Array("number \(index)".utf8))
            peer.close()
        }
        try harness.turn { harness.loop.channelCount == 0 }
        #expect(channels.allSatisfy { $0.causes == [.endOfStream] })
    }

    private func smallReads() -> EventLoopConfiguration {
        var configuration = EventLoopConfiguration()
        configuration.readBufferBytes = 1024
        configuration.readsPerTurn = 2
        return configuration
    }
}

extension PeerSocket {
    /// Turns the loop until the stream ends, then closes. True when it ended without an error.
    fileprivate func closeAfterReadingToTheEnd(turning harness: LoopHarness) -> Bool {
        harness.settle()
        var piece = read()
        while let bytes = piece, !bytes.isEmpty { piece = read() }
        close()
        return piece != nil
    }
}
