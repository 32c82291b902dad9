import Grid

@testable import Hub

/// A coordinator with five agents that obey the protocol, and everything that may go wrong between them. What must hold
/// is looked at after each event.
struct TaskWorld {
    /// An agent as the protocol describes it: it runs what it is told, keeps results until they are settled, and ends
    /// its runs by itself when it has heard nothing for most of their lease.
    struct Agent {
        var session: UInt64?
        /// The link is cut, and neither side knows it yet: what the coordinator says waits here.
        var isCut = false
        var inbox: [TaskOrder] = []
        var heardAt: UInt64 = 0
        /// By run; `nil` while it runs.
        var runs: [RunID: RunOutcome?] = [:]
        var seats: [RunID: (gpus: UInt64, milli: Int)] = [:]
        var sequence: UInt64 = 0
        var percents: [RunID: Int] = [:]
        let gpus: Int

        var running: [RunID] { runs.filter { $0.value == nil }.map(\.key).sorted() }
        var ended: [RunID] { runs.filter { $0.value != nil }.map(\.key).sorted() }
        var holdings: [RunHolding] { runs.keys.sorted().map { RunHolding(run: $0, hasEnded: runs[$0]! != nil) } }
    }

    var scene = Scene()
    var dice: Dice
    var memory = Memory()
    var agents: [UInt64: Agent] = [:]
    var audit = TaskAudit()
    var nextSession: UInt64 = 100
    var nextTask: UInt64 = 1
    var past: [(UInt64, RunID, RunOutcome)] = []
    var counts: [String: Int] = [:]

    init(seed: UInt64) {
        dice = Dice(seed)
        for number in UInt64(1)...5 {
            agents[number] = Agent(gpus: Int(number) % 4)
            take(scene.enrol(.test(number), token: UInt8(number)))
            connect(number)
        }
    }

    private mutating func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &dice) }
    private mutating func someAgent() -> UInt64 { UInt64(draw(1..<6)) }

    private mutating func count(_ what: String) { counts[what, default: 0] += 1 }

    /// Takes in what an event gave: stored, checked, and delivered to the agents.
    mutating func take(_ effects: [Effect]) {
        memory.keep(effects)
        audit.note(effects)
        audit.compare(scene.hub, memory)
        for (session, order) in effects.orders {
            guard let number = agents.first(where: { $0.value.session == session })?.key else { continue }
            agents[number]?.inbox.append(order)
        }
        for number in agents.keys.sorted() where agents[number]?.isCut == false { deliver(number) }
    }

    private mutating func deliver(_ number: UInt64) {
        while agents[number]?.inbox.isEmpty == false, let order = agents[number]?.inbox.removeFirst() {
            switch order {
            case .assign(let assignment): accept(number, assignment)
            case .cancel(let run), .stop(let run, _): end(number, run, .cancelled, says: true)
            case .settled(let run, let counted):
                agents[number]?.runs[run] = nil
                agents[number]?.seats[run] = nil
                count("settled \(counted)")
            }
        }
    }

    private mutating func accept(_ number: UInt64, _ assignment: RunAssignment) {
        guard var agent = agents[number], agent.runs.index(forKey: assignment.run) == nil else { return }
        agent.runs[assignment.run] = .some(nil)
        agent.seats[assignment.run] = (assignment.gpus, assignment.milliPerGPU)
        agents[number] = agent
        for gpu in 0..<64 {
            let taken = agent.running.reduce(0) { sum, run in
                agent.seats[run].map { $0.gpus >> UInt64(gpu) & 1 == 1 ? sum + $0.milli : sum } ?? sum
            }
            if taken > 1000 {
                count("rejected")
                return end(number, assignment.run, .rejected, says: true)
            }
        }
    }

    /// A run ends; what it says is kept until it is settled.
    private mutating func end(_ number: UInt64, _ run: RunID, _ fault: TaskFault?, says: Bool) {
        guard let agent = agents[number], let running = agent.runs[run], running == nil else { return }
        var outcome = RunOutcome()
        outcome.fault = fault
        outcome.ranMilliseconds = 1000
        agents[number]?.runs[run] = outcome
        past.append((number, run, outcome))
        if says { say(number, run, .ended(outcome)) }
    }

    private mutating func say(_ number: UInt64, _ run: RunID, _ body: TaskReport.Body) {
        guard let agent = agents[number], !agent.isCut, let session = agent.session else { return }
        agents[number]?.heardAt = scene.now.monotonicNanoseconds
        take(scene.report(session, run, body))
    }

    mutating func connect(_ number: UInt64) {
        guard let agent = agents[number] else { return }
        let session = nextSession
        nextSession += 1
        let former = agent.session
        agents[number]?.session = session
        agents[number]?.isCut = false
        agents[number]?.inbox = []
        agents[number]?.heardAt = scene.now.monotonicNanoseconds
        let key = UInt8(number)
        take(scene.prove(session, .test(number), token: key, key: key, specifications: .worker(agent.gpus)))
        take(scene.tellRuns(session, agent.holdings))
        if let former { take(scene.apply(.agentGone(SessionID(bits: former), goodbye: false))) }
        for run in agents[number]?.ended ?? [] {
            if case .some(.some(let outcome)) = agents[number]?.runs[run] { say(number, run, .ended(outcome)) }
        }
    }

    private mutating func disconnect(_ number: UInt64, goodbye: Bool) {
        guard let session = agents[number]?.session else { return }
        if goodbye { for run in agents[number]?.running ?? [] { end(number, run, .agentStopped, says: true) } }
        agents[number]?.session = nil
        agents[number]?.isCut = false
        agents[number]?.inbox = []
        take(scene.apply(.agentGone(SessionID(bits: session), goodbye: goodbye)))
    }

    /// A second passes; who can be heard is, and who hears nothing for long ends its runs.
    mutating func second() {
        take(scene.run(milliseconds: 1000))
        for number in agents.keys.sorted() {
            guard let agent = agents[number] else { continue }
            if let session = agent.session, !agent.isCut {
                agents[number]?.heardAt = scene.now.monotonicNanoseconds
                take(scene.apply(.agentHeard(SessionID(bits: session))))
            } else if scene.now.monotonicNanoseconds - agent.heardAt > 24_000_000_000 {
                for run in agent.running { end(number, run, .leaseExpired, says: false) }
            }
        }
    }

    private mutating func submit() {
        let demands: [GPUDemand] = [.none, .share(milli: 300), .share(milli: 700), .whole(1), .whole(1), .whole(2)]
        let demand = demands[draw(0..<demands.count)]
        let gang = draw(0..<6) == 0 ? draw(2..<4) : 1
        let attempts = draw(1..<6)
        let timeout = Int64(draw(20..<120))
        let job = draw(0..<3) == 0 ? "job \(draw(0..<4))" : nil
        let wish = scene.wish(nextTask, demand, user: "anna", job: job) {
            $0.gangSize = gang
            $0.attempts = attempts
            $0.timeoutSeconds = timeout
        }
        nextTask += 1
        let effects = scene.submit(wish)
        count(effects.refusals.isEmpty ? "submitted" : "refused")
        take(effects)
    }

    mutating func step() {
        let number = someAgent()
        let running = agents[number]?.running ?? []
        let run = running.isEmpty ? nil : running[draw(0..<running.count)]
        switch draw(0..<100) {
        case 0..<14: submit()
        case 14..<32: second()
        case 32..<46: if let run { say(number, run, .started) }
        case 46..<56:
            guard let run else { return }
            agents[number]?.sequence += 1
            let report = ProgressReport(sequence: agents[number]?.sequence ?? 0, percent: draw(0..<110))
            say(number, run, .progress(report))
        case 56..<70: if let run { end(number, run, nil, says: true) }
        case 70..<75:
            let faults = TaskFault.allCases.prefix(10)
            if let run { end(number, run, faults[draw(0..<faults.count)], says: true) }
        case 75..<79: take(scene.cancel(UInt64(draw(1..<Int(nextTask) + 1))))
        case 79..<83:
            // Something said before, once more, on whatever session the agent has by now.
            guard !past.isEmpty else { return }
            let (number, run, outcome) = past[draw(0..<past.count)]
            say(number, run, .ended(outcome))
        default: trouble(number)
        }
    }

    private mutating func trouble(_ number: UInt64) {
        switch draw(0..<17) {
        case 0..<3: disconnect(number, goodbye: false)
        case 3: disconnect(number, goodbye: true)
        case 4..<8: connect(number)
        case 8..<10: if agents[number]?.session != nil { agents[number]?.isCut = true }
        case 10..<12: heal(number)
        case 12:
            // The agent's machine starts anew: its runs are gone, the results on its disk are not.
            disconnect(number, goodbye: false)
            for run in agents[number]?.running ?? [] { agents[number]?.runs[run] = nil }
        case 13: for _ in 0..<draw(10..<50) { second() }
        case 14:
            let request = RequestID(session: SessionID(bits: 9), number: 1)
            let drains = draw(0..<2) == 0
            take(scene.apply(.nodeDrainRequested(request, .test(number), drains: drains, by: UserID("boss"))))
        case 15:
            scene.wait(milliseconds: Int64(draw(5..<60) * 1000))
            take(scene.apply(.timePassed))
        default: restart()
        }
    }

    private mutating func heal(_ number: UInt64) {
        guard agents[number]?.isCut == true else { return }
        agents[number]?.isCut = false
        agents[number]?.heardAt = scene.now.monotonicNanoseconds
        deliver(number)
    }

    /// The coordinator starts anew from what it stored.
    private mutating func restart() {
        count("restarts")
        let now = scene.now
        scene.hub = Hub(state: memory.state, seed: dice.next(), now: now)
        audit.compare(scene.hub, memory)
        for number in agents.keys {
            agents[number]?.session = nil
            agents[number]?.isCut = false
            agents[number]?.inbox = []
        }
    }

    /// Everybody comes back and does what it is told: how many tasks have not ended then.
    mutating func heal(seconds: Int) -> Int {
        let request = RequestID(session: SessionID(bits: 9), number: 1)
        for number in agents.keys.sorted() {
            take(scene.apply(.nodeDrainRequested(request, .test(number), drains: false, by: UserID("boss"))))
            connect(number)
        }
        for _ in 0..<seconds {
            second()
            for number in agents.keys.sorted() {
                for run in agents[number]?.running ?? [] { end(number, run, nil, says: true) }
            }
        }
        return scene.hub.tasks.liveCount
    }
}
