import Glibc
import Testing

@testable import Reactor

struct EventLoopTimersTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test func timersFireInOrderAndNotEarly() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var order: [Int] = []
        var early = false
        let loop = harness.loop
        // Within a turn the loop's clock stands still: all delays count from the same moment.
        loop.nextTurn {
            for delay in [30, 5, 90, 1, 60] {
                let due = loop.now + UInt64(delay) * Self.millisecond
                loop.schedule(afterNanoseconds: UInt64(delay) * Self.millisecond) {
                    order.append(delay)
                    if Clock.monotonicNanoseconds() < due { early = true }
                }
            }
        }
        try harness.turn { order.count == 5 }
        #expect(order == [1, 5, 30, 60, 90])
        #expect(!early)
        #expect(loop.pendingTimerCount == 0)
    }

    @Test func aCancelledTimerDoesNotFire() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var fired: [String] = []
        let first = loop.schedule(afterNanoseconds: Self.millisecond) { fired.append("first") }
        var second: TimerID?
        loop.schedule(afterNanoseconds: 2 * Self.millisecond) {
            fired.append("canceller")
            if let second { loop.cancel(second) }
        }
        second = loop.schedule(afterNanoseconds: 2 * Self.millisecond) { fired.append("second") }
        loop.cancel(first)
        loop.cancel(first)
        loop.schedule(afterNanoseconds: 6 * Self.millisecond) { fired.append("last") }
        try harness.turn { fired.last == "last" }
        #expect(fired == ["canceller", "last"])
    }

    @Test func aStaleIDDoesNotCancelTheNextTimer() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var fired = 0
        let first = loop.schedule(afterNanoseconds: Self.millisecond) { fired += 1 }
        try harness.turn { fired == 1 }
        loop.schedule(afterNanoseconds: Self.millisecond) { fired += 1 }
        loop.cancel(first)
        try harness.turn { fired == 2 }
    }

    @Test func aRepeatingTimerRepeatsUntilItsOwnBodyCancelsIt() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var fired = 0
        var id: TimerID?
        id = loop.schedule(afterNanoseconds: 2 * Self.millisecond, repeating: true) {
            fired += 1
            if fired == 4, let id { loop.cancel(id) }
        }
        try harness.turn { fired == 4 }
        #expect(loop.pendingTimerCount == 0)
    }

    @Test func missedRepeatsAreSkipped() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var fired = 0
        harness.loop.schedule(afterNanoseconds: Self.millisecond, repeating: true) { fired += 1 }
        let late = Clock.monotonicNanoseconds() + 20 * Self.millisecond
        while Clock.monotonicNanoseconds() < late {}
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(fired == 1)
    }

    @Test func aTimerMayPlanAnother() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var fired = 0
        loop.schedule(afterNanoseconds: 0) {
            loop.schedule(afterNanoseconds: 0) { fired = 2 }
            fired = 1
        }
        try harness.turn { fired == 2 }
    }

    @Test func aDeadlineMovesWithoutTouchingTheWheel() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        let loop = harness.loop
        channel.deadline = loop.now + 1000 * Self.millisecond
        let entry = channel.wheelEntry
        let tick = loop.wheel.tick(of: entry)
        channel.deadline = loop.now + 5000 * Self.millisecond
        #expect(channel.wheelEntry == entry && loop.wheel.tick(of: entry) == tick)
        channel.deadline = loop.now + 10 * Self.millisecond
        #expect(loop.wheel.tick(of: channel.wheelEntry) < tick)
        channel.deadline = 0
        channel.deadline = loop.now + 5 * Self.millisecond
        try harness.turn { channel.deadlines == 1 }
        #expect(channel.causes == [.deadline])
        #expect(loop.pendingTimerCount == 0)
        peer.close()
    }

    @Test func aDeadlineThatMovedOnIsKeptAndOneThatWasClearedIsNot() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        let (moved, firstPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        let (cleared, secondPeer) = try harness.pair { RecordingChannel(fileDescriptor: $0) }
        moved.deadline = loop.now + 2 * Self.millisecond
        cleared.deadline = loop.now + 2 * Self.millisecond
        moved.deadline = loop.now + 3_600_000 * Self.millisecond
        cleared.deadline = 0
        var passed = false
        loop.schedule(afterNanoseconds: 10 * Self.millisecond) { passed = true }
        try harness.turn { passed }
        #expect(moved.deadlines == 0 && moved.wheelEntry >= 0)
        #expect(cleared.deadlines == 0 && cleared.wheelEntry < 0)
        moved.deadline = loop.now + Self.millisecond
        try harness.turn { moved.deadlines == 1 }
        #expect(!cleared.isClosed)
        firstPeer.close()
        secondPeer.close()
    }

    @Test func aDeadlineSetBeforeAdoptionHolds() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.pair { descriptor -> RecordingChannel in
            let channel = RecordingChannel(fileDescriptor: descriptor)
            channel.deadline = Clock.monotonicNanoseconds() + Self.millisecond
            return channel
        }
        try harness.turn { channel.causes == [.deadline] }
        peer.close()
    }
}
