internal import Grid
internal import Hub

/// A grid in which three providers of ten cheat, for so long that the policy can show what it is worth: nobody mends
/// anything, no operator looks, and what else goes wrong in a grid goes wrong from time to time.
struct FraudScenario: Sendable {
    var nodes = 40
    /// Tasks in all, for each node.
    var tasksPerNode = 1200
    /// The policy, as an operator would set it.
    var replicationBasisPoints: Int64 = 500

    static let cheatersPercent = 30
    /// Of what honest GPUs could do, so much is wanted.
    static let loadPercent = 60
    /// The only runner whose tasks may be compared here.
    static let runner = "work"

    var taskCount: Int { nodes * tasksPerNode }
    var cheaterCount: Int { nodes * Self.cheatersPercent / 100 }
}

extension Plan {
    /// What the seed decides about a grid with cheaters.
    init(_ scenario: FraudScenario, dice: inout Dice) {
        let millisecond: UInt64 = 1_000_000
        delay = millisecond...60 * millisecond
        commit = 200_000...5 * millisecond
        submissionCount = scenario.taskCount
        userCount = 4
        fraud = scenario
        configuration.comparedRunners = [FraudScenario.runner]
        configuration.replicationBasisPoints = scenario.replicationBasisPoints
        configuration.challengeEveryNanoseconds = 3600 * Self.second
        configuration.sampleIntervalMilliseconds = 5000
        configuration.history.events = 200
        tick = 5 * Self.second
        heartbeatTicks = 1
        agents = (0..<scenario.nodes).map { PlannedAgent(fraudster: nil, index: $0, dice: &dice) }
        // Half of the grids have cheaters of all kinds, half of one kind alone.
        let only = dice.chance(50) ? nil : dice.pick(Cheat.Kind.allCases)
        for number in 0..<scenario.cheaterCount {
            let kinds = Cheat.Kind.allCases
            // Neighbours are of one kind, so that pairs are pairs.
            let kind = only ?? kinds[number / 2 % kinds.count]
            let index = scenario.nodes - 1 - number
            let cheat = Cheat(kind: kind, number: number, dice: &dice)
            agents[index] = PlannedAgent(fraudster: cheat, index: index, dice: &dice)
        }
        let honestGPUs = agents.reduce(0) { $0 + ($1.cheat == nil ? $1.gpuCount : 0) }
        let work = UInt64(scenario.taskCount) * FraudWork.meanGPUMilliseconds * millisecond
        let length = work * 100 / UInt64(honestGPUs * FraudScenario.loadPercent)
        healsAfter = 60 * Self.second + length
        shortestLife = healsAfter
        patience = 7200 * Self.second
        planFaults(length, &dice)
    }

    /// Once in five minutes something goes wrong.
    private mutating func planFaults(_ length: UInt64, _ dice: inout Dice) {
        let kinds: [Fault] = [
            .coordinatorCrash, .coordinatorCrashBetweenEffects, .slowDisk, .agentCrash, .agentPause, .agentGoodbye,
            .cutUp, .cutBoth, .breakLink, .slowLink,
        ]
        for _ in 0..<max(3, length / (300 * Self.second)) {
            faults.append(
                PlannedFault(
                    fault: dice.pick(kinds), at: Self.start + 120 * Self.second + dice.below(length),
                    nanoseconds: dice.milliseconds(dice.pick([50...1500, 1000...12_000, 5000...45_000])),
                    agent: dice.within(0...agents.count - 1)))
        }
    }
}

extension PlannedAgent {
    init(fraudster cheat: Cheat?, index: Int, dice: inout Dice) {
        self.cheat = cheat
        gpuCount = dice.pick([1, 2, 4])
        milliPerGPUHour = Int64(dice.within(UInt64(500)...2000))
        clockPermille = dice.within(UInt64(990)...1010)
        owner = index
    }
}
