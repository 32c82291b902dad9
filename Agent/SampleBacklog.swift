internal import Bytes
internal import Grid

/// Encoded samples that the coordinator has not acknowledged yet, oldest first.
///
/// Until the agent has its spool this is memory, bounded by age: what is older than the limit is given up, and the
/// hole in the numbering tells the coordinator so.
struct SampleBacklog {
    private struct Entry {
        var sequence: UInt64
        var takenAt: UInt64
        var frame: ByteBuffer
    }

    private var entries: [Entry] = []
    /// The first entry that was not sent on the present session.
    private var nextUnsent = 0
    /// Samples that were given up.
    private(set) var droppedCount: UInt64 = 0

    /// The oldest age that is kept.
    static let ageNanoseconds = UInt64(Limits.unacknowledgedSampleSeconds) * 1_000_000_000

    var count: Int { entries.count }

    /// Keeps a sample until it is acknowledged.
    ///
    /// - Parameter now: monotonic nanoseconds.
    mutating func append(sequence: UInt64, frame: ByteBuffer, now: UInt64) {
        let expired = entries.prefix { now - $0.takenAt > Self.ageNanoseconds }.count
        if expired > 0 {
            entries.removeFirst(expired)
            nextUnsent = max(0, nextUnsent - expired)
            droppedCount += UInt64(expired)
        }
        entries.append(Entry(sequence: sequence, takenAt: now, frame: frame))
    }

    /// The coordinator has everything up to that number.
    ///
    /// - Returns: when the newest sample that it did not have yet was taken, which was before it was sent; `nil` where
    ///   that is no news.
    @discardableResult
    mutating func acknowledge(through sequence: UInt64) -> UInt64? {
        let done = entries.prefix { $0.sequence <= sequence }.count
        let newest = done > 0 ? entries[done - 1].takenAt : nil
        entries.removeFirst(done)
        nextUnsent = max(0, nextUnsent - done)
        return newest
    }

    /// A new session begins: what is not acknowledged goes out again.
    mutating func rewind(acknowledged: UInt64) {
        acknowledge(through: acknowledged)
        nextUnsent = 0
    }

    /// Hands out what this session has not sent yet, in order, until `send` refuses.
    mutating func sendPending(_ send: (ByteBuffer) -> Bool) {
        while nextUnsent < entries.count, send(entries[nextUnsent].frame) { nextUnsent += 1 }
    }
}
