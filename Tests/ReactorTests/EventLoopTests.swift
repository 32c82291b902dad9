import Glibc
import Testing

@testable import Reactor

struct EventLoopTests {
    @Test func anIdleLoopWithConnectionsNeverWakes() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var channels: [RecordingChannel] = []
        let address = try harness.listen { [loop = harness.loop] descriptor, peer in
            let channel = RecordingChannel(fileDescriptor: descriptor, peer: peer)
            loop.adopt(channel)
            channels.append(channel)
        }
        let box = try Mailbox<Int>(capacity: 4)
        box.attach(to: harness.loop) { _ in }
        let peers = try (0..<50).map { _ in try PeerSocket(connectedTo: address) }
        try harness.turn { channels.count == 50 }
        for channel in channels { channel.send([1]) }
        for peer in peers { peer.write([2]) }
        try harness.turn { channels.allSatisfy { $0.bytes.count == 1 } }
        for peer in peers { #expect(peer.read() == [1]) }
        harness.settle()
        // Nothing is planned: the loop may sleep for ever …
        #expect(harness.loop.timeoutUntilNextDeadline(limit: nil) == -1)
        // … and nothing wakes it: the one return from the wait is that of its time limit.
        let before = harness.loop.statistics
        harness.loop.runOnce(timeoutMilliseconds: 300)
        #expect(harness.loop.statistics.events == before.events)
        #expect(harness.loop.statistics.wakeups == before.wakeups + 1)
        for peer in peers { peer.close() }
    }

    @Test func aRestGathersWhatComesMeanwhileAndHappensOnce() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (first, firstPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        let (second, secondPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        harness.settle()
        var turnsWithInput: Set<UInt64> = []
        for channel in [first, second] {
            channel.onReceived = { _ in turnsWithInput.insert(harness.loop.statistics.turns) }
        }
        let begun = Clock.monotonicNanoseconds()
        harness.loop.rest(nanoseconds: .max)
        firstPeer.write([1])
        secondPeer.write([2])
        harness.loop.runOnce(timeoutMilliseconds: 1000)
        #expect(turnsWithInput.count == 1)
        #expect(first.bytes == [1] && second.bytes == [2])
        // Whatever was asked for, a millisecond is the most; and it was waited for.
        #expect(harness.loop.now - begun >= 1_000_000)
        // A turn that may not wait does not rest either, and the wish is spent.
        harness.loop.rest(nanoseconds: .max)
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(!harness.loop.isResting)
        for peer in [firstPeer, secondPeer] { peer.close() }
    }

    @Test func aTurnKeepsItsOrder() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        let box = try Mailbox<Int>(capacity: 4)
        var order: [String] = []
        channel.onReceived = { channel in
            order.append("input")
            channel.send([9])
        }
        box.attach(to: loop) { _ in order.append("mailbox") }
        harness.settle()
        loop.schedule(afterNanoseconds: 0) { order.append("timer") }
        loop.onTurnEnd = { order.append("end: \(channel.queuedByteCount) queued") }
        box.post(1)
        peer.write([1])
        // The timer is due in the next millisecond; the input waits meanwhile.
        let due = Clock.monotonicNanoseconds() + 3_000_000
        while Clock.monotonicNanoseconds() < due {}
        loop.nextTurn { order.append("next turn") }
        loop.runOnce(timeoutMilliseconds: 0)
        #expect(order == ["input", "next turn", "mailbox", "timer", "end: 1 queued"])
        #expect(channel.queuedByteCount == 0)
        #expect(peer.read() == [9])
        peer.close()
    }

    @Test func aLoopKnowsWhenItStoodStill() throws {
        func spin() {
            let end = Clock.monotonicNanoseconds() + 5_000_000
            while Clock.monotonicNanoseconds() < end {}
        }
        var configuration = EventLoopConfiguration()
        configuration.pauseNanoseconds = 1_000_000
        let harness = try LoopHarness(configuration)
        defer { harness.close() }
        let loop = harness.loop
        // Between two turns …
        harness.settle()
        spin()
        let late = Clock.monotonicNanoseconds()
        loop.runOnce(timeoutMilliseconds: 0)
        #expect(loop.wakefulSince >= late)
        // … and within one.
        let long = Clock.monotonicNanoseconds()
        loop.nextTurn(spin)
        loop.runOnce(timeoutMilliseconds: 0)
        #expect(loop.wakefulSince >= long + 5_000_000)
    }

    @Test func aRestIsNoPause() throws {
        var configuration = EventLoopConfiguration()
        configuration.pauseNanoseconds = 3_600_000_000_000
        let harness = try LoopHarness(configuration)
        defer { harness.close() }
        let birth = harness.loop.wakefulSince
        harness.loop.runOnce(timeoutMilliseconds: 20)
        #expect(harness.loop.wakefulSince == birth)
    }

    @Test func stopEndsTheRunAfterItsTurn() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var ended = false
        loop.onTurnEnd = { ended = true }
        loop.schedule(afterNanoseconds: 1_000_000) { loop.stop() }
        try loop.run()
        #expect(ended)
    }

    @Test func nextTurnRunsWithoutDelayAndOnce() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var runs = 0
        harness.loop.nextTurn { runs += 1 }
        #expect(harness.loop.timeoutUntilNextDeadline(limit: nil) == 0)
        harness.loop.runOnce(timeoutMilliseconds: nil)
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(runs == 1)
    }

    @Test func closeEndsEveryChannelAndItsDescriptor() throws {
        let harness = try LoopHarness()
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        harness.close()
        #expect(channel.causes == [.loopClosed])
        #expect(peer.read() == [])
        peer.close()
        harness.close()
    }

    @Test func aWatchedPipeIsReportedWhileItHoldsBytes() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        var reports = 0
        try harness.loop.watch(fileDescriptor: ends[0]) { reports += 1 }
        #expect(write(ends[1], "x", 1) == 1)
        harness.loop.runOnce(timeoutMilliseconds: 1000)
        harness.loop.runOnce(timeoutMilliseconds: 1000)
        #expect(reports == 2)
        harness.loop.unwatch(fileDescriptor: ends[0])
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(reports == 2)
        close(ends[0])
        close(ends[1])
    }

    @Test func aWatchMayEndItselfAndAnother() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var first: [Int32] = [0, 0]
        var second: [Int32] = [0, 0]
        #expect(pipe(&first) == 0 && pipe(&second) == 0)
        let (one, two) = (first[0], second[0])
        var reports = 0
        let both = {
            reports += 1
            loop.unwatch(fileDescriptor: one)
            loop.unwatch(fileDescriptor: two)
        }
        try loop.watch(fileDescriptor: one, both)
        try loop.watch(fileDescriptor: two, both)
        #expect(write(first[1], "x", 1) == 1 && write(second[1], "x", 1) == 1)
        loop.runOnce(timeoutMilliseconds: 1000)
        #expect(reports == 1)
        for descriptor in first + second { close(descriptor) }
    }

    @Test func statisticsCountTurns() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(harness.loop.statistics.turns == 1)
        #expect(harness.loop.statistics.wakeups == 0)
        #expect(harness.loop.statistics.busyNanoseconds > 0)
    }
}
