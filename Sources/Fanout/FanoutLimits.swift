internal import Grid

/// How far a subscriber may fall behind before it gets less, and before it has to go.
public struct FanoutLimits: Sendable {
    /// Encoded bytes kept for the slow readers of one class.
    public var classBytes = Limits.classBytes
    /// Matching bytes that a reader may be behind before it gets the newest frames only.
    public var conflateBytes = Limits.slowConflateBytes
    /// How long a reader that is owed something may take nothing.
    public var stalledNanoseconds = UInt64(Limits.slowDeadlineSeconds) * 1_000_000_000
    /// How long a reader may get the newest frames only without catching up.
    public var conflatedNanoseconds = UInt64(Limits.conflatedDeadlineSeconds) * 1_000_000_000
    /// Private bytes up to which frames are kept for one reader when its class lets go of them.
    public var rescuedBytes = Limits.rescuedBytes
    /// The same frames of all readers of the loop together.
    public var rescuedBytesTotal = Limits.rescuedBytesTotal

    public init() {}
}

/// Why a subscriber was too slow to stay.
public enum SlowCause: UInt8, Sendable, CaseIterable {
    /// It was owed something and took nothing for as long as it may.
    case stalled
    /// It got the newest frames only and did not catch up for as long as it may.
    case overdue
    /// Frames for which nothing may stand in found no room.
    case overflow
}
