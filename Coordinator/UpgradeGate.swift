internal import Grid

/// How many sessions one loop lets begin, asked before any signature is checked. When a coordinator comes back, all
/// agents and clients do; who is sent away here costs one short answer and comes back a little later.
struct UpgradeGate {
    private let perSecond: UInt64
    private let handshakes: Int
    /// Sessions that may begin now, in billionths.
    private var credit: UInt64
    private var countedAt: UInt64 = 0
    /// Agents that have not proved themselves yet.
    private(set) var agentsInHandshake = 0

    /// Sessions that may begin at once after a quiet time, in seconds' worth.
    private static let burstSeconds: UInt64 = 5
    private static let whole: UInt64 = 1_000_000_000

    /// - Parameters:
    ///   - perSecond: sessions that may begin a second in the long run; 0 = no limit.
    ///   - handshakes: agents that may be on their way at once; 0 = no limit.
    init(perSecond: Int, handshakes: Int) {
        self.perSecond = UInt64(perSecond)
        self.handshakes = handshakes
        credit = self.perSecond * Self.burstSeconds * Self.whole
    }

    /// Whether a session may begin at a monotonic time; nothing is counted yet.
    mutating func hasRoom(agent: Bool, now: UInt64) -> Bool {
        if agent, handshakes > 0, agentsInHandshake >= handshakes { return false }
        guard perSecond > 0 else { return true }
        let full = perSecond * Self.burstSeconds * Self.whole
        // Longer than the burst's seconds fills it in any case.
        let elapsed = min(now - min(now, countedAt), Self.burstSeconds * Self.whole)
        credit = min(full, credit + elapsed * perSecond)
        countedAt = max(countedAt, now)
        return credit >= Self.whole
    }

    /// Counts a session that begins, for which there was room; of an agent, ``agentSettled()`` must follow.
    mutating func begin(agent: Bool) {
        if perSecond > 0 { credit -= min(credit, Self.whole) }
        if agent { agentsInHandshake += 1 }
    }

    /// An agent that began has proved itself, or gone.
    mutating func agentSettled() {
        precondition(agentsInHandshake > 0, "an agent settled that was not counted")
        agentsInHandshake -= 1
    }
}
