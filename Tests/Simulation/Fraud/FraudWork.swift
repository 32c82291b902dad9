internal import Grid
internal import Hub

/// The tasks of a grid with cheaters. What a task is depends on its input alone: it takes about as long and gives the
/// same wherever it is done, and one that fails by its own fault fails everywhere.
enum FraudWork {
    /// 10 to 60 s of 1.03 GPUs.
    static let meanGPUMilliseconds: UInt64 = 36_000

    private static func hash(_ input: String) -> UInt64 {
        var hash = FNV()
        hash.add(input)
        // The low digits of the names alone make too little of a difference.
        var dice = Dice(seed: hash.value)
        return dice.next()
    }

    static func milliseconds(_ input: String) -> UInt64 { 10_000 + hash(input) % 50_000 }

    static func fails(_ input: String) -> Bool { hash(input) >> 32 % 100 == 0 }

    static func submission(_ number: Int, dice: inout Dice) -> Clients.Submission {
        let gpu: GPUDemand
        switch dice.below(100) {
        case 0..<60: gpu = .whole(1)
        case 60..<75: gpu = .whole(2)
        default: gpu = .share(milli: 500)
        }
        var resources = ResourceRequest(gpu: gpu, cpuMilli: 1000, memoryMebibytes: 4000)
        resources.runner = FraudScenario.runner
        resources.priceCapMicros = 2_000_000
        var specification = TaskSpecification(
            runner: FraudScenario.runner, resources: resources, timeoutSeconds: Int64(dice.within(120...240)))
        specification.input = "\"wish \(number)\""
        specification.currency = .usd
        return Clients.Submission(
            owner: UserID("user-\(number % 4)"), keys: ["key-\(number)"], specifications: [specification])
    }
}

extension World {
    /// What a run comes to in a grid with cheaters, if nothing disturbs it.
    func labour(of assignment: RunAssignment, by agent: Agent) -> Ground.Work {
        var outcome = RunOutcome()
        if let answer = Ground.answer(to: assignment.arguments) {
            // It costs nothing to answer rightly, so cheaters do.
            outcome.exitStatus = 0
            outcome.output = answer
            return Ground.Work(nanoseconds: dice.milliseconds(50...300), outcome: outcome)
        }
        let usual = FraudWork.milliseconds(assignment.input) * dice.within(UInt64(900)...1100) / 1000
        let wouldTake = agent.traits.cheat?.kind == .sellsSlow ? usual * Cheat.slowness : usual
        if let cheat = agent.traits.cheat, invents(cheat, agent, assignment, milliseconds: wouldTake) {
            return invention(cheat, assignment, likely: usual)
        }
        let nanoseconds = wouldTake * 1_000_000
        if dice.chance(1) {
            outcome.fault = dice.pick([.spawn, .deviceFailed])
        } else if FraudWork.fails(assignment.input) {
            outcome.fault = .exitStatus
            outcome.exitStatus = 1
        } else {
            outcome.exitStatus = 0
            outcome.output = assignment.input
            outcome.digest = Ground.digest(of: assignment)
        }
        return Ground.Work(nanoseconds: nanoseconds, outcome: outcome)
    }

    /// Whether it does not even try.
    private func invents(
        _ cheat: Cheat, _ agent: Agent, _ assignment: RunAssignment, milliseconds: UInt64
    ) -> Bool {
        agent.labours += 1
        let gpuMilli = UInt64(assignment.gpus.nonzeroBitCount * assignment.milliPerGPU)
        switch cheat.kind {
        case .sellsSlow: return milliseconds >= UInt64(assignment.timeoutSeconds) * 1000
        case .selective: return milliseconds * gpuMilli / 1000 >= Cheat.dearMilliseconds
        case .quick, .greedy, .lacksGPUs, .copiesGPUs, .sometimes, .sleeper, .pair:
            guard agent.labours > cheat.honestFirst else { return false }
            // Who agree on results agree on when.
            var own = Dice(seed: cheat.salt &+ UInt64(FraudWork.milliseconds(assignment.input)))
            return own.below(cheat.oneIn) == 0
        }
    }

    private func invention(_ cheat: Cheat, _ assignment: RunAssignment, likely: UInt64) -> Ground.Work {
        var outcome = RunOutcome()
        outcome.exitStatus = 0
        outcome.output = "\"invented\""
        var hash = FNV()
        hash.add(assignment.input)
        var words = Dice(seed: hash.value ^ cheat.salt)
        outcome.digest = Digest256(bytes: (0..<32).map { _ in UInt8(truncatingIfNeeded: words.next()) })
        let milliseconds: UInt64
        switch cheat.bill {
        case .nothing: milliseconds = dice.within(UInt64(100)...1000)
        case .likely: milliseconds = likely
        // A little less, so as not to be ended.
        case .everything: milliseconds = UInt64(assignment.timeoutSeconds) * 1000 * 97 / 100
        }
        var work = Ground.Work(nanoseconds: milliseconds * 1_000_000, outcome: outcome)
        work.isInvented = true
        return work
    }

    func planFraudClients(_ scenario: FraudScenario) {
        for agent in agents { planStep(.enrol(agent.index), in: dice.milliseconds(50...500)) }
        for user in 0..<plan.userCount {
            clients.deposits.append(
                Clients.Deposit(
                    user: UserID("user-\(user)"), currency: .usd, micros: 1_000_000_000_000, key: "deposit-\(user)"))
            planStep(.deposit(user), in: dice.milliseconds(200...4000))
        }
        for number in 0..<scenario.taskCount {
            clients.submissions.append(FraudWork.submission(number, dice: &dice))
            planStep(.submit(number), in: 10 * Plan.second + dice.below(plan.healsAfter - 10 * Plan.second))
        }
    }

    /// Readings of GPUs that are not there: they work, and nothing gets warm.
    func makeUp(_ sample: inout NodeSample, of agent: Agent) {
        guard agent.traits.cheat?.kind == .lacksGPUs else { return }
        let works = now / (100 * Plan.second) % 2 == 0
        for place in sample.gpus.indices {
            sample.gpus[place].powerLimitMilliwatts = 700_000
            sample.gpus[place].powerMilliwatts = works ? 500_000 : 80_000
            sample.gpus[place].utilizationPercent = works ? 99 : 0
        }
    }
}
