import Grid
import Reactor
import Testing

@testable import Fanout

/// The announced ladder: everything, the newest only, goodbye.
@Suite("Loop fan-out, slow subscribers")
struct LoopFanoutLadderTests {
    private static let second: UInt64 = 1_000_000_000
    private let padding = String(repeating: ".", count: 1000)

    private func bench(_ change: (inout FanoutLimits) -> Void = { _ in }) throws -> FanoutBench {
        var limits = FanoutLimits()
        limits.classBytes = 4 * Limits.segmentBytes
        limits.conflateBytes = 8 << 10
        change(&limits)
        return try FanoutBench(limits: limits)
    }

    /// For tests that are about bytes: a slow machine takes longer than a reader may.
    private func takeAnyTime(_ limits: inout FanoutLimits) {
        limits.stalledNanoseconds = .max / 2
        limits.conflatedNanoseconds = .max / 2
    }

    /// What of a peer's texts are events: the number before the padding.
    private func events(_ peer: FanoutBench.Peer) -> [Int] {
        peer.texts.filter { !$0.hasPrefix("!") }.compactMap { Int($0.prefix { $0.isNumber }) }
    }

    private func markers(_ peer: FanoutBench.Peer) -> [[Int]] {
        peer.texts.filter { $0.hasPrefix("!") }.map { $0.dropFirst().split(separator: " ").compactMap { Int($0) } }
    }

    /// Publishes numbered events, a turn each; the text's number is the offset.
    private func publish(
        _ count: Int, to bench: FanoutBench, views: [UInt32] = [0], subject: (Int) -> UInt64 = { _ in 0 }
    ) {
        for _ in 0..<count {
            let number = Int(bench.logOffset) + 1
            bench.publish("\(number)\(padding)", views: views, subject: subject(number))
            bench.turn()
        }
    }

    @Test("who is far behind gets the newest of each subject, is told how many are skipped, and is whole again")
    func conflates() throws {
        let bench = try bench()
        defer { bench.close() }
        let slow = try bench.connect(socketBytes: 4096)
        let fast = try bench.connect()
        for peer in [slow, fast] { bench.setView(peer, 0) }
        for _ in 0..<100 {
            publish(1, to: bench) { $0 % 25 == 0 ? 0 : UInt64(1 + $0 % 3) }
            fast.read()
        }
        #expect(bench.fanout.summary(now: bench.loop.now).laggards == 1)
        bench.settle()
        #expect(events(fast) == Array(1...100))
        #expect(markers(fast).isEmpty)
        let got = events(slow)
        let marker = try #require(markers(slow).first)
        #expect(markers(slow).count == 1)
        #expect(marker[0] == 100 - got.count)
        // Everything up to where its socket was full, then what may not be missing: 97, 98 and 99 of the subjects.
        let full = got.prefix { $0 < marker[1] }
        #expect(Array(full) == Array(1...full.count))
        #expect(got.dropFirst(full.count) == [25, 50, 75, 97, 98, 99, 100])
        #expect(marker[1] == full.count + 1 && marker[2] == 100)
        // The marker stands before what stands in for others.
        #expect(slow.texts.firstIndex { $0.hasPrefix("!") } == full.count)
        publish(5, to: bench) { _ in 1 }
        bench.settle()
        #expect(events(slow).suffix(5) == [101, 102, 103, 104, 105])
        #expect(markers(slow).count == 1)
        #expect(bench.fanout.statistics.conflations == 1)
        #expect(bench.fanout.statistics.skippedFrames == UInt64(marker[0]))
        #expect(bench.fanout.summary(now: bench.loop.now).laggards == 0)
    }

    @Test("the newest is the newest that the view lets through")
    func conflatesWithinView() throws {
        let bench = try bench()
        defer { bench.close() }
        let slow = try bench.connect(socketBytes: 4096)
        bench.setView(slow, 1)
        bench.setView(try bench.connect(), 0)
        publish(30, to: bench, views: [0, 1]) { _ in 5 }
        // As when a node's status no longer passes the filter.
        publish(30, to: bench, views: [0]) { _ in 5 }
        bench.settle()
        #expect(events(slow).last == 30)
        #expect(events(slow).count + (markers(slow).first?[0] ?? 0) == 30)
    }

    @Test("who takes nothing for too long goes, with a ticket for what it has not had")
    func stalls() throws {
        let bench = try bench()
        defer { bench.close() }
        let stalled = try bench.connect(socketBytes: 4096)
        let honest = try bench.connect()
        for peer in [stalled, honest] { bench.setView(peer, 0) }
        stalled.subscriber.saysGoodbye = true
        for _ in 0..<60 {
            publish(1, to: bench) { UInt64(1 + $0 % 2) }
            honest.read()
        }
        // It counts from when it fell behind, however long the turns since then took.
        let began = bench.loop.now - bench.fanout.summary(now: bench.loop.now).oldestNanoseconds
        bench.fanout.review(now: began + 9 * Self.second)
        #expect(!stalled.subscriber.hasFallenBehind)
        #expect(bench.fanout.summary(now: began + 9 * Self.second).conflated == 1)
        bench.fanout.review(now: began + 11 * Self.second)
        #expect(stalled.subscriber.cause == .stalled)
        #expect(bench.fanout.statistics.slowEnds == [1, 0, 0])
        #expect(!honest.subscriber.hasFallenBehind)
        // The shared memory goes at once, not with the connection.
        publish(1, to: bench)
        #expect(bench.fanout.keptSegmentCount <= 2)
        bench.settle()
        // The half-sent frame comes whole, and the ticket stands right behind it.
        #expect(stalled.unparsed.isEmpty)
        let last = try #require(events(stalled).last)
        #expect(events(stalled) == Array(1...last))
        let position = LogPosition(epoch: FanoutBench.epoch, offset: UInt64(last))
        #expect(stalled.subscriber.positions == [RoomPosition(room: FanoutBench.room, position: position)])
        #expect(events(honest).count == 61)
    }

    @Test("a peer that takes bytes out of the kernel's buffer is not stalled")
    func reads() throws {
        let bench = try bench()
        defer { bench.close() }
        let slow = try bench.connect(socketBytes: 1 << 16)
        bench.setView(slow, 0)
        publish(200, to: bench) { _ in 1 }
        let began = bench.loop.now
        for tenSeconds in 0..<4 {
            bench.fanout.review(now: began + UInt64(tenSeconds) * 9 * Self.second)
            slow.read(limit: 2048)
        }
        #expect(!slow.subscriber.hasFallenBehind)
    }

    @Test("who never catches up goes as well")
    func overdue() throws {
        let bench = try bench()
        defer { bench.close() }
        let slow = try bench.connect(socketBytes: 4096)
        bench.setView(slow, 0)
        let began = bench.loop.now
        for step in 0..<70 {
            publish(3, to: bench)
            bench.fanout.review(now: began + UInt64(step) * Self.second)
            // It takes something all the time, and too little.
            slow.read(limit: 2000)
            bench.fanout.review(now: began + UInt64(step) * Self.second)
        }
        #expect(slow.subscriber.cause == .overdue)
    }

    @Test("what nothing may stand in for is kept when its segment goes; the rest is counted")
    func rescues() throws {
        let bench = try bench(takeAnyTime)
        defer { bench.close() }
        let slow = try bench.connect(socketBytes: 4096)
        let fast = try bench.connect()
        for peer in [slow, fast] { bench.setView(peer, 0) }
        for _ in 0..<1000 {
            publish(1, to: bench) { $0 % 50 == 0 ? 0 : UInt64(1 + $0 % 4) }
            fast.read()
        }
        #expect(bench.fanout.keptSegmentCount <= 5)
        #expect(bench.fanout.rescuedBytes > 0)
        bench.settle()
        #expect(!slow.subscriber.hasFallenBehind)
        #expect(events(slow).filter { $0 % 50 == 0 } == Array(stride(from: 50, through: 1000, by: 50)))
        #expect(events(slow).count + markers(slow).reduce(0) { $0 + $1[0] } == 1000)
        #expect(events(slow) == events(slow).sorted())
        #expect(bench.fanout.rescuedBytes == 0)
    }

    @Test("stalled readers share what is kept, and what is kept for each of them is bounded together")
    func manyStalled() throws {
        let bench = try bench {
            takeAnyTime(&$0)
            $0.rescuedBytesTotal = 256 << 10
        }
        // Each is owed some 20 KiB of what is rescued: a dozen of them find room.
        defer { bench.close() }
        let stalled = try (0..<150).map { _ in try bench.connect(socketBytes: 4096) }
        let fast = try bench.connect()
        for peer in stalled + [fast] { bench.setView(peer, 0) }
        for _ in 0..<1200 {
            publish(1, to: bench) { $0 % 60 == 0 ? 0 : UInt64(1 + $0 % 4) }
            fast.read()
        }
        let queued = stalled.reduce(0) { $0 + ($1.subscriber.isGone ? 0 : $1.subscriber.queuedByteCount) }
        // Beside what was rescued, each has at most the rest of one frame.
        #expect(queued <= 256 << 10 + 150 * 1100)
        #expect(bench.fanout.keptSegmentCount <= 5)
        #expect(stalled.contains { $0.subscriber.cause == .overflow })
        #expect(stalled.contains { !$0.subscriber.hasFallenBehind })
        #expect(events(fast).count == 1200)
        bench.settle()
        for peer in stalled where !peer.subscriber.hasFallenBehind {
            #expect(events(peer).filter { $0 % 60 == 0 }.count == 20)
        }
    }

    @Test("nobody behind, no timer; the timer ends with the last laggard")
    func watches() throws {
        let bench = try bench()
        defer { bench.close() }
        let slow = try bench.connect(socketBytes: 4096)
        bench.setView(slow, 0)
        publish(1, to: bench)
        #expect(bench.loop.pendingTimerCount == 0)
        publish(20, to: bench)
        #expect(bench.loop.pendingTimerCount == 1)
        bench.settle()
        #expect(bench.fanout.summary(now: bench.loop.now).laggards == 0)
        while bench.fanout.isWatching { bench.loop.runOnce(timeoutMilliseconds: 2000) }
        #expect(bench.loop.pendingTimerCount == 0)
    }

    @Test("who is in step leaves with the log's end as its place, and nothing is copied for it")
    func withdraws() throws {
        let bench = try bench()
        defer { bench.close() }
        bench.logOffset = 40
        let late = try bench.connect()
        bench.setView(try bench.connect(), 0)
        publish(1, to: bench)
        bench.logOffset = 50
        bench.setView(late, 1)
        // Nothing for its view has come since it joined, behind offset 50.
        #expect(late.subscriber.withdraw().first?.position.offset == 50)
        bench.setView(late, 0)
        publish(3, to: bench)
        #expect(late.subscriber.withdraw().first?.position.offset == 53)
        bench.setView(late, 0)
        bench.publish("not flushed yet", views: [0])
        #expect(late.subscriber.withdraw().first?.position.offset == 53)
        #expect(late.subscriber.queuedByteCount == 0)
        #expect(late.subscriber.withdraw().isEmpty)
    }
}
