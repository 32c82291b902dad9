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
}
