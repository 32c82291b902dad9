import Grid
import Testing

@testable import Hub

@Suite("Task leases")
struct TaskLeasesTests {
    /// Two nodes; task 1 runs on the first that got it.
    func running() -> (scene: Scene, node: UInt64) {
        var scene = Scene()
        scene.admitWorker(1)
        scene.admitWorker(2)
        scene.submit(scene.wish(1))
        let node = scene.place(1)!
        scene.report(node, scene.run(1), .started)
        return (scene, node)
    }

    @Test(
        "A node may be silent for as long as its lease; then its tasks go elsewhere, and what it says late is refused")
    func silence() {
        var (scene, node) = running()
        scene.live(seconds: 29, sessions: [3 - node])
        #expect(scene.summary(.test(node))?.status == .offline && scene.state(1) == .running)
        let lost = scene.live(seconds: 2, sessions: [3 - node])
        #expect(lost.moves.prefix(2) == ["running>lost", "lost>pending"])
        #expect(lost.orderNames.contains("\(node) stop node_lost"), "should it live after all")
        scene.live(seconds: 2, sessions: [3 - node])
        #expect(scene.place(1) == 3 - node && scene.record(1)?.epoch == 2)
        let late = scene.end(node, scene.run(1, epoch: 1))
        #expect(late.orderNames == ["\(node) settled false"] && scene.state(1) == .assigned)
        #expect(scene.hub.counts.results.refused == 1 && scene.hub.counts.results.counted == 0)
        for _ in 0..<2 { scene.end(3 - node, scene.run(1)) }
        let results = scene.hub.counts.results
        #expect(results.refused == 1 && results.counted == 1 && results.repeated == 1, "\(results)")
    }

    @Test("A node that is heard again in time keeps its tasks")
    func comesBack() {
        var (scene, node) = running()
        scene.live(seconds: 25, sessions: [3 - node])
        scene.apply(.agentHeard(SessionID(bits: node)))
        #expect(scene.summary(.test(node))?.status == .busy)
        scene.live(seconds: 25, sessions: [3 - node])
        #expect(scene.state(1) == .running)
    }

    @Test("The coordinator's own pause is nobody's silence")
    func pause() {
        var (scene, node) = running()
        scene.wait(milliseconds: 120_000)
        scene.apply(.timePassed)
        #expect(scene.state(1) == .running)
        scene.run(milliseconds: 29_000)
        #expect(scene.state(1) == .running)
        scene.run(milliseconds: 2000)
        #expect(scene.state(1) != .running && node > 0)
    }

    @Test("Goodbye: its tasks are lost at once")
    func goodbye() {
        var (scene, node) = running()
        let effects = scene.apply(.agentGone(SessionID(bits: node), goodbye: true))
        #expect(effects.moves.prefix(2) == ["running>lost", "lost>pending"])
        scene.live(seconds: 2, sessions: [3 - node])
        #expect(scene.place(1) == 3 - node)
    }

    @Test("A session that comes back: what it still has goes on, what it never had is offered, what it lost is retried")
    func reconcile() {
        var (scene, node) = running()
        let run = scene.run(1)
        scene.apply(.agentGone(SessionID(bits: node), goodbye: false))
        scene.prove(5, .test(node), token: UInt8(node), specifications: .worker(1))
        let same = scene.tellRuns(5, [RunHolding(run: run, hasEnded: false)])
        #expect(same.orders.isEmpty && scene.state(1) == .running)
        let ended = scene.tellRuns(5, [RunHolding(run: run, hasEnded: true)])
        #expect(ended.orders.isEmpty && scene.state(1) == .running, "its report follows")
        let gone = scene.tellRuns(5, [])
        #expect(gone.moves.prefix(2) == ["running>lost", "lost>pending"])
        #expect(scene.record(1)?.excludedNodes == [.test(node)])
        let stale = scene.tellRuns(5, [RunHolding(run: run, hasEnded: false)])
        #expect(stale.orderNames == ["5 stop node_lost"])
        let late = scene.tellRuns(5, [RunHolding(run: run, hasEnded: true)])
        #expect(late.orderNames == ["5 settled false"])
    }

    @Test("An offer that got lost is made again, the same")
    func offeredAgain() {
        var scene = Scene()
        scene.admitWorker(1)
        let first = scene.submit(scene.wish(1)).orders.map(\.order)
        scene.prove(5, .test(1), token: 1, specifications: .worker(1))
        let again = scene.tellRuns(5, []).orders.map(\.order)
        #expect(first.count == 1 && first == again)
        scene.prove(6, .test(1), token: 1, specifications: .worker(1))
        #expect(scene.tellRuns(6, [RunHolding(run: scene.run(1), hasEnded: false)]).moves == ["assigned>running"])
    }

    @Test("A run that closes while its agent is away is known when it comes back, and its devices are kept until then")
    func closing() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1), scene.wish(2))
        scene.report(1, scene.run(1), .started)
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: false))
        #expect(scene.cancel(1).orders.isEmpty, "nobody is there to be told")
        scene.prove(5, .test(1), token: 1, specifications: .worker(1))
        #expect(scene.tellRuns(5, [RunHolding(run: scene.run(1), hasEnded: false)]).orderNames == ["5 cancel"])
        #expect(scene.state(2) == .pending)
        scene.prove(6, .test(1), token: 1, specifications: .worker(1))
        #expect(scene.tellRuns(6, []).orderNames == ["6 assign"], "it has it no longer")
    }

    @Test("A run that ended while its agent was away and counts no more gives its devices back, though nobody says how")
    func closedMeanwhile() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1), scene.wish(2))
        let run = scene.run(1)
        scene.report(1, run, .started)
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: false))
        scene.cancel(1)
        scene.prove(5, .test(1), token: 1, specifications: .worker(1))
        let told = scene.tellRuns(5, [RunHolding(run: run, hasEnded: true)])
        #expect(told.orderNames == ["5 settled false", "5 assign"])
    }

    @Test("A node that is drained gets nothing new and ends what it has")
    func drain() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1))
        let request = RequestID(session: SessionID(bits: 99), number: 3)
        let drained = scene.apply(.nodeDrainRequested(request, .test(1), drains: true, by: UserID("boss")))
        #expect(drained.persisted.count == 2 && scene.summary(.test(1))?.status == .draining)
        scene.submit(scene.wish(2))
        scene.end(1, scene.run(1))
        #expect(scene.state(1) == .completed && scene.state(2) == .pending)
        #expect(scene.apply(.nodeDrainRequested(request, .test(1), drains: true, by: UserID("boss"))).persisted.isEmpty)
        scene.apply(.nodeDrainRequested(request, .test(1), drains: false, by: UserID("boss")))
        #expect(scene.state(2) == .assigned && scene.summary(.test(1))?.status == .busy)
        #expect(
            scene.apply(.nodeDrainRequested(request, .test(9), drains: true, by: UserID("boss"))).refusals == [
                .notFound
            ])
    }

    @Test("A machine in which a GPU is missing gets nothing new")
    func gate() {
        var scene = Scene()
        scene.admitWorker(1)
        for second in UInt64(1)...30 {
            scene.send(1, second) { $0.gpus = [] }
            scene.wait(milliseconds: 1000)
        }
        scene.submit(scene.wish(1))
        let isGated = HealthScore.isGated(scene.hub.nodes.states[0].signals)
        #expect(isGated && scene.state(1) == .pending)
    }

    @Test("Tasks are taken from a node that lives: what runs is ended, and its devices are its own until then")
    func taken() {
        var (scene, node) = running()
        var effects: [Effect] = []
        scene.hub.takeTasks(from: .test(node), fault: .nodeQuarantined, scene.now, &effects)
        #expect(effects.moves == ["running>lost", "lost>pending"])
        #expect(effects.orderNames == ["\(node) stop node_quarantined"])
        #expect(scene.hub.router.heldGPUMilli == 1000 && scene.record(1)?.excludedNodes == [.test(node)])
    }

    @Test("A check goes to its node alone, is nobody's, and ends with its node")
    func check() throws {
        var scene = Scene()
        scene.admitWorker(1)
        scene.admitWorker(2)
        var effects: [Effect] = []
        scene.hub.submitCheck(scene.wish(1, user: "boss"), on: .test(2), scene.now, &effects)
        #expect(effects.logged.allSatisfy { $0.facts.owner == nil })
        scene.apply(.timePassed)
        #expect(scene.place(1) == 2)
        #expect(scene.ask(.task(.id(.test(1)), Asker(user: UserID("boss"), isAdmin: false))).isNothing)
        #expect(!scene.ask(.task(.id(.test(1)), Scene.boss)).isNothing)
        #expect(scene.apply(.agentGone(SessionID(bits: 2), goodbye: true)).moves == ["assigned>lost", "lost>failed"])
        effects = []
        scene.hub.submitCheck(scene.wish(3), on: .test(2), scene.now, &effects)
        scene.live(seconds: 31, sessions: [1])
        #expect(scene.state(3) == .failed && scene.record(3)?.attempts == 0)
    }
}

extension Answer? {
    /// Whether the answer is that there is no such task, job or log.
    var isNothing: Bool {
        switch self {
        case .task(nil), .job(nil), .taskLog(nil): true
        default: false
        }
    }
}
