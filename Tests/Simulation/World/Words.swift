internal import Grid
internal import Hub

/// Events and effects in few words, for the trace.
enum Words {
    static func of(_ event: HubEvent) -> String {
        switch event {
        case .taskReported(let session, let report): "\(of(session)) reports \(text(report.run)) \(of(report.body))"
        case .runsHeld(let session, let runs):
            "\(of(session)) holds " + runs.map { text($0.run) + ($0.hasEnded ? " ended" : "") }.description
        case .tasksSubmitted(let request, let wishes):
            "#\(request.number) submits " + wishes.map { "\(text($0.task)) \($0.key ?? "-")" }.description
        case .taskCancelRequested(let request, .id(let task), let asker):
            "#\(request.number) cancels \(text(task)), says \(asker.user)"
        case .nodeDrainRequested(_, let node, let drains, _): "drain \(of(node)): \(drains)"
        case .nodeQuarantineRequested(_, let node, let isQuarantined, _, _): "quarantine \(of(node)): \(isQuarantined)"
        case .agentHello(let session, _): "\(of(session)) says hello"
        case .agentProved(let session, let introduction): "\(of(session)) proves to be \(of(introduction.node))"
        case .agentGone(let session, let goodbye): "\(of(session)) is gone" + (goodbye ? " with a goodbye" : "")
        case .samplesTaken(let arrivals): "sample of \(arrivals.first.map { of($0.session) } ?? "nobody")"
        case .agentHeard(let session): "\(of(session)) is heard"
        default: String("\(event)".prefix(160))
        }
    }

    /// `nil` for what says nothing.
    static func of(_ effect: Effect) -> String? {
        switch effect {
        case .persist(let change), .persistLater(let change): of(change)
        case .agentTask(let session, let order): of(order) + " to \(of(session))"
        case .answer(let request, let answer): "answer #\(request.number) " + of(answer)
        case .agentWelcome(let session, let welcome): "welcome \(of(session)), \(of(welcome.node))"
        case .agentFenced(let session): "fence \(of(session))"
        case .agentRefused(let session, let refusal): "refuse \(of(session)): \(refusal.code.rawValue)"
        case .roomJoined(_, _, let position, let recovery):
            "joined at \(position.offset)" + (recovery.map { ", \($0)" } ?? "")
        case .replay(let replay):
            "replay of \(replay.events.count), "
                + "\(replay.events.first?.position.offset ?? 0) to \(replay.events.last?.position.offset ?? 0)"
        default: nil
        }
    }

    private static func of(_ change: StoreChange) -> String? {
        switch change {
        case .task(let task):
            "task \(text(task.id)) \(task.state) epoch \(task.epoch) "
                + task.leases.map { "\(of($0.node)) \($0.phase)" }.joined(separator: " ")
        case .transfer(let transfer): "\(transfer.kind.rawValue) \(transfer.amountMicros)"
        case .trust(let trust): "trust \(of(trust.node)) \(trust.quarantine?.rawValue ?? "free") \(trust.detail)"
        case .taskForgotten(let task): "forget \(text(task))"
        case .node(let node): "node \(of(node.id))"
        default: nil
        }
    }

    private static func of(_ order: TaskOrder) -> String {
        switch order {
        case .assign(let assignment): "assign \(text(assignment.run)) GPUs \(assignment.gpus)×\(assignment.milliPerGPU)"
        case .cancel(let run): "cancel \(text(run))"
        case .stop(let run, let fault): "stop \(text(run)) \(fault.rawValue)"
        case .settled(let run, let counted): "settled \(text(run)) \(counted)"
        }
    }

    private static func of(_ body: TaskReport.Body) -> String {
        switch body {
        case .started: "started"
        case .progress(let progress): "\(progress.percent) %, sequence \(progress.sequence)"
        case .log: "log"
        case .ended(let outcome): "ended \(outcome.fault?.rawValue ?? "well") after \(outcome.ranMilliseconds) ms"
        }
    }

    private static func of(_ answer: Answer) -> String {
        switch answer {
        case .refused(let refusal): "\(refusal.code.rawValue) \(refusal.message)"
        case .submitted(let tasks): "submitted " + tasks.map { text($0.record.id) }.description
        case .task(let task): "task \(task.map { "\($0.record.state)" } ?? "none")"
        default: String("\(answer)".prefix { $0 != "(" })
        }
    }

    private static func of(_ session: SessionID) -> String {
        session.bits >= Link.sessionBase ? "link \(session.bits - Link.sessionBase)" : "session \(session.bits)"
    }

    private static func of(_ node: NodeID) -> String { "node \(Int(node.uuid.low) - 1)" }
}
