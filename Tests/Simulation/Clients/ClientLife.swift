internal import Grid
internal import Hub

/// What clients and operators do, and what they make of the answers.
extension World {
    /// An answer that has not come after so long does not come.
    private static let patience: UInt64 = 5_000_000_000
    /// How often a refused wish is tried again.
    private static let tries = 12

    func clientActs(_ index: Int) {
        clients.stepsLeft -= 1
        switch clients.steps[index] {
        case .enrol(let agent): request(.enrol(agent))
        case .deposit(let deposit): request(.deposit(deposit))
        case .submit(let submission): request(.submit(submission))
        case .repeatSubmission:
            let known = clients.submissions.indices.filter {
                clients.submissions[$0].keys != nil && !clients.submissions[$0].tasks.isEmpty
            }
            if !known.isEmpty { request(.submit(dice.pick(known))) }
        case .conflict: request(.conflict)
        case .cancel: if let task = anyTask() { request(.cancel(task, isOwner: dice.chance(85))) }
        case .cancelJob: request(.cancelJob("job-user-\(dice.below(2))-\(dice.below(3))"))
        case .drain(let agent, let drains):
            send(
                .manage,
                .nodeDrainRequested(nextID(), agents[agent].node, drains: drains, by: Clients.admin.user))
        case .quarantine(let agent, let isQuarantined):
            send(
                .manage,
                .nodeQuarantineRequested(
                    nextID(), agents[agent].node, isQuarantined: isQuarantined, detail: "operator",
                    by: Clients.admin.user))
        case .ask: if let task = anyTask() { request(.ask(task)) }
        case .operatorRound: operatorRound()
        }
    }

    private func anyTask() -> TaskID? {
        let known = clients.submissions.filter { !$0.tasks.isEmpty }
        return known.isEmpty ? nil : dice.pick(dice.pick(known).tasks)
    }

    private func nextID() -> RequestID { RequestID(session: Clients.session, number: clients.nextRequest) }

    /// Sends it, and waits for the answer for a while.
    private func send(_ request: Clients.Request, _ event: HubEvent) {
        let number = clients.nextRequest
        clients.nextRequest += 1
        clients.pending[number] = request
        plan(.requestTimesOut(number), in: Self.patience)
        // A full disk refuses writes at the edge.
        guard !coordinator.disk.isFull else { return }
        tell(event)
    }

    private func request(_ request: Clients.Request) {
        switch request {
        case .enrol(let index):
            let agent = agents[index]
            var wish = EnrolmentRequest(
                node: agent.node, owner: agent.owner, name: "node-\(index)", tokenDigest: agent.token,
                timeToLiveSeconds: 86_400)
            wish.pricePerHourMicros = agent.traits.milliPerGPUHour * 1000
            send(request, .enrolmentRequested(nextID(), wish))
        case .deposit(let index):
            let deposit = clients.deposits[index]
            secrets += 1
            send(
                request,
                .depositRequested(
                    nextID(),
                    DepositRequest(
                        id: UUID128(high: 0xDE, low: secrets), user: deposit.user, currency: deposit.currency,
                        amountMicros: deposit.micros, key: "\(deposit.key)-\(deposit.currency)")))
        case .submit(let index):
            let wishes = submissions(clients.submissions[index])
            clients.submissions[index].drawn.append(wishes.map(\.task))
            send(request, .tasksSubmitted(nextID(), wishes))
        case .conflict:
            guard let taken = clients.submissions.first(where: { $0.keys != nil && !$0.tasks.isEmpty }) else { return }
            var other = submissions(taken)
            other[0].specification.timeoutSeconds += 1
            send(request, .tasksSubmitted(nextID(), Array(other.prefix(1))))
        case .cancel(let task, let isOwner):
            let owner = clients.submissions.first { $0.tasks.contains(task) }?.owner
            let asker = isOwner ? Asker(user: owner!, isAdmin: false) : Asker(user: UserID("mallory"), isAdmin: false)
            send(request, .taskCancelRequested(nextID(), .id(task), asker))
        case .cancelJob(let job): send(request, .jobCancelRequested(nextID(), job, Clients.admin))
        case .manage: break
        case .ask(let task): send(request, .query(nextID(), .task(.id(task), Clients.admin)))
        }
    }

    private func submissions(_ wish: Clients.Submission) -> [TaskSubmission] {
        wish.specifications.indices.map { place in
            clients.nextTask += 1
            return TaskSubmission(
                task: TaskID(UUID128(randomHigh: dice.next(), randomLow: clients.nextTask)), owner: wish.owner,
                job: wish.job, key: wish.keys?[place], specification: wish.specifications[place])
        }
    }

    // MARK: Answers

    /// The coordinator answers; the answer takes its way.
    func answered(_ request: RequestID, _ answer: Answer) {
        plan(.answered(request.number, answer), in: dice.within(plan.delay))
    }

    func clientGivesUp(_ number: UInt32) {
        guard let request = clients.pending.removeValue(forKey: number) else { return }
        note("no answer to request", Int(number))
        again(request)
    }

    /// Repeats what has not come about, where a repetition is harmless.
    private func again(_ request: Clients.Request) {
        switch request {
        case .enrol(let agent): planStep(.enrol(agent), in: dice.milliseconds(100...900))
        case .deposit(let deposit): planStep(.deposit(deposit), in: dice.milliseconds(300...3000))
        case .submit(let index):
            clients.submissions[index].tries += 1
            guard clients.submissions[index].keys != nil, clients.submissions[index].tries < Self.tries else { return }
            planStep(.submit(index), in: dice.milliseconds(300...3000))
        case .conflict, .cancel, .cancelJob, .manage, .ask: break
        }
    }

    func clientHears(_ number: UInt32, _ answer: Answer) {
        guard let request = clients.pending.removeValue(forKey: number) else { return }
        switch (request, answer) {
        case (.submit(let index), .submitted(let tasks)): acknowledged(index, tasks)
        case (.submit(let index), .refused(let refusal)): refused(index, refusal)
        case (.deposit(let index), .deposited(let transfer, _)):
            let deposit = clients.deposits[index]
            clients.deposits[index].isAcknowledged = true
            if transfer.amountMicros != deposit.micros || transfer.credit != .available(deposit.user) {
                violate("L4", "a deposit was answered with another one: \(transfer)")
            }
        case (.conflict, .submitted): violate("L4", "another wish under a name that is taken was accepted")
        case (.cancel(let task, let isOwner), .task(let summary?)):
            if !isOwner { violate("S1", "a stranger was shown the task \(text(task))") }
            if summary.record.state == .cancelled { clients.cancelled.insert(task) }
        case (.cancel(_, let isOwner), .task(nil)):
            if isOwner { violate("T1", "an acknowledged task is not found by its owner") }
        case (.ask(let task), .task(nil)): violate("T1", "the acknowledged task \(text(task)) does not exist")
        case (.deposit, .refused), (.enrol, .refused(Refusal(.unavailable, ""))): again(request)
        default: break
        }
    }

    private func acknowledged(_ index: Int, _ answered: [TaskSummary]) {
        let submission = clients.submissions[index]
        let tasks = answered.map(\.record.id)
        guard tasks.count == submission.specifications.count else {
            return violate("T1", "\(submission.specifications.count) tasks were submitted, \(tasks.count) answered")
        }
        if !submission.tasks.isEmpty, submission.tasks != tasks {
            return violate("L4", "a repeated submission was answered with other tasks")
        }
        for (summary, specification) in zip(answered, submission.specifications)
        where summary.record.specification != specification || summary.record.owner != submission.owner {
            return violate("T1", "the task \(text(summary.record.id)) is not as it was submitted")
        }
        clients.submissions[index].tasks = tasks
    }

    private func refused(_ index: Int, _ refusal: Refusal) {
        note("submission \(index) refused: \(refusal.code.rawValue)", index)
        if !clients.submissions[index].tasks.isEmpty {
            return violate("L4", "an acknowledged submission was refused when repeated: \(refusal.code.rawValue)")
        }
        switch refusal.code {
        case .insufficientBalance, .impossibleRequest, .unknownRunner, .unavailable: again(.submit(index))
        default: violate("S2", "a sound submission was refused: \(refusal.code.rawValue) \(refusal.message)")
        }
    }

    // MARK: After the healing

    func operatorsHeal() {
        for agent in agents { planStep(.drain(agent.index, false), in: dice.milliseconds(1...3000)) }
        planStep(.operatorRound, in: 2 * Plan.second)
    }

    /// Lets everybody in who is kept out; once more later, while anything is left to do.
    private func operatorRound() {
        for agent in agents where watch.emitted.trust[agent.node]?.quarantine != nil {
            planStep(.quarantine(agent.index, false), in: 1)
        }
        if watch.liveCount > 0 || !clients.pending.isEmpty { planStep(.operatorRound, in: 5 * Plan.second) }
    }
}
