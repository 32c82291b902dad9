import Testing

@testable import Reactor

@Suite struct HistogramTests {
    /// Every value lies in the first bucket whose bound is not below it; what the definition says, bit tricks aside.
    @Test func bucketsAsDefined() {
        var random = SystemRandomNumberGenerator()
        for firstBit in [UInt8(0), 3, 10, 39] {
            for bit in UInt64(0)..<63 {
                let power: UInt64 = 1 << bit
                let values = [power - 1, power, power + 1, UInt64.random(in: 0...power, using: &random)]
                for value in values {
                    var histogram = Histogram(firstBit: firstBit)
                    histogram.observe(value)
                    let expected =
                        (0..<Histogram.boundedCount).first { value <= histogram.upperBound($0) }
                        ?? Histogram.boundedCount
                    #expect(histogram.valueCount(expected) == 1, "\(value) with a first bound of 2^\(firstBit)")
                }
            }
        }
    }

    @Test func countsAndSums() {
        var histogram = Histogram.durations
        histogram.observe(5)
        histogram.observe(1 << 40, times: 3)
        #expect(histogram.count == 4)
        #expect(histogram.sum == 5 + 3 << 40)
        #expect(histogram.valueCount(0) == 1)
        #expect(histogram.valueCount(Histogram.boundedCount) == 3)
    }

    @Test func mergingIsAddingUp() {
        var first = Histogram.sizes
        var second = Histogram.sizes
        var both = Histogram.sizes
        for value in UInt64(0)..<1000 {
            if value % 3 == 0 { first.observe(value) } else { second.observe(value) }
            both.observe(value)
        }
        first.merge(second)
        #expect(first.count == both.count && first.sum == both.sum)
        for index in 0...Histogram.boundedCount { #expect(first.valueCount(index) == both.valueCount(index)) }
    }
}
