/// Since when, at the latest, the coordinator has not heard of this agent: what the leases of its runs are measured
/// from.
///
/// The coordinator counts a node's silence from the moment at which it last heard it. The agent cannot know that
/// moment, but it knows when it sent what was answered, which is earlier; so a run that the agent ends in time by this
/// clock has ended before the coordinator gives it to another node.
///
/// All times are of the agent's monotonic clock, in nanoseconds.
struct ContactClock {
    /// Before that the coordinator has heard the agent; 0 before the first session.
    private(set) var nanoseconds: UInt64 = 0
    private var proofSentAt: UInt64 = 0
    private var welcomedAt = UInt64.max

    /// The proof is being sent. What comes before the welcome is no sign of life of the node's, but for this.
    mutating func proofSent(at now: UInt64) {
        proofSentAt = now
        welcomedAt = .max
    }

    /// The welcome has come, so the proof was read.
    mutating func welcomed(at now: UInt64) {
        welcomedAt = now
        nanoseconds = max(nanoseconds, proofSentAt)
    }

    /// Something was answered that was sent, or at least made, at that time. What bears the very time of the welcome
    /// may have gone out before it: a turn of the loop has one time.
    mutating func answered(sentAt: UInt64) {
        guard sentAt > welcomedAt else { return }
        nanoseconds = max(nanoseconds, sentAt)
    }

    /// The session is over: nothing of it is answered any more.
    mutating func ended() { welcomedAt = .max }
}
