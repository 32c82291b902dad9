import Grid
import Testing

@testable import Hub

@Suite("Tasks after a restart")
struct TaskRestoringTests {
    /// A node that has task 1, and what of both is on disk.
    private func assigned() -> (scene: Scene, memory: Memory) {
        var scene = Scene()
        var memory = Memory()
        for effects in [
            scene.enrol(.test(1), token: 1), scene.prove(1, .test(1), token: 1, specifications: .worker(1)),
            scene.tellRuns(1, []), scene.submit(scene.wish(1)),
        ] {
            memory.keep(effects)
        }
        return (scene, memory)
    }

    @Test("What waited waits with its age, what ran runs on, what has ended stays, and told progress is not taken back")
    func restart() {
        var scene = Scene()
        var memory = Memory()
        memory.keep(scene.enrol(.test(1), token: 1))
        memory.keep(scene.prove(1, .test(1), token: 1, specifications: .worker(1)))
        memory.keep(scene.tellRuns(1, []))
        for number in UInt64(1)...3 { memory.keep(scene.submit(scene.wish(number))) }
        memory.keep(scene.cancel(2))
        memory.keep(scene.report(1, scene.run(1), .progress(ProgressReport(sequence: 4, percent: 60))))
        let run = scene.run(1)

        var again = Scene(memory.state)
        #expect(again.state(1) == .running && again.state(2) == .cancelled && again.state(3) == .pending)
        #expect(again.hub.router.heldGPUMilli == 1000 && again.hub.router.waitingCount == 1)
        #expect(again.summary(.test(1))?.status == .busy && again.summary(.test(1))?.currentTask == .test(1))
        #expect(again.apply(.timePassed).isEmpty)
        again.prove(2, .test(1), token: 1, specifications: .worker(1))
        #expect(again.tellRuns(2, [RunHolding(run: run, hasEnded: false)]).orders.isEmpty)
        let report = again.report(2, run, .progress(ProgressReport(sequence: 5, percent: 10)))
        #expect(report.progresses.map(\.progress.percent) == [60])
        #expect(again.end(2, run).orderNames == ["2 settled true", "2 assign"])
        #expect(again.submit(again.wish(4)).submitted.map(\.record.number) == [4])
    }

    @Test("A node that does not come back loses its tasks when their lease, anew, is over")
    func lost() {
        let (_, memory) = assigned()
        var again = Scene(memory.state)
        again.run(milliseconds: 29_000)
        #expect(again.state(1) == .assigned)
        again.run(milliseconds: 2000)
        #expect(again.state(1) == .pending && again.hub.router.heldGPUMilli == 0)
    }

    @Test("A cancelled task's run that is found after a restart keeps its node to itself until it has ended")
    func closing() {
        var (scene, memory) = assigned()
        let run = scene.run(1)
        memory.keep(scene.cancel(1))
        memory.keep(scene.submit(scene.wish(2)))
        var again = Scene(memory.state)
        again.prove(2, .test(1), token: 1, specifications: .worker(1))
        #expect(again.tellRuns(2, [RunHolding(run: run, hasEnded: false)]).orderNames == ["2 cancel"])
        #expect(again.state(2) == .pending && again.hub.router.heldGPUMilli == 0)
        #expect(again.end(2, run, .cancelled).orderNames == ["2 settled false", "2 assign"])
    }

    @Test("So does the run of a former attempt: the next one begins nowhere beside it")
    func closingAttempt() {
        var (scene, memory) = assigned()
        let run = scene.run(1)
        var effects: [Effect] = []
        scene.hub.takeTasks(from: .test(1), fault: .nodeQuarantined, scene.now, &effects)
        memory.keep(effects)
        var again = Scene(memory.state)
        again.prove(2, .test(1), token: 1, specifications: .worker(1))
        #expect(again.tellRuns(2, [RunHolding(run: run, hasEnded: false)]).orderNames == ["2 stop node_lost"])
        #expect(again.state(1) == .pending && again.record(1)?.epoch == 1)
        #expect(again.end(2, run, .nodeQuarantined).orderNames == ["2 settled false", "2 assign"])
        #expect(again.record(1)?.epoch == 2)
    }

    /// What of an event's task is stored before it is told, and what later.
    private func keeping(_ effects: [Effect]) -> (before: [String], later: [String]) {
        func name(_ change: StoreChange) -> String? {
            switch change {
            case .task(let record): record.state.name
            case .event(let event):
                switch event.event {
                case .taskUpdated: "task_update"
                case .taskProgressed: "task_progress"
                default: nil
                }
            default: nil
            }
        }
        var names = (before: [String](), later: [String]())
        for effect in effects {
            switch effect {
            case .persist(let change): names.before += [name(change)].compactMap { $0 }
            case .persistLater(let change): names.later += [name(change)].compactMap { $0 }
            default: break
            }
        }
        return names
    }

    @Test("That a run goes on and how far it is, its agent says again: that alone need not be stored before it is told")
    func whatIsToldEarly() {
        var (scene, _) = assigned()
        let run = scene.run(1)
        let begun = keeping(scene.report(1, run, .started))
        #expect(begun.before.isEmpty && begun.later == ["running", "task_update"])
        let progress = keeping(scene.report(1, run, .progress(ProgressReport(sequence: 1, percent: 5))))
        #expect(progress.before.isEmpty && progress.later == ["task_progress"])
        let ended = keeping(scene.end(1, run))
        #expect(ended.later.isEmpty && ended.before.contains("completed") && ended.before.contains("task_update"))
    }

    @Test("What was told early and forgotten is told again when the agent comes back")
    func toldAgain() {
        let memory: Memory
        var scene: Scene
        (scene, memory) = assigned()
        let run = scene.run(1)
        scene.report(1, run, .progress(ProgressReport(sequence: 3, percent: 40)))
        var state = memory.state
        let former = state.logs.first { $0.room == .tasks }
        #expect(state.beginTellingEarly { 77 << 12 } == [.toldEarly(.tasks, true)], "the start before ended in order")
        #expect(state.logs.first { $0.room == .tasks }?.epoch == former?.epoch)
        #expect(state.beginTellingEarly { 77 << 12 } == [.epochBegan(.tasks, epoch: 77), .toldEarly(.tasks, true)])
        var again = Scene(state)
        #expect(again.state(1) == .assigned && again.hub.rooms.log(.tasks).epoch == 77)
        again.prove(2, .test(1), token: 1, specifications: .worker(1))
        let told = again.tellRuns(2, [RunHolding(run: run, hasEnded: false)])
        #expect(keeping(told).later == ["running", "task_update"] && again.state(1) == .running)
        let report = again.report(2, run, .progress(ProgressReport(sequence: 3, percent: 40)))
        #expect(report.progresses.map(\.progress.percent) == [40])
    }

    @Test("A gang's progress is of several agents and waits")
    func gang() {
        var scene = Scene()
        for node in UInt64(1)...2 { scene.admitWorker(node) }
        scene.submit(scene.wish(1) { $0.gangSize = 2 })
        let nodes = scene.record(1)!.leases.map(\.node.uuid.low)
        #expect(keeping(scene.report(nodes[0], scene.run(1), .started)).before.isEmpty)
        let second = keeping(scene.report(nodes[1], scene.run(1, member: 1), .started))
        #expect(second.before.isEmpty && second.later == ["running"])
        let progress = keeping(
            scene.report(nodes[1], scene.run(1, member: 1), .progress(ProgressReport(sequence: 1, percent: 50))))
        #expect(progress.before == ["task_progress"] && progress.later.isEmpty)
    }
}
