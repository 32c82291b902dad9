/// When a sample was where, on its way from the agent to subscribers.
public struct SampleHops: Hashable, Sendable {
    /// The coordinator's loop took it off its socket: monotonic nanoseconds, meaningless outside the process.
    public var receivedNanoseconds: UInt64
    /// The same by the coordinator's wall clock, in microseconds since 1970.
    public var receivedMicroseconds: Int64
    /// The event that tells of it was made; by the coordinator's wall clock, in microseconds since 1970.
    public var publishedMicroseconds: Int64

    /// A sample that was received then, and of which an event tells now.
    public init(receivedNanoseconds: UInt64, now: Now) {
        self.receivedNanoseconds = receivedNanoseconds
        receivedMicroseconds = now.wallMicroseconds(at: receivedNanoseconds)
        publishedMicroseconds = now.wallMicroseconds
    }
}
