/// How often values of each magnitude came: a fixed number of buckets, each twice as wide as the one before.
///
/// Belongs to one thread, costs no allocation and no lock, and is copied when somebody asks. Bounds are powers of two,
/// so that finding a bucket is counting zeros.
public struct Histogram: Sendable {
    /// Buckets with an upper bound; one more takes what lies beyond the last of them.
    public static let boundedCount = 24

    /// The binary logarithm of the first bucket's upper bound.
    public let firstBit: UInt8
    private var counts = InlineArray<25, UInt64>(repeating: 0)
    /// All values together; wraps.
    public private(set) var sum: UInt64 = 0
    /// How many values came.
    public private(set) var count: UInt64 = 0

    /// - Parameter firstBit: the binary logarithm of the first upper bound.
    public init(firstBit: UInt8) {
        precondition(Int(firstBit) + Self.boundedCount <= 63, "a bound does not fit its word")
        self.firstBit = firstBit
    }

    /// Durations in nanoseconds, from about a microsecond (2¹⁰) to 8.6 seconds (2³³).
    public static var durations: Histogram { Histogram(firstBit: 10) }

    /// Counts of things, from 1 to 8,388,608.
    public static var sizes: Histogram { Histogram(firstBit: 0) }

    /// Takes note of a value.
    @inlinable
    public mutating func observe(_ value: UInt64) { observe(value, times: 1) }

    /// Takes note of a value that came several times.
    public mutating func observe(_ value: UInt64, times: UInt64) {
        counts[bucket(of: value)] &+= times
        sum &+= value &* times
        count &+= times
    }

    /// Adds what another histogram with the same bounds has counted.
    public mutating func merge(_ other: Histogram) {
        precondition(firstBit == other.firstBit, "histograms with other bounds do not add up")
        for index in 0...Self.boundedCount { counts[index] &+= other.counts[index] }
        sum &+= other.sum
        count &+= other.count
    }

    /// The upper bound of a bucket, which belongs to it.
    ///
    /// - Parameter index: below ``boundedCount``.
    public func upperBound(_ index: Int) -> UInt64 {
        precondition(index < Self.boundedCount)
        return 1 << UInt64(Int(firstBit) + index)
    }

    /// The values in one bucket alone.
    ///
    /// - Parameter index: at most ``boundedCount``, which is the bucket without a bound.
    public func valueCount(_ index: Int) -> UInt64 { counts[index] }

    @inline(__always)
    private func bucket(of value: UInt64) -> Int {
        guard value > 0 else { return 0 }
        return min(64 - ((value - 1) >> UInt64(firstBit)).leadingZeroBitCount, Self.boundedCount)
    }
}
