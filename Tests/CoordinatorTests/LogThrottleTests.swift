import Testing

@testable import neurogrid_coordinator

@Suite struct LogThrottleTests {
    @Test func oneASecondAndTheOthersAreCounted() {
        let throttle = LogThrottle()
        #expect(throttle.admit(now: 5) == 0)
        for moment in 6..<10 { #expect(throttle.admit(now: UInt64(moment)) == nil) }
        #expect(throttle.admit(now: 1_000_000_004) == nil)
        #expect(throttle.admit(now: 1_000_000_005) == 5)
        #expect(throttle.admit(now: 3_000_000_000) == 0)
    }
}
