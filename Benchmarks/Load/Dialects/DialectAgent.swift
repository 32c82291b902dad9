internal import Bytes
internal import Grid
internal import Reactor
internal import Wire

/// What the one agent of a run does on demand: a sample, a report of progress, or the beginning of a task.
final class DialectAgent {
    private let agent: AgentPeer
    /// Runs that were ordered and not begun.
    private var waiting: [RunID] = []
    private var running: RunID?
    /// A run whose end the coordinator has not dealt with yet.
    private var ended: RunID?
    private var reports: UInt64 = 0

    init(_ fleet: AgentFleet) {
        agent = fleet.agents[0]
        fleet.ordered = { [unowned self] _, order in
            switch order {
            case .assign(let assignment): waiting.append(assignment.run)
            case .settled(let run, _): if run == ended { ended = nil }
            default: break
            }
        }
        // Without its word on what it runs, a node gets no tasks.
        agent.say(.runs([]))
    }

    /// Whether it can do it at once: what needs a run waits for an order, and for the end of the run before to be dealt
    /// with, which is a matter of the coordinator's disk.
    func isAble(to trigger: LoadDialect.Trigger) -> Bool {
        switch trigger {
        case .sample: true
        case .progress: running != nil || !waiting.isEmpty
        case .started: ended == nil && !waiting.isEmpty
        case .ended: running != nil
        }
    }

    /// Does what it needs first, which is not timed.
    func prepare(for trigger: LoadDialect.Trigger) {
        if trigger == .ended, running == nil, ended == nil { begin() }
    }

    /// Does it, as the event whose way is timed.
    func act(_ trigger: LoadDialect.Trigger, at nanoseconds: UInt64) {
        switch trigger {
        case .sample: agent.sendSample(at: nanoseconds)
        case .progress:
            if running == nil { begin() }
            guard let running else { return }
            reports += 1
            let progress = ProgressReport(sequence: reports, percent: min(99, Int(reports / 100)))
            agent.say(.report(TaskReport(run: running, body: .progress(progress))))
        case .started: begin()
        case .ended: end()
        }
    }

    /// What belongs to it and is not timed.
    func tidy(_ trigger: LoadDialect.Trigger) {
        if trigger == .started { end() }
    }

    private func end() {
        guard let run = running else { return }
        var outcome = RunOutcome()
        outcome.exitStatus = 0
        agent.say(.report(TaskReport(run: run, body: .ended(outcome))))
        ended = run
        running = nil
    }

    private func begin() {
        guard !waiting.isEmpty else { return }
        let run = waiting.removeFirst()
        running = run
        agent.say(.report(TaskReport(run: run, body: .started)))
    }
}
