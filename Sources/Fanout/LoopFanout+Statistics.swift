public import Reactor

extension LoopFanout {
    /// What the flushes of this loop did so far.
    public struct Statistics: Sendable {
        /// Events handed whole to sockets, counted a subscriber.
        public var deliveries: UInt64 = 0
        /// Their bytes, frames included.
        public var deliveredBytes: UInt64 = 0
        /// Writes of shared bytes.
        public var writes: UInt64 = 0
        /// Subscribers that were closed because they fell behind the byte cap.
        public var fellBehind: UInt64 = 0
        /// Times a socket refused bytes.
        public var blocked: UInt64 = 0
        /// From when a sample came in to when the last subscriber who keeps up had it in its socket, in nanoseconds,
        /// an event and class.
        public var latencies = Histogram.durations
    }

    /// Those who have not had everything, at one moment.
    public struct Lag: Sendable {
        /// Subscribers, counted a class and view.
        public var subscribers = 0
        /// The bytes of the class that lie between the furthest behind and the newest frame.
        public var bytes: UInt64 = 0
        /// When the first of those who lag began to, in monotonic nanoseconds; `nil` while nobody lags.
        public var since: UInt64?
    }

    /// Looks for those who lag; one look at each of them.
    public var lag: Lag {
        var lag = Lag()
        for case let state? in classes {
            for view in state.views {
                for laggard in view.laggards {
                    lag.subscribers += 1
                    lag.bytes = max(lag.bytes, state.end - min(laggard.position, state.end))
                    lag.since = min(lag.since ?? .max, laggard.since)
                }
            }
        }
        return lag
    }
}
