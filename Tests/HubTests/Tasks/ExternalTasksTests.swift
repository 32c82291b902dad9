import Grid
import Testing

@testable import Hub

/// Tasks that an outside party runs (TriggerX).
@Suite("External tasks")
struct ExternalTasksTests {
    private static let anna = Asker(user: UserID("anna"), isAdmin: false)
    private static let request = RequestID(session: SessionID(bits: 1), number: 1)

    private func external(_ scene: Scene, _ number: UInt64, user: String = "anna", job: String? = nil)
        -> TaskSubmission
    {
        scene.wish(number, user: user, job: job) {
            $0.runner = ""
            $0.taskDefinitionID = 7
        }
    }

    private func scene() -> Scene {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(external(scene, 1, job: "j"))
        return scene
    }

    private func tell(
        _ scene: inout Scene, _ state: TaskState? = nil, as asker: Asker = anna, task: TaskReference = .number(1),
        _ change: (inout TaskExecution) -> Void = { _ in }
    ) -> [Effect] {
        var execution = TaskExecution()
        change(&execution)
        return scene.apply(.taskExecutionSet(Self.request, task, execution, state: state, asker))
    }

    private func fee(
        _ scene: inout Scene, _ micros: Int64, task: TaskReference = .number(1), as asker: Asker = anna
    ) -> [Effect] {
        scene.apply(.taskFeeSet(Self.request, task, feeMicros: micros, asker))
    }

    @Test("One is recorded and never placed, whatever becomes free")
    func neverPlaced() {
        var scene = scene()
        #expect(scene.state(1) == .pending && scene.hub.router.waitingCount == 0)
        scene.submit(scene.wish(2))
        #expect(scene.state(2) == .assigned)
        let ended = scene.end(1, scene.run(2))
        #expect(ended.moves.last == "running>completed" && scene.state(1) == .pending)
        #expect(scene.live(seconds: 120, sessions: [1]).moves.isEmpty)
        #expect(scene.record(1)?.heldMicros == 0)
    }

    @Test("Its fee is stored and told, once where it changes")
    func fees() {
        var scene = scene()
        let told = fee(&scene, 5)
        #expect(told.updates.map(\.kind) == [.fee] && told.updates.first?.feeMicros == 5)
        let again = fee(&scene, 5)
        #expect(again.updates.isEmpty && again.persisted.count == 1, "the answer waits for the first time's commit")
        #expect(fee(&scene, -1).refusals == [.badRequest])
        #expect(fee(&scene, 1, task: .number(2)).refusals == [.notFound])
        let foreign = fee(&scene, 1, as: Asker(user: UserID("bert"), isAdmin: false))
        #expect(foreign.refusals == [.notFound] && scene.record(1)?.feeMicros == 5)
    }

    @Test("What is new of its execution is stored and told, and nothing else")
    func execution() {
        var scene = scene()
        let first = tell(&scene) {
            $0[.transaction] = .text("0xabc")
            $0[.performer] = .integer(3)
        }
        #expect(first.updates.map(\.kind) == [.execution])
        #expect(first.updates.first?.execution.fields.map(\.key) == [.performer, .transaction])
        let second = tell(&scene, task: .id(.test(1))) {
            $0[.transaction] = .text("0xabc")
            $0[.isAccepted] = .truth(true)
        }
        #expect(second.updates.first?.execution.fields.map(\.key) == [.isAccepted])
        #expect(scene.record(1)?.execution.fields.count == 3 && scene.state(1) == .pending)
        let again = tell(&scene) { $0[.isAccepted] = .truth(true) }
        #expect(again.updates.isEmpty && again.persisted.count == 1)
        guard case .answer(_, .task(let summary?))? = again.last else {
            Issue.record("\(again)")
            return
        }
        #expect(summary.record == scene.record(1))
    }

    @Test(
        "It goes the way of other tasks, told step by step",
        arguments: [
            ([TaskState.running], ["pending>running"]),
            ([.running, .completed], ["pending>running", "running>completed"]),
            ([.completed], ["pending>running", "running>completed"]), ([.failed], ["pending>failed"]),
            ([.running, .running, .failed], ["pending>running", "running>failed"]),
        ])
    func states(told: [TaskState], moves: [String]) {
        var scene = scene()
        var seen: [String] = []
        var ends: [TaskState?] = []
        for state in told {
            let effects = tell(&scene, state)
            seen += effects.moves
            ends += effects.updates.map(\.jobEnd)
        }
        #expect(seen == moves && scene.state(1) == told.last)
        if let last = told.last, last.isTerminal {
            #expect(ends.last == last && scene.record(1)?.endedAt != nil)
            #expect(scene.hub.tasks.liveCount == 0)
        }
    }

    @Test("An end is final, but what is found out later is told")
    func ended() {
        var scene = scene()
        _ = tell(&scene, .completed)
        for state in [TaskState.running, .failed] { #expect(tell(&scene, state).refusals == [.badRequest]) }
        #expect(tell(&scene, .completed).refusals.isEmpty)
        #expect(tell(&scene) { $0[.submission] = .text("0xdef") }.updates.map(\.kind) == [.execution])
        #expect(fee(&scene, 7).updates.map(\.kind) == [.fee])
        #expect(scene.state(1) == .completed)
    }

    @Test("What is out of its range is refused, and nothing is kept of it")
    func refusals() {
        var scene = scene()
        let refused = tell(&scene, .running) {
            $0[.performer] = .integer(-1)
            $0[.isAccepted] = .truth(true)
        }
        #expect(refused.refusals == [.badRequest] && refused.persisted.isEmpty)
        #expect(scene.record(1)?.execution.isEmpty == true && scene.state(1) == .pending)
        #expect(tell(&scene, .running, task: .number(9)).refusals == [.notFound])
        let bert = Asker(user: UserID("bert"), isAdmin: false)
        #expect(tell(&scene, .running, as: bert).refusals == [.notFound])
        scene.submit(scene.wish(2))
        #expect(tell(&scene, .completed, task: .id(.test(2))).refusals == [.forbidden], "its agent tells")
        #expect(scene.state(2) == .assigned)
    }

    @Test("Its owner cancels it, waiting or running")
    func cancelling() {
        var scene = scene()
        scene.submit(external(scene, 2))
        _ = tell(&scene, .running, task: .id(.test(2)))
        #expect(scene.cancel(1).moves == ["pending>cancelled"])
        #expect(scene.cancel(2).moves == ["running>cancelled"])
        #expect(scene.record(2)?.result?.fault == .cancelled && scene.hub.tasks.liveCount == 0)
    }

    @Test("It is there again after a restart as it was, and waits for nobody")
    func restart() {
        var scene = Scene()
        var memory = Memory()
        memory.keep(scene.submit(external(scene, 1, job: "j"), external(scene, 2)))
        memory.keep(fee(&scene, 5))
        memory.keep(tell(&scene, .running) { $0[.transaction] = .text("0xabc") })
        let before = scene.record(1)
        scene = Scene(memory.state)
        #expect(scene.record(1) == before && scene.state(2) == .pending && scene.hub.router.waitingCount == 0)
        #expect(scene.live(seconds: 120, sessions: []).moves.isEmpty)
        #expect(tell(&scene, .completed).moves == ["running>completed"])
        #expect(tell(&scene, .completed, task: .id(.test(2))).moves == ["pending>running", "running>completed"])
    }

    @Test("A job of somebody else's is refused")
    func foreignJob() {
        var scene = scene()
        #expect(scene.submit(external(scene, 2, user: "bert", job: "j")).refusals == [.forbidden])
    }
}
