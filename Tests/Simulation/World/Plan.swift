internal import Grid
internal import Hub

/// What the seed decides before anything happens: how large the grid is, how it is configured, and what goes wrong
/// when.
struct Plan {
    static let second: UInt64 = 1_000_000_000

    /// When everybody is enrolled, in virtual nanoseconds: no history begins at zero, where differences hide.
    static let start = 1000 * second
    /// Faults fall within this, from the start.
    static let faultsBegin = 8 * second
    /// From here on, from the start, nothing goes wrong any more.
    static let healsAt = 70 * second
    /// A history is not shorter.
    static let shortest = 75 * second
    /// How long after the healing every task has ended at the latest.
    static let livenessBound = 240 * second

    var configuration = HubConfiguration()
    var agents: [PlannedAgent] = []
    var faults: [PlannedFault] = []
    /// Delay of a message, in nanoseconds.
    var delay: ClosedRange<UInt64>
    /// A commit's time on the disk.
    var commit: ClosedRange<UInt64>
    var submissionCount: Int
    var userCount: Int
    /// How often an agent samples, and after how many samples it pings.
    var tick = Plan.second
    var heartbeatTicks = 3
    /// As ``healsAt``, ``shortest`` and ``livenessBound``, for this history.
    var healsAfter = Plan.healsAt
    var shortestLife = Plan.shortest
    var patience = Plan.livenessBound
    /// Where providers cheat for money, and nobody mends anything; `nil` in every other history.
    var fraud: FraudScenario?

    init(dice: inout Dice) {
        let millisecond: UInt64 = 1_000_000
        delay = dice.pick([50_000...millisecond, millisecond...40 * millisecond, 20 * millisecond...300 * millisecond])
        commit = dice.pick([100_000...2 * millisecond, millisecond...30 * millisecond])
        submissionCount = dice.within(40...56)
        userCount = dice.within(2...4)
        configure(&dice)
        for index in 0..<dice.within(8...12) { agents.append(PlannedAgent(index: index, dice: &dice)) }
        for _ in 0..<dice.within(5...14) {
            faults.append(
                PlannedFault(
                    fault: dice.pick(Fault.allCases),
                    at: Self.start + dice.within(Self.faultsBegin...Self.healsAt - 2 * Self.second),
                    nanoseconds: dice.milliseconds(dice.pick([50...1500, 1000...12_000, 5000...45_000])),
                    agent: dice.within(0...agents.count - 1)))
        }
    }

    private mutating func configure(_ dice: inout Dice) {
        configuration.leaseNanoseconds = dice.pick([8, 10]) * Self.second
        configuration.taskLeaseNanoseconds = dice.pick([10, 12, 15, 30]) * Self.second
        configuration.progressEveryNanoseconds = dice.pick([0, 500_000_000])
        configuration.platformFeeBasisPoints = dice.pick([0, 500, 1234])
        configuration.history.events = dice.pick([60, 10_000])
        if dice.chance(30) { configuration.replicationBasisPoints = Int64(dice.within(500...5000)) }
        if dice.chance(30) { configuration.challengeEveryNanoseconds = dice.within(15...40) * Self.second }
    }
}

/// What an agent is, as the seed decides.
struct PlannedAgent {
    /// What it does instead of its work.
    enum Lie: CaseIterable {
        /// Says that it is done though it never ran.
        case inventsResults
        /// Says again what was said before, by itself or by others.
        case replays
        /// Speaks of tasks that are others'.
        case meddles
        /// Numbers, epochs and times that cannot be.
        case exaggerates
        /// Progress that falls.
        case regresses
    }

    var gpuCount: Int
    var milliPerGPUHour: Int64
    /// How fast its clock runs, in thousandths: 800 to 1200 (a fifth either way).
    var clockPermille: UInt64
    var lie: Lie?
    /// How it cheats its customers, in a history about that.
    var cheat: Cheat?
    var owner: Int

    init(index: Int, dice: inout Dice) {
        gpuCount = dice.pick([1, 2, 4, 8])
        milliPerGPUHour = Int64(dice.within(100...4000))
        clockPermille = dice.pick([1000, dice.within(800...1200)])
        // The first few are honest, so that there is somebody to do the work.
        lie = index >= 5 && dice.chance(30) ? dice.pick(Lie.allCases) : nil
        owner = dice.within(0...2)
    }
}
