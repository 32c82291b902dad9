import Testing

@testable import Dial

struct BackoffTests {
    @Test("What the server asks for comes before the jitter, and not more than a minute of it")
    func asked() {
        for (asked, floor) in [(3, 3000), (0, 0), (-5, 0), (3600, 60_000)] {
            var backoff = Backoff(baseMilliseconds: 250, capMilliseconds: 5000, seed: 4)
            for _ in 0..<50 {
                let ceiling = backoff.ceilingMilliseconds
                let delay = backoff.failed(nowNanoseconds: 0, retryAfterSeconds: asked)
                #expect((floor...floor + ceiling).contains(delay))
            }
        }
    }

    private static let second: UInt64 = 1_000_000_000

    @Test func ceilingsDoubleUpToTheCap() {
        var backoff = Backoff(seed: 1)
        var ceilings: [Int] = []
        for _ in 0..<8 {
            ceilings.append(backoff.ceilingMilliseconds)
            _ = backoff.failed(nowNanoseconds: 0)
        }
        #expect(ceilings == [250, 500, 1000, 2000, 4000, 5000, 5000, 5000])
    }

    @Test func delaysFillTheWholeRangeAndNothingBeyond() {
        var lowest = Int.max
        var highest = 0
        var sum = 0
        for seed in 0..<2000 as Range<UInt64> {
            var backoff = Backoff(seed: seed)
            _ = backoff.failed(nowNanoseconds: 0)
            let delay = backoff.failed(nowNanoseconds: 0)
            lowest = min(lowest, delay)
            highest = max(highest, delay)
            sum += delay
        }
        #expect(lowest < 5 && highest > 495 && highest <= 500)
        #expect((230...270).contains(sum / 2000))
    }

    @Test func theSameSeedGivesTheSameDelays() {
        var first = Backoff(seed: 7)
        var second = Backoff(seed: 7)
        var other = Backoff(seed: 8)
        let delays = (0..<10).map { _ in first.failed(nowNanoseconds: 0) }
        #expect(delays == (0..<10).map { _ in second.failed(nowNanoseconds: 0) })
        #expect(delays != (0..<10).map { _ in other.failed(nowNanoseconds: 0) })
    }

    @Test func onlyAStableConnectionForgetsTheFailures() {
        var backoff = Backoff(stableMilliseconds: 10_000, seed: 1)
        for _ in 0..<4 { _ = backoff.failed(nowNanoseconds: 0) }
        backoff.opened(nowNanoseconds: 100 * Self.second)
        _ = backoff.failed(nowNanoseconds: 109 * Self.second)
        #expect(backoff.failures == 5)
        backoff.opened(nowNanoseconds: 200 * Self.second)
        #expect(backoff.failed(nowNanoseconds: 210 * Self.second) <= 250)
        #expect(backoff.failures == 1)
    }

    @Test func manyFailuresDoNotOverflow() {
        var backoff = Backoff(seed: 1)
        for _ in 0..<10_000 { #expect(backoff.failed(nowNanoseconds: 0) <= 5000) }
    }
}
