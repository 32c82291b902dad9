internal import Grid
internal import Hub

/// What is wanted, drawn before anything happens.
extension World {
    private var users: [UserID] { (0..<plan.userCount).map { UserID("user-\($0)") } }

    func planClients() {
        for agent in agents { planStep(.enrol(agent.index), in: dice.milliseconds(50...500)) }
        for (place, user) in users.enumerated() {
            for currency in Clients.currencies {
                // The last of many users is poor.
                let credits = place == 3 ? 1 : dice.within(5...40)
                let deposit = Clients.Deposit(
                    user: user, currency: currency, micros: Int64(credits * 1_000_000), key: "deposit-\(place)")
                clients.deposits.append(deposit)
                planStep(.deposit(clients.deposits.count - 1), in: dice.milliseconds(200...4000))
            }
        }
        var planned = 0
        while planned < plan.submissionCount {
            let submission = submission()
            planned += submission.specifications.count
            clients.submissions.append(submission)
            planStep(.submit(clients.submissions.count - 1), in: dice.milliseconds(4000...62_000))
        }
        for _ in 0..<dice.within(2...8) { planStep(.repeatSubmission, in: dice.milliseconds(8000...70_000)) }
        for _ in 0..<dice.within(1...4) {
            planStep(.deposit(dice.within(0...clients.deposits.count - 1)), in: dice.milliseconds(8000...70_000))
        }
        for _ in 0..<dice.within(0...3) { planStep(.conflict, in: dice.milliseconds(8000...70_000)) }
        for _ in 0..<dice.within(2...9) { planStep(.cancel, in: dice.milliseconds(6000...75_000)) }
        for _ in 0..<dice.within(0...2) { planStep(.cancelJob, in: dice.milliseconds(8000...70_000)) }
        for _ in 0..<dice.within(2...8) { planStep(.ask, in: dice.milliseconds(8000...75_000)) }
        for _ in 0..<dice.within(0...3) {
            planStep(.drain(dice.within(0...agents.count - 1), dice.chance(60)), in: dice.milliseconds(5000...60_000))
        }
        for _ in 0..<dice.within(0...2) {
            planStep(
                .quarantine(dice.within(0...agents.count - 1), dice.chance(60)), in: dice.milliseconds(9000...60_000))
        }
    }

    func planStep(_ step: Clients.Step, in nanoseconds: UInt64) {
        clients.steps.append(step)
        clients.stepsLeft += 1
        plan(.client(clients.steps.count - 1), in: nanoseconds)
    }

    private func submission() -> Clients.Submission {
        let number = clients.submissions.count
        let count = dice.chance(20) ? dice.within(2...3) : 1
        let currency = dice.pick(Clients.currencies)
        let owner = dice.pick(users)
        return Clients.Submission(
            owner: owner, keys: dice.chance(80) ? (0..<count).map { "key-\(number)-\($0)" } : nil,
            job: dice.chance(30) ? "job-\(owner)-\(number % 3)" : nil,
            specifications: (0..<count).map { _ in specification(number, currency) })
    }

    private func specification(_ number: Int, _ currency: Currency) -> TaskSpecification {
        let gpu: GPUDemand
        switch dice.below(100) {
        case 0..<50: gpu = .whole(1)
        case 50..<65: gpu = .whole(2)
        case 65..<85: gpu = .share(milli: dice.pick([250, 300, 500]))
        default: gpu = .none
        }
        var resources = ResourceRequest(
            gpu: gpu, cpuMilli: dice.within(100...3000), memoryMebibytes: dice.within(100...8000))
        if dice.chance(20) { resources.models = [dice.pick(["H100", "A100"])] }
        if dice.chance(20) { resources.vramMebibytes = 40_000 }
        resources.runner = dice.pick(Agent.runnerNames)
        resources.priceCapMicros = dice.pick([Limits.priceCapMicros, 4_500_000, 3_000_000])
        var specification = TaskSpecification(
            runner: resources.runner, resources: resources, timeoutSeconds: Int64(dice.within(6...40)))
        specification.input = "\"wish \(number)\""
        specification.priority = dice.within(0...10)
        specification.attempts = dice.within(2...6)
        specification.currency = currency
        if dice.chance(12) { specification.gangSize = dice.within(2...3) }
        return specification
    }
}
