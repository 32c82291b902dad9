import Testing

@testable import Probe

@Suite struct CollectorTests {
    @Test func countersAdvance() {
        var baseline: UInt64 = 10
        #expect(advance(&baseline, to: 25) == 15)
        #expect(advance(&baseline, to: 25) == 0)
        #expect(baseline == 25)
    }

    @Test func aCounterThatStartsOverIsNeitherHugeNorNegative() {
        var baseline: UInt64 = 5_000_000_000
        #expect(advance(&baseline, to: 100) == 0)
        #expect(advance(&baseline, to: 160) == 60)
    }
}
