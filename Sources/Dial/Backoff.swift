/// How long to wait before the next attempt: full jitter, an exponential ceiling, forgotten after a stable time.
///
/// Pure: the same seed and the same calls give the same delays.
public struct Backoff: Hashable, Sendable {
    /// The ceiling of the first delay, in milliseconds.
    public let baseMilliseconds: Int
    /// The highest ceiling, in milliseconds.
    public let capMilliseconds: Int
    /// How long a connection must have stood for the failures before it to be forgotten, in milliseconds.
    public let stableMilliseconds: Int
    /// Failures since the last stable connection.
    public private(set) var failures = 0
    private var openedNanoseconds: UInt64?
    private var randomState: UInt64

    /// A backoff that has seen no failure. Give every process another seed, or all of them return at once.
    public init(
        baseMilliseconds: Int = 250, capMilliseconds: Int = 5000, stableMilliseconds: Int = 10_000, seed: UInt64
    ) {
        precondition(baseMilliseconds > 0 && baseMilliseconds <= capMilliseconds && stableMilliseconds >= 0)
        self.baseMilliseconds = baseMilliseconds
        self.capMilliseconds = capMilliseconds
        self.stableMilliseconds = stableMilliseconds
        randomState = seed
    }

    /// The connection stands, at this monotonic time.
    public mutating func opened(nowNanoseconds: UInt64) { openedNanoseconds = nowNanoseconds }

    /// The connection ended, or could not be opened: answers how many milliseconds to wait, from 0 to the ceiling,
    /// each equally likely.
    ///
    /// - Parameter retryAfterSeconds: what the server asked to wait in any case; the jitter comes on top, and of more
    ///   than a minute only a minute counts.
    public mutating func failed(nowNanoseconds: UInt64, retryAfterSeconds: Int? = nil) -> Int {
        if let opened = openedNanoseconds,
            nowNanoseconds &- opened >= UInt64(stableMilliseconds) * 1_000_000
        {
            failures = 0
        }
        openedNanoseconds = nil
        let ceiling = ceilingMilliseconds
        failures += 1
        let asked = min(max(retryAfterSeconds ?? 0, 0), Self.longestAskedSeconds)
        return Int(draw() % UInt64(ceiling + 1)) + asked * 1000
    }

    private static let longestAskedSeconds = 60

    /// The longest that the next delay can be when the server asks for none, in milliseconds.
    public var ceilingMilliseconds: Int {
        var ceiling = baseMilliseconds
        for _ in 0..<failures where ceiling < capMilliseconds { ceiling *= 2 }
        return min(ceiling, capMilliseconds)
    }

    /// SplitMix64.
    private mutating func draw() -> UInt64 {
        randomState &+= 0x9E37_79B9_7F4A_7C15
        var value = randomState
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
