import Testing

@testable import neurogrid_coordinator

@Suite struct PingWatchTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start = 1000 * second

    /// When a client is sent away that pings at these seconds after it came; `nil` if it is not within five minutes.
    private func end(_ pings: [UInt64], lookingLate late: UInt64 = 0) -> UInt64? {
        var watch = PingWatch(now: Self.start)
        var pings = pings.map { Self.start + $0 * Self.second }[...]
        while watch.nextLook < Self.start + 300 * Self.second {
            let look = watch.nextLook + late
            while let ping = pings.first, ping <= look {
                watch.pinged(now: ping)
                pings.removeFirst()
            }
            if watch.isOver(now: look, isHeard: true, wakefulSince: 0) { return (look - Self.start) / Self.second }
        }
        return nil
    }

    @Test func whoNeverPingsIsSentAwayAtTheSecondLook() { #expect(end([]) == 60) }

    @Test func itIsLookedAtEveryHalfMinuteAlone() {
        #expect(end([1]) == 90)
        #expect(end([29]) == 90)
        #expect(end([30]) == 90)
        #expect(end([31]) == 120)
        #expect(end([10, 50]) == 120)
    }

    @Test func whoPingsAsTheDocumentAsksStays() {
        #expect(end((1...10).map { $0 * 30 }) == nil)
        #expect(end((1...10).map { $0 * 30 }, lookingLate: 400_000_000) == nil)
        #expect(end((1...6).map { $0 * 55 }) == nil)
    }

    @Test func whatNobodyHasReadIsNoSilence() {
        var watch = PingWatch(now: Self.start)
        let late = Self.start + 100 * Self.second
        let whileUnread = watch.isOver(now: late, isHeard: false, wakefulSince: 0)
        #expect(!whileUnread)
        #expect(watch.nextLook == late + Self.second)
        let onceRead = watch.isOver(now: watch.nextLook, isHeard: true, wakefulSince: 0)
        #expect(onceRead)
    }

    @Test func aLoopThatStoodStillCountsFromWhenItWoke() {
        var watch = PingWatch(now: Self.start)
        let late = Self.start + 500 * Self.second
        let onWaking = watch.isOver(now: late, isHeard: true, wakefulSince: late - Self.second)
        #expect(!onWaking)
        let later = watch.isOver(now: late + 60 * Self.second, isHeard: true, wakefulSince: late - Self.second)
        #expect(later)
    }

    @Test func itIsNotLookedAtBefore() {
        var watch = PingWatch(now: Self.start)
        let early = watch.isOver(now: watch.nextLook - 1, isHeard: true, wakefulSince: 0)
        #expect(!early)
        #expect(watch.nextLook == Self.start + PingWatch.interval)
    }
}
