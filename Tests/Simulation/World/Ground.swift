internal import Grid

/// What really happens on the machines, whatever anybody says: who runs what, and how it ended.
struct Ground {
    struct Live {
        var run: RunID
        var agent: Int
        var isFrozen: Bool
        /// Whether its agent takes part in the rules that it lives by.
        var isOrdered = false
    }

    /// What a run is going to be, if nothing disturbs it.
    struct Work {
        var nanoseconds: UInt64
        var outcome: RunOutcome
        /// Whether somebody says so who has not done it.
        var isInvented = false
    }

    private(set) var live: [Live] = []
    /// Runs that the coordinator has told to end, whether or not they have begun by then.
    private var ordered: Set<RunID> = []
    /// How runs really ended, and what liars said; a run may have ended more than once where it was begun again.
    private(set) var outcomes: [RunID: [RunOutcome]] = [:]
    private(set) var claims: [RunID: [RunOutcome]] = [:]
    /// Runs that nobody did.
    private(set) var invented: Set<RunID> = []
    /// How long runs had their GPUs, in milliseconds times thousandths of a GPU; one without a GPU as if it had one.
    private(set) var gpuTime: [RunID: UInt64] = [:]
    private(set) var violations: [(String, String)] = []
    private(set) var startedRuns = 0
    /// Runs that the coordinator has told to end: what follows them may begin before they have.
    private(set) var overlapsByOrder = 0

    func work(of assignment: RunAssignment, on agent: Int, dice: inout Dice) -> Work {
        var outcome = RunOutcome()
        var nanoseconds = dice.milliseconds(dice.pick([100...2000, 1000...9000]))
        switch dice.below(100) {
        case 0..<3:
            outcome.fault = .exitStatus
            outcome.exitStatus = 1
        case 3..<5: outcome.fault = .outOfMemory
        case 5..<7:
            outcome.fault = .deviceFailed
        case 7..<10: outcome.fault = .spawn
        case 10..<12: nanoseconds = UInt64(assignment.timeoutSeconds) * 2 * Plan.second
        default:
            outcome.exitStatus = 0
            outcome.output = Self.answer(to: assignment.arguments) ?? assignment.input
            outcome.digest = Self.digest(of: assignment)
        }
        return Work(nanoseconds: nanoseconds, outcome: outcome)
    }

    /// What `selftest` says to a challenge: the end of a chain of mixing steps, as docs/protocol-agent.md has it.
    static func answer(to arguments: [TaskArgument]) -> String? {
        func integer(_ name: String) -> Int64? {
            guard case .integer(let value)? = arguments.first(where: { $0.name == name })?.value else { return nil }
            return value
        }
        guard let seed = integer("seed"), let rounds = integer("rounds") else { return nil }
        var value = UInt64(bitPattern: seed)
        for _ in 0..<max(0, rounds) {
            value &+= 0x9E37_79B9_7F4A_7C15
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            value ^= value >> 31
        }
        let digits = String(value, radix: 16)
        return "{\"value\":\"\(String(repeating: "0", count: 16 - digits.count) + digits)\"}"
    }

    /// The same work gives the same digest wherever it is done.
    static func digest(of assignment: RunAssignment) -> Digest256 {
        var hash = FNV()
        hash.add(assignment.runner)
        hash.add(assignment.input)
        return Digest256(bytes: (0..<32).map { UInt8(truncatingIfNeeded: hash.value >> UInt64($0 % 8 * 8)) })
    }

    mutating func begins(_ assignment: RunAssignment, on agent: Agent, now: UInt64) {
        let run = assignment.run
        startedRuns += 1
        for other in live where other.run.task == run.task && other.run.member == run.member && !other.isFrozen {
            if other.isOrdered || agent.lie != nil || ordered.contains(run) {
                overlapsByOrder += 1
            } else {
                violations.append(
                    (
                        "T7",
                        "node \(agent.index) begins \(text(run)) while node \(other.agent) runs \(text(other.run))"
                    ))
            }
        }
        // A liar may go on with what it said that it does not have.
        live.append(
            Live(
                run: run, agent: agent.index, isFrozen: agent.isPaused,
                isOrdered: agent.lie != nil || ordered.contains(run)))
    }

    mutating func ends(_ run: RunID, on agent: Int) {
        live.removeAll { $0.run == run && $0.agent == agent }
    }

    /// The coordinator told the agent to end it.
    mutating func ordered(_ run: RunID, on agent: Int) {
        ordered.insert(run)
        for place in live.indices where live[place].run == run && live[place].agent == agent {
            live[place].isOrdered = true
        }
    }

    mutating func freezes(_ agent: Int) {
        for place in live.indices where live[place].agent == agent { live[place].isFrozen = true }
    }

    mutating func thaws(_ agent: Int) {
        for place in live.indices where live[place].agent == agent { live[place].isFrozen = false }
        for one in live where one.agent == agent && !one.isOrdered {
            for other in live
            where other.run.task == one.run.task && other.run.member == one.run.member && other.run != one.run
                && !other.isFrozen && !other.isOrdered
            {
                violations.append(
                    (
                        "T7",
                        "node \(agent) still runs \(text(one.run)) while node \(other.agent) runs \(text(other.run))"
                    ))
            }
        }
    }

    mutating func concluded(_ run: RunID, _ outcome: RunOutcome) { outcomes[run, default: []].append(outcome) }

    /// The run is over, however, and has had its devices until now.
    mutating func took(_ run: Run, until now: UInt64) {
        let milli = run.assignment.gpus.nonzeroBitCount * run.assignment.milliPerGPU
        gpuTime[run.id, default: 0] += (now - run.startedAt) / 1_000_000 * UInt64(milli == 0 ? 1000 : milli)
        if run.isInvented { invented.insert(run.id) }
    }

    mutating func claimed(_ run: RunID, _ outcome: RunOutcome, by agent: Int) {
        claims[run, default: []].append(outcome)
    }

    /// Whether anybody ever had reason to say that the run ended in this way.
    func knows(_ run: RunID, fault: TaskFault?) -> Bool {
        outcomes[run]?.contains { $0.fault == fault } == true || claims[run]?.contains { $0.fault == fault } == true
    }
}

/// A run in words: the task's last digits, its epoch and its member.
func text(_ run: RunID) -> String { "\(text(run.task))/\(run.epoch).\(run.member)" }

func text(_ task: TaskID) -> String { String(task.uuid.low & 0xFFFF_FFFF, radix: 16) }
