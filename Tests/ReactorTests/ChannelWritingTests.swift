import CLinux
import Glibc
import Testing

@testable import Reactor

struct ChannelWritingTests {
    @Test func aStalledReaderGetsEveryByteOnceAndInOrder() throws {
        var configuration = EventLoopConfiguration()
        configuration.privateQueueBytes = 64 << 20
        let harness = try LoopHarness(configuration)
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        var random = SeededRandom(seed: 11)
        var sent: [UInt8] = []
        // The reader stops: the socket fills, the rest waits in the queue.
        while channel.queuedByteCount < 8 << 20 {
            let piece = (0..<50_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(channel.send(piece))
            sent += piece
            harness.loop.runOnce(timeoutMilliseconds: 0)
        }
        #expect(channel.state.contains(.writeBlocked))
        // It goes on, while more is sent.
        var got: [UInt8] = []
        while got.count < sent.count {
            if sent.count < 20 << 20 {
                let piece = (0..<10_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                #expect(channel.send(piece))
                sent += piece
            }
            harness.loop.runOnce(timeoutMilliseconds: 0)
            got += peer.readAvailable()
        }
        #expect(got == sent)
        #expect(channel.queue == nil && channel.queuedByteCount == 0)
        peer.close()
    }

    @Test func severalSendsOfATurnLeaveAsOne() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.send([1, 2])
        channel.send([])
        channel.send([3])
        #expect(peer.readAvailable() == [])
        #expect(channel.queuedByteCount == 3)
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(peer.readAvailable() == [1, 2, 3])
        peer.close()
    }

    @Test func aQueueThatRunsOverClosesByDefault() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.queueByteLimit = 10
        #expect(channel.send([UInt8](repeating: 1, count: 10)))
        #expect(!channel.send([1]))
        #expect(channel.causes == [.queueOverflow] && channel.overflows == 1)
        #expect(!channel.send([1]))
        #expect(channel.overflows == 1)
        #expect(harness.loop.statistics.queueOverflows == 1)
        peer.close()
    }

    @Test func aRefusedSendTakesNothing() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.staysAfterOverflow = true
        channel.queueByteLimit = 4
        #expect(channel.send([1, 2, 3]))
        #expect(!channel.send([4, 5]))
        #expect(channel.send([6]))
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(peer.read() == [1, 2, 3, 6])
        peer.close()
    }

    @Test func directWritesReportAFullSocketAndItsRecovery() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        harness.settle()
        let block = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        var sent = 0
        func fill() {
            while true {
                let outcome = block[(sent % block.count)...].withUnsafeBytes { channel.writeNow($0) }
                guard case .wrote(let count) = outcome else { return }
                sent += count
            }
        }
        fill()
        #expect(sent > 0 && channel.writableCalls == 0)
        channel.onWritable = { _ in fill() }
        var got: [UInt8] = []
        while got.count < 20 << 20 {
            let piece = peer.readAvailable()
            got += piece
            harness.loop.runOnce(timeoutMilliseconds: piece.isEmpty ? 1000 : 0)
        }
        #expect(channel.writableCalls > 0)
        #expect(got.enumerated().allSatisfy { $0.element == UInt8(truncatingIfNeeded: $0.offset % block.count) })
        peer.close()
    }

    @Test func rangesGoOutInOneWrite() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        var first: [UInt8] = [1, 2, 3]
        var second: [UInt8] = [4, 5]
        first.withUnsafeMutableBytes { one in
            second.withUnsafeMutableBytes { two in
                let vectors = [
                    iovec(iov_base: one.baseAddress, iov_len: one.count),
                    iovec(iov_base: two.baseAddress, iov_len: two.count),
                ]
                vectors.withUnsafeBufferPointer {
                    guard case .wrote(5) = channel.writeNow(vectors: $0) else {
                        Issue.record("not written")
                        return
                    }
                }
            }
        }
        #expect(peer.read() == [1, 2, 3, 4, 5])
        peer.close()
    }

    @Test func thePrivateQueueGoesBeforeADirectWrite() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.send([1, 2])
        _ = [UInt8](arrayLiteral: 3).withUnsafeBytes { channel.writeNow($0) }
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(peer.read(atMost: 2) == [1, 2])
        #expect(peer.read() == [3])
        peer.close()
    }

    @Test func aHeldQueueSlipsInOnlyWhenItIsReleased() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        _ = [UInt8](arrayLiteral: 1).withUnsafeBytes { channel.writeNow($0) }
        channel.holdsQueue = true
        channel.send([9])
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(!channel.flushNow())
        _ = [UInt8](arrayLiteral: 2).withUnsafeBytes { channel.writeNow($0) }
        #expect(peer.read() == [1, 2])
        channel.holdsQueue = false
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(peer.read() == [9])
        peer.close()
    }

    @Test func aDirectWriteWaitsForAHalfSentQueue() throws {
        var configuration = EventLoopConfiguration()
        configuration.privateQueueBytes = 64 << 20
        let harness = try LoopHarness(configuration)
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.send([UInt8](repeating: 5, count: 32 << 20))
        harness.loop.runOnce(timeoutMilliseconds: 0)
        guard case .blocked = [UInt8](arrayLiteral: 6).withUnsafeBytes({ channel.writeNow($0) }) else {
            Issue.record("shared bytes overtook half a private frame")
            return
        }
        var drained = false
        channel.onWritable = { channel in
            drained = channel.queue == nil
            _ = [UInt8](arrayLiteral: 6).withUnsafeBytes { channel.writeNow($0) }
        }
        var count = 0
        var last: UInt8 = 0
        while count < 32 << 20 + 1 {
            let piece = peer.readAvailable()
            count += piece.count
            last = piece.last ?? last
            harness.loop.runOnce(timeoutMilliseconds: piece.isEmpty ? 1000 : 0)
        }
        #expect(drained && last == 6)
        peer.close()
    }

    @Test func aWriteToABrokenConnectionFails() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        peer.reset()
        // The reset may be on its way for a while. The loop must not see it: it would close the channel.
        var broken = pollfd(fd: channel.fileDescriptor, events: 0, revents: 0)
        try #require(poll(&broken, 1, 60_000) == 1)
        var failure: SystemError?
        if case .failed(let error) = [UInt8](arrayLiteral: 1).withUnsafeBytes({ channel.writeNow($0) }) {
            failure = error
        }
        #expect(failure?.errno == ECONNRESET || failure?.errno == EPIPE)
        #expect(!channel.isClosed)
        channel.close()
        guard case .failed = [UInt8](arrayLiteral: 1).withUnsafeBytes({ channel.writeNow($0) }) else {
            Issue.record("a closed channel wrote")
            return
        }
    }

    @Test func aBrokenQueueEndsTheChannel() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.pauseReading()
        peer.reset()
        channel.send([1])
        try harness.turn { channel.isClosed }
        guard case .failed = channel.causes.first else {
            Issue.record("closed with \(channel.causes)")
            return
        }
    }

    @Test func drainedBlocksAreUsedAgain() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        channel.send([1])
        let block = channel.queue
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(channel.queue == nil)
        channel.send([2])
        #expect(channel.queue === block)
        peer.close()
    }
}
