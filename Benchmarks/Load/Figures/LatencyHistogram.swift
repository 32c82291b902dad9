/// Latencies in nanoseconds, sorted into buckets a 64th of their size wide: a percentile is right within 1.6 %.
final class LatencyHistogram {
    private static let steps = 64
    private static let octaves = 40
    private let buckets: UnsafeMutablePointer<UInt64>
    private(set) var count: UInt64 = 0
    private(set) var maximum: UInt64 = 0

    init() {
        buckets = .allocate(capacity: Self.steps * Self.octaves)
        buckets.initialize(repeating: 0, count: Self.steps * Self.octaves)
    }

    deinit { buckets.deallocate() }

    /// Counts one latency.
    @inline(__always)
    func add(_ nanoseconds: UInt64) {
        let shift = nanoseconds < 64 ? 0 : 58 &- nanoseconds.leadingZeroBitCount
        let octave = min(shift, Self.octaves - 2)
        buckets[octave &* Self.steps &+ Int(nanoseconds &>> UInt64(octave) & 63)] &+= 1
        count &+= 1
        if nanoseconds > maximum { maximum = nanoseconds }
    }

    /// Forgets everything, as at the end of the warm-up.
    func reset() {
        buckets.update(repeating: 0, count: Self.steps * Self.octaves)
        count = 0
        maximum = 0
    }

    /// The latency in microseconds below which `share` (0 to 1) of them lie; 0 without any.
    func microseconds(at share: Double) -> Double {
        guard count > 0 else { return 0 }
        let wanted = max(1, UInt64((share * Double(count)).rounded(.up)))
        var passed: UInt64 = 0
        for index in 0..<Self.steps * Self.octaves {
            passed += buckets[index]
            guard passed >= wanted else { continue }
            let octave = index / Self.steps
            let width = UInt64(1) << UInt64(octave)
            return Double(UInt64(index % Self.steps) << UInt64(octave) + width / 2) / 1000
        }
        return Double(maximum) / 1000
    }
}
