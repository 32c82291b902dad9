import Testing

@testable import Reactor

struct ClockTests {
    @Test func theMonotonicClockNeverStepsBack() {
        var last = Clock.monotonicNanoseconds()
        for _ in 0..<1000 {
            let next = Clock.monotonicNanoseconds()
            #expect(next >= last)
            last = next
        }
    }

    @Test func theWallClockIsOfThisAge() { #expect(Clock.wallMilliseconds() > 1_700_000_000_000) }
}
