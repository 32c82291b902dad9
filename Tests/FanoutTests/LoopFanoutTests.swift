import Grid
import Reactor
import Testing

@testable import Fanout

@Suite("Loop fan-out")
struct LoopFanoutTests {
    @Test("every subscriber of a view gets every frame once, in order")
    func delivers() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let peers = try (0..<20).map { _ in try bench.connect() }
        for peer in peers { bench.setView(peer, 0) }
        for turn in 0..<5 {
            for number in 0..<4 { bench.publish("\(turn).\(number)", views: [0]) }
            bench.turn()
        }
        bench.settle()
        let expected = (0..<5).flatMap { turn in (0..<4).map { "\(turn).\($0)" } }
        for peer in peers { #expect(peer.texts == expected) }
    }

    @Test("a turn's frames cost one write a subscriber")
    func coalesces() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        for _ in 0..<10 { bench.setView(try bench.connect(), 0) }
        for number in 0..<100 { bench.publish("\(number)", views: [0]) }
        bench.turn()
        #expect(bench.fanout.statistics.writes == 10)
    }

    @Test("a view gets its own frames and no others")
    func views() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let all = try bench.connect()
        let some = try bench.connect()
        let none = try bench.connect()
        bench.setView(all, 0)
        bench.setView(some, 1)
        bench.setView(none, 2)
        for number in 0..<50 { bench.publish("\(number)", views: number % 3 == 0 ? [0, 1] : [0]) }
        bench.settle()
        #expect(all.texts.count == 50)
        #expect(some.texts == stride(from: 0, to: 50, by: 3).map { "\($0)" })
        #expect(none.texts.isEmpty)
    }

    @Test("who joins in the middle of a turn gets only what comes after")
    func joinsWithinTurn() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let early = try bench.connect()
        let late = try bench.connect()
        bench.setView(early, 0)
        bench.publish("before", views: [0])
        bench.setView(late, 0)
        bench.publish("after", views: [0])
        bench.settle()
        #expect(early.texts == ["before", "after"])
        #expect(late.texts == ["after"])
        bench.publish("later", views: [0])
        bench.settle()
        #expect(late.texts == ["after", "later"])
    }

    @Test("who leaves or changes its view still gets what it was owed before")
    func changesView() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let peer = try bench.connect()
        bench.setView(peer, 0)
        bench.publish("a", views: [0])
        bench.setView(peer, 1)
        bench.publish("not for view 1", views: [0])
        bench.publish("b", views: [0, 1])
        bench.setView(peer, nil)
        bench.publish("too late", views: [0, 1])
        bench.settle()
        #expect(peer.texts == ["a", "b"])
    }

    @Test("a frame larger than a segment arrives whole")
    func largeFrame() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let peer = try bench.connect(socketBytes: 8192)
        bench.setView(peer, 0)
        let large = String(repeating: "x", count: 3 * Limits.segmentBytes)
        bench.publish("small", views: [0])
        bench.publish(large, views: [0])
        bench.publish("end", views: [0])
        bench.settle()
        #expect(peer.texts == ["small", large, "end"])
    }

    @Test("a stalled reader delays nobody and catches up without losing or doubling a frame")
    func stalledReader() throws {
        var limits = FanoutLimits()
        // Nobody is to go for its slowness, however slow the machine is.
        limits.stalledNanoseconds = .max / 2
        limits.conflatedNanoseconds = .max / 2
        let bench = try FanoutBench(limits: limits)
        defer { bench.close() }
        let stalled = try bench.connect(socketBytes: 4096)
        let other = try bench.connect()
        bench.setView(stalled, 0)
        bench.setView(other, 0)
        let texts = (0..<2000).map { "\($0) " + String(repeating: "y", count: $0 % 300) }
        for (number, text) in texts.enumerated() {
            bench.publish(text, views: [0])
            if number % 7 == 0 {
                bench.turn()
                other.read()
            }
        }
        bench.turn()
        other.read()
        #expect(other.texts == texts)
        #expect(stalled.texts.isEmpty)
        bench.settle()
        #expect(stalled.texts == texts)
        #expect(!stalled.subscriber.hasFallenBehind)
    }

    @Test("a reader that stays away longer than the byte cap falls behind, the others do not")
    func fallsBehind() throws {
        let bench = try FanoutBench(byteCap: 4 * Limits.segmentBytes)
        defer { bench.close() }
        let stalled = try bench.connect(socketBytes: 4096)
        let other = try bench.connect()
        bench.setView(stalled, 0)
        bench.setView(other, 0)
        let text = String(repeating: "z", count: 1000)
        for _ in 0..<600 {
            bench.publish(text, views: [0])
            bench.turn()
            other.read()
        }
        #expect(stalled.subscriber.hasFallenBehind)
        #expect(other.texts.count == 600)
        #expect(bench.fanout.statistics.fellBehind == 1)
    }

    @Test("a reader whose next bytes are gone says goodbye to its views without looking for them")
    func fallsBehindWithoutItsBytes() throws {
        let bench = try FanoutBench(byteCap: 4 * Limits.segmentBytes)
        defer { bench.close() }
        let stalled = try bench.connect(socketBytes: 4096)
        bench.setView(stalled, 0)
        let text = String(repeating: "z", count: 1000)
        for _ in 0..<600 {
            bench.publish(text, views: [0])
            bench.turn()
        }
        // The frames that it missed lie before the first segment that is left.
        #expect(stalled.subscriber.hasFallenBehind)
        #expect(stalled.subscriber.isGone)
        bench.publish(text, views: [0])
        bench.turn()
    }

    @Test(
        "who changes its view while it is owed more than its queue holds falls behind",
        arguments: [1, nil] as [UInt32?])
    func owedTooMuch(next: UInt32?) throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let stalled = try bench.connect(socketBytes: 4096)
        let other = try bench.connect()
        bench.setView(stalled, 0)
        bench.setView(other, 0)
        stalled.subscriber.queueByteLimit = 16 << 10
        let text = String(repeating: "q", count: 1000)
        for _ in 0..<100 {
            bench.publish(text, views: [0])
            bench.turn()
        }
        bench.setView(stalled, next)
        #expect(stalled.subscriber.hasFallenBehind)
        bench.publish(text, views: [0, 1])
        bench.settle()
        #expect(other.texts.count == 101)
    }

    @Test("events that no view of the loop matches keep no memory", arguments: [false, true])
    func nothingMatches(othersLook: Bool) throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        bench.setView(try bench.connect(), 1)
        if othersLook { bench.setView(try bench.connect(), 0) }
        let text = String(repeating: "m", count: 1000)
        for _ in 0..<1000 {
            bench.publish(text, views: [0])
            bench.turn()
            for peer in bench.peers.values { peer.read() }
        }
        #expect(bench.fanout.keptSegmentCount <= 2)
    }

    @Test("private frames slip in between shared ones, never into one")
    func privateFrames() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let peer = try bench.connect(socketBytes: 4096)
        bench.setView(peer, 0)
        let shared = (0..<300).map { "shared \($0) " + String(repeating: "s", count: 100) }
        for (number, text) in shared.enumerated() {
            bench.publish(text, views: [0])
            if number % 10 == 5 {
                var frame: [UInt8] = [0x81, 7]
                frame.append(contentsOf: Array("private".utf8))
                _ = frame.withUnsafeBytes { peer.subscriber.send($0) }
            }
            bench.turn()
            if number % 20 == 0 { peer.read(limit: 333) }
        }
        bench.settle()
        #expect(peer.texts.filter { $0 != "private" } == shared)
        #expect(peer.texts.filter { $0 == "private" }.count == 30)
    }

    @Test("a closed subscriber leaves no trace, and the others go on")
    func closes() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let peers = try (0..<5).map { _ in try bench.connect() }
        for peer in peers { bench.setView(peer, 0) }
        bench.publish("a", views: [0])
        bench.turn()
        peers[2].subscriber.close()
        peers[0].subscriber.close()
        bench.publisher?.forget(peers[2].session, loop: 0)
        bench.publisher?.forget(peers[0].session, loop: 0)
        bench.publish("b", views: [0])
        bench.settle()
        #expect(peers[1].texts == ["a", "b"])
        #expect(peers[3].texts == ["a", "b"])
        #expect(peers[4].texts == ["a", "b"])
    }

    @Test("no subscriber, no encoding")
    func encodesOnlyForSubscribers() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        bench.publish("nobody", views: [0])
        #expect(bench.publisher?.encodedCount == 0)
        let peer = try bench.connect()
        bench.setView(peer, 0)
        for _ in 0..<3 { bench.publish("somebody", views: [0]) }
        #expect(bench.publisher?.encodedCount == 3)
        bench.setView(peer, nil)
        bench.publish("nobody", views: [0])
        #expect(bench.publisher?.encodedCount == 3)
    }
}
