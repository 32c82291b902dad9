public import Reactor

extension LoopFanout {
    /// What the fan-out of one loop did so far.
    public struct Statistics: Sendable {
        /// Events handed whole to sockets, counted a subscriber.
        public var deliveries: UInt64 = 0
        /// Their bytes, frames included.
        public var deliveredBytes: UInt64 = 0
        /// Writes of shared bytes.
        public var writes: UInt64 = 0
        /// Times a socket refused bytes.
        public var blocked: UInt64 = 0
        /// Times a subscriber was too far behind for getting everything.
        public var conflations: UInt64 = 0
        /// Frames that subscribers were told they would not get.
        public var skippedFrames: UInt64 = 0
        /// Subscribers that were too slow to stay, by ``SlowCause/rawValue``.
        public var slowEnds: [UInt64] = Array(repeating: 0, count: SlowCause.allCases.count)

        /// From when a sample came in to when the last subscriber who keeps up had it in its socket, in nanoseconds,
        /// an event and class.
        public var latencies = Histogram.durations

        /// Subscribers that were too slow to stay.
        public var fellBehind: UInt64 { slowEnds.reduce(0, +) }

        public init() {}
    }

    /// The subscribers that are behind at one moment.
    public struct LaggardSummary: Sendable {
        /// All of them.
        public var laggards = 0
        /// Those that get the newest frames only.
        public var conflated = 0
        /// How long the first of them has been behind.
        public var oldestNanoseconds: UInt64 = 0
        /// How many bytes the furthest of them is behind the newest frame of its class.
        public var bytes: UInt64 = 0
    }
}
