internal import Grid
internal import Hub

/// One history: a coordinator, its agents, their links and disks, clients and operators, under virtual time. One thread
/// and one agenda; the seed decides everything.
final class World {
    let seed: UInt64
    let plan: Plan
    var dice: Dice
    var now = Plan.start
    private var agenda = Agenda<Matter>()
    /// By how much the wall clock has been set, in milliseconds.
    var wallStep: Int64 = 0

    let coordinator = Coordinator()
    var agents: [Agent] = []
    var routes: [Route] = []
    var links: [Link] = []
    /// Sessions whose connections broke: nothing more arrives over them.
    var broken: Set<SessionID> = []
    var secrets: UInt64 = 0
    var clients = Clients()
    var observer = Observer()

    var ground = Ground()
    var watch: Watch
    var digest = EffectDigest()
    private(set) var violation: Violation?
    /// Events that the Hub has taken.
    var eventCount = 0
    private(set) var hasHealed = false
    /// The last lines of what happened; `nil` where nobody reads them.
    private(set) var trace: Trace?

    /// - Parameter fraud: the grid in which providers cheat, where the history is about that.
    init(seed: UInt64, trace: Trace? = nil, fraud: FraudScenario? = nil) {
        self.seed = seed
        self.trace = trace
        dice = Dice(seed: seed)
        if let fraud { plan = Plan(fraud, dice: &dice) } else { plan = Plan(dice: &dice) }
        watch = Watch(configuration: plan.configuration)
        let owners = ["ada", "bob", "cyd"].map { UserID($0) }
        for (index, traits) in plan.agents.enumerated() {
            let owner = fraud == nil ? owners[traits.owner] : UserID("owner-\(traits.owner)")
            agents.append(Agent(index: index, traits: traits, owner: owner))
        }
        routes = agents.map { _ in Route() }
        for agent in agents { watch.know(agent) }
    }

    /// Both clocks, as the coordinator reads them.
    var hubNow: Now {
        Now(
            monotonicNanoseconds: now,
            wallMicroseconds: 1_760_000_000_000_000 + Int64(now / 1000) + wallStep * 1000)
    }

    func plan(_ matter: Matter, at time: UInt64) { agenda.add(matter, at: max(time, now), tie: dice.next()) }
    func plan(_ matter: Matter, in nanoseconds: UInt64) { plan(matter, at: now + nanoseconds) }

    /// Lives the history to its end.
    func run() -> Outcome {
        plan(.coordinatorStarts, in: 0)
        if let fraud = plan.fraud { planFraudClients(fraud) } else { planClients() }
        for agent in agents {
            // Who copies what others have comes after them.
            let late = agent.traits.cheat?.kind == .copiesGPUs ? 60 * Plan.second : 0
            plan(.agentStarts(agent.index), in: late + dice.milliseconds(600...3000))
        }
        for index in plan.faults.indices { plan(.faultBegins(index), at: plan.faults[index].at) }
        plan(.heals, at: Plan.start + plan.healsAfter)
        while violation == nil, let next = agenda.pop() {
            now = next.at
            happen(next.matter)
            if let (code, words) = watch.takeViolation() ?? ground.takeViolation() { violate(code, words) }
            if hasHealed, now >= Plan.start + plan.shortestLife, isOver { break }
            if now > Plan.start + plan.healsAfter + plan.patience { break }
        }
        if violation == nil { checkEnd() }
        return Outcome(
            seed: seed, violation: violation, virtualNanoseconds: now - Plan.start, events: eventCount,
            digest: digest.value, tasks: watch.emitted.taskOrder.count, runs: ground.startedRuns,
            bill: plan.fraud == nil ? nil : fraudBill())
    }

    /// Whether nothing is left to come to an end.
    private var isOver: Bool {
        clients.isIdle && coordinator.isUp && coordinator.disk.waiting.isEmpty && coordinator.outbox.later.isEmpty
            && watch.liveCount == 0
            && agents.allSatisfy { agent in
                !agent.runs.contains { $0.isAlive && !isCheck($0.id) }
                    && agent.journal.allSatisfy { $0.isSettled || isCheck($0.run) }
            }
    }

    /// Whether it is a run of a check, of which there is always another one.
    func isCheck(_ run: RunID) -> Bool { watch.emitted.tasks[run.task]?.isCheck ?? false }

    func violate(_ code: String, _ words: String) {
        guard violation == nil else { return }
        violation = Violation(code: code, words: words, event: eventCount, at: now - Plan.start)
        note("VIOLATION \(code): \(words)", 0)
    }

    func note(_ words: @autoclosure () -> String, _ number: Int) {
        guard let trace else { return }
        trace.add(at: now - Plan.start, event: eventCount, "\(words()) \(number)")
    }

    func traceEvent(_ event: HubEvent, _ effects: [Effect]) {
        guard let trace else { return }
        trace.add(at: now - Plan.start, event: eventCount, event, effects)
    }

    // MARK: What happens

    func happen(_ matter: Matter) {
        switch matter {
        case .arrivesUp(let link, let message): arrivedUp(link, message)
        case .arrivesDown(let link, let message): arrivedDown(link, message)
        case .edgeLooks(let link): edgeLooks(link)
        case .linkGone(let link, let start): if start == coordinator.start { linkGone(link) }
        case .edgeCloses(let link): if link.coordinatorStart == coordinator.start { closeAtCoordinator(link) }
        case .agentStarts(let index): agentStarts(agents[index])
        case .agentDials(let index, let start): withAgent(index, start, matter) { agentDials($0) }
        case .agentTicks(let index, let start): withAgent(index, start, matter) { agentTicks($0) }
        case .leaseChecks(let index, let start):
            withAgent(index, start, matter) { agent in
                agent.leaseLook = nil
                leaseChecks(agent)
            }
        case .runSteps(let index, let start, let run, let generation):
            withAgent(index, start, matter) { runSteps($0, run, generation: generation) }
        case .resultKept(let index, let start, let run): withAgent(index, start, matter) { resultKept($0, run) }
        case .agentLeaves(let index, let start): withAgent(index, start, matter) { agentLeaves($0) }
        case .coordinatorStarts: startCoordinator()
        case .coordinatorWakes(let start): if start == coordinator.start { wakeCoordinator() }
        case .deadline(let start, let at): if start == coordinator.start { deadlinePassed(at) }
        case .diskDone(let start): if start == coordinator.start { diskDone() }
        case .laterDue(let start): if start == coordinator.start { laterDue() }
        case .client(let step): clientActs(step)
        case .answered(let request, let reply): clientHears(request, reply)
        case .observerWants(let start): if start == coordinator.start { observerWants() }
        case .requestTimesOut(let request): clientGivesUp(request)
        case .faultBegins(let index): begins(plan.faults[index], index)
        case .faultEnds(let index): ends(plan.faults[index])
        case .heals: heal()
        }
    }

    /// What an agent's process had planned, if it still lives; later where its machine stands still.
    private func withAgent(_ index: Int, _ start: Int, _ matter: Matter, _ body: (Agent) -> Void) {
        let agent = agents[index]
        guard agent.start == start, agent.isUp else { return }
        if agent.isPaused { agent.inbox.append(matter) } else { body(agent) }
    }

    func healed() { hasHealed = true }
}

/// What a history came to.
struct Outcome: Sendable {
    var seed: UInt64
    var violation: Violation?
    var virtualNanoseconds: UInt64
    var events: Int
    var digest: UInt64
    var tasks: Int
    var runs: Int
    /// Of a history about cheaters.
    var bill: FraudBill?
}

/// A rule that did not hold.
struct Violation: Sendable {
    /// Of the rule: T1 to T8 and L1 to L7 as docs/testing.md lists them, others by their letter.
    var code: String
    var words: String
    /// How many events the Hub had taken.
    var event: Int
    /// Virtual nanoseconds from the start.
    var at: UInt64
}
