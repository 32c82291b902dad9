import Grid
import Testing

@testable import Hub

@Suite("Tasks from state to state")
struct TaskTransitionsTests {
    @Test("A task that ends well: every state is stored and told, in order, and the end comes in two events")
    func success() throws {
        var scene = Scene()
        scene.admitWorker(1)
        let submitted = scene.submit(scene.wish(1))
        #expect(submitted.updates.map(\.kind) == [.created, .status])
        #expect(submitted.moves == ["pending>assigned"] && submitted.orderNames == ["1 assign"])
        #expect(submitted.submitted.map(\.record.state) == [.pending], "as it was when it was stored")
        let lease = try #require(scene.record(1)?.leases.first)
        #expect(lease.gpus == 1 && lease.milliPerGPU == 1000 && lease.billableMilli == 1000 && lease.phase == .offered)
        #expect(submitted.statuses.last?.status == nil, "nobody looks at nodes")
        #expect(scene.summary(.test(1))?.status == .busy && scene.summary(.test(1))?.currentTask == .test(1))

        #expect(scene.report(1, scene.run(1), .started).moves == ["assigned>running"])
        scene.wait(milliseconds: 1500)
        let ended = scene.end(1, scene.run(1), ran: 1400)
        #expect(
            ended.updates.map(\.kind) == [.result, .status] && ended.updates.map(\.state) == [.running, .completed])
        #expect(ended.updates.allSatisfy { $0.result?.output == "{}" && $0.costMicros == 0 })
        #expect(ended.updates.last?.jobEnd == .completed)
        #expect(ended.orderNames == ["1 settled true"])
        let stored = try #require(ended.persisted.lastIndex { if case .task = $0 { true } else { false } })
        guard case .task(let record) = ended.persisted[stored] else { return }
        #expect(record.state == .completed && record.result?.ranMilliseconds == 1400 && record.endedAt != nil)
        #expect(scene.summary(.test(1))?.status == .online && scene.hub.router.heldGPUMilli == 0)
    }

    @Test("A fault of the task itself is its end; a run that never began may say so")
    func failure() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1))
        let ended = scene.end(1, scene.run(1), .exitStatus)
        #expect(ended.moves == ["assigned>failed"] && scene.record(1)?.result?.fault == .exitStatus)
        #expect(scene.hub.router.heldGPUMilli == 0)
    }

    @Test("A success whose start was not told was running nonetheless")
    func unseenStart() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1))
        #expect(scene.end(1, scene.run(1)).moves == ["assigned>running", "running>completed"])
    }

    @Test("What was paid for cannot exceed what was possible")
    func meter() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1) { $0.timeoutSeconds = 3 }, scene.wish(2) { $0.timeoutSeconds = 3 })
        scene.report(1, scene.run(1), .started)
        scene.wait(milliseconds: 2000)
        scene.end(1, scene.run(1), ran: 1_000_000)
        #expect(scene.record(1)?.leases.first?.ranMilliseconds == 2000)
        scene.wait(milliseconds: 9000)
        scene.apply(.agentHeard(SessionID(bits: 1)))
        scene.end(1, scene.run(2), ran: 1_000_000)
        #expect(scene.record(2)?.leases.first?.ranMilliseconds == 3000)
    }

    @Test("A fault of the node: lost, then waiting, then elsewhere under a new epoch, and at last failed for good")
    func retry() throws {
        var scene = Scene()
        scene.admitWorker(1)
        scene.admitWorker(2)
        scene.submit(scene.wish(1) { $0.attempts = 2 })
        let first = try #require(scene.place(1))
        let lost = scene.end(first, scene.run(1), .spawn)
        #expect(lost.moves == ["assigned>lost", "lost>pending"] && scene.record(1)?.leases.isEmpty == true)
        #expect(lost.orderNames == ["\(first) settled true"])
        #expect(scene.record(1)?.excludedNodes == [.test(first)] && scene.record(1)?.result == nil)
        scene.live(seconds: 2, sessions: [1, 2])
        #expect(scene.place(1) == 3 - first && scene.record(1)?.epoch == 2 && scene.record(1)?.attempts == 2)
        let last = scene.end(3 - first, scene.run(1), .deviceFailed)
        #expect(last.moves == ["assigned>lost", "lost>failed"])
        #expect(scene.record(1)?.result?.fault == .deviceFailed)
    }

    @Test("A task avoids a node where it failed only as long as there is another")
    func onlyNode() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1))
        scene.end(1, scene.run(1), .spawn)
        #expect(scene.record(1)?.excludedNodes == [])
        scene.live(seconds: 2, sessions: [1])
        #expect(scene.place(1) == 1 && scene.record(1)?.epoch == 2)

        var pair = Scene()
        pair.admitWorker(1)
        pair.admitWorker(2)
        pair.apply(.agentGone(SessionID(bits: 2), goodbye: true))
        pair.submit(pair.wish(1))
        pair.end(1, pair.run(1), .spawn)
        #expect(pair.record(1)?.excludedNodes == [.test(1)], "the other one may come back")
        pair.live(seconds: 29, sessions: [1])
        #expect(pair.state(1) == .pending)
        pair.live(seconds: 8, sessions: [1])
        #expect(pair.place(1) == 1, "it did not")
    }

    @Test("Nothing but the present lease counts: old epochs, other nodes, other members, sessions that are fenced")
    func fence() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.admitWorker(2)
        scene.submit(scene.wish(1))
        let node = scene.place(1)!
        let run = scene.run(1)
        let other = 3 - node
        for wrong in [
            RunID(task: .test(1), epoch: 0, member: 0), RunID(task: .test(1), epoch: 2, member: 0),
            RunID(task: .test(1), epoch: 1, member: 1), RunID(task: .test(1), epoch: 1, member: -1),
            RunID(task: .test(2), epoch: 1, member: 0),
        ] {
            #expect(scene.end(node, wrong).orderNames == ["\(node) settled false"])
            #expect(scene.report(node, wrong, .started).isEmpty)
        }
        #expect(scene.end(other, run).orderNames == ["\(other) settled false"])
        #expect(scene.state(1) == .assigned)
        scene.prove(7, .test(node), token: UInt8(node), previous: node, specifications: .worker(1))
        #expect(scene.end(node, run).refusals == [.fenced])
        #expect(scene.end(50, run).refusals == [.outOfOrder])
        #expect(scene.state(1) == .assigned)
        #expect(scene.end(7, run).orderNames == ["7 settled true"])
        #expect(scene.end(7, run).orderNames == ["7 settled true"], "said again: it counted")
        #expect(scene.end(7, run, .exitStatus).moves.isEmpty && scene.state(1) == .completed, "an end is final")
    }

    @Test("Told progress never falls, keeps to its rate, and what is withheld is told in time or before the end")
    func progress() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1))
        let run = scene.run(1)
        func told(_ effects: [Effect]) -> [Int] { effects.progresses.map(\.progress.percent) }
        #expect(told(scene.report(1, run, .progress(ProgressReport(sequence: 1, percent: 10)))) == [10])
        #expect(scene.state(1) == .running)
        #expect(told(scene.report(1, run, .progress(ProgressReport(sequence: 2, percent: 30)))) == [])
        #expect(
            told(scene.report(1, run, .progress(ProgressReport(sequence: 2, percent: 90)))) == [], "a sequence rises")
        #expect(told(scene.report(1, run, .progress(ProgressReport(sequence: 3, percent: 20)))) == [])
        #expect(told(scene.run(milliseconds: 500)) == [30])
        #expect(told(scene.run(milliseconds: 5000)) == [])
        #expect(told(scene.report(1, run, .progress(ProgressReport(sequence: 9, percent: 500)))) == [100])
        #expect(told(scene.report(1, run, .progress(ProgressReport(sequence: 10, percent: 3)))) == [])
        let ended = scene.end(1, run)
        #expect(told(ended) == [100])
        let order = ended.logged.map(\.event)
        guard case .taskProgressed = order.first else {
            Issue.record("what was withheld comes before the end")
            return
        }
    }

    @Test("A node's present task is the one that it has had for longest, and it is busy once no GPU is left")
    func presentTask() {
        var scene = Scene()
        scene.admitWorker(1, gpus: 2)
        func standing() -> [String?] {
            let summary = scene.summary(.test(1))
            return [summary?.status.name, summary?.currentTask?.description]
        }
        #expect(standing() == ["online", nil])
        scene.submit(scene.wish(1))
        #expect(standing() == ["online", "\(TaskID.test(1))"])
        scene.submit(scene.wish(2))
        #expect(standing() == ["busy", "\(TaskID.test(1))"])
        scene.end(1, scene.run(1))
        #expect(standing() == ["online", "\(TaskID.test(2))"])
        scene.end(1, scene.run(2))
        #expect(standing() == ["online", nil])
    }

    @Test("A task that waits is cancelled at once; one that runs too, and its devices are free when its run has ended")
    func cancel() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1), scene.wish(2))
        #expect(scene.cancel(2).moves == ["pending>cancelled"])
        scene.report(1, scene.run(1), .started)
        let cancelled = scene.cancel(1)
        #expect(cancelled.moves == ["running>cancelled"] && cancelled.orderNames == ["1 cancel"])
        #expect(scene.hub.router.heldGPUMilli == 1000 && scene.summary(.test(1))?.status == .busy)
        #expect(scene.summary(.test(1))?.currentTask == nil)
        scene.submit(scene.wish(3))
        #expect(scene.state(3) == .pending, "the devices are not free yet")
        #expect(scene.cancel(1).moves.isEmpty && scene.cancel(1).persisted.count == 1, "told again when it is stored")
        let ended = scene.end(1, scene.run(1), .cancelled)
        #expect(ended.orderNames == ["1 settled false", "1 assign"] && scene.state(3) == .assigned)
        scene.end(1, scene.run(3))
        #expect(scene.cancel(3).refusals == [.notCancellable])
        #expect(scene.cancel(9).refusals == [.notFound])
        #expect(scene.cancel(3, as: Asker(user: UserID("bert"), isAdmin: false)).refusals == [.notFound])
    }

    @Test("A gang starts together, ends together, and fails together")
    func gang() {
        var scene = Scene()
        for node in UInt64(1)...3 { scene.admitWorker(node) }
        scene.submit(scene.wish(1) { $0.gangSize = 4 })
        #expect(scene.state(1) == nil, "no node could ever hold four")
        scene.submit(scene.wish(1) { $0.gangSize = 3 }, scene.wish(2))
        #expect(scene.record(1)?.leases.count == 3 && scene.state(2) == .pending)
        let nodes = scene.record(1)!.leases.map(\.node.uuid.low)
        #expect(scene.report(nodes[1], scene.run(1, member: 1), .started).moves == ["assigned>running"])
        #expect(scene.end(nodes[0], scene.run(1, member: 0)).moves == [])
        #expect(scene.state(1) == .running)
        let lost = scene.end(nodes[1], scene.run(1, member: 1), .deviceFailed)
        #expect(lost.moves.prefix(2) == ["running>lost", "lost>pending"])
        #expect(lost.orderNames.contains("\(nodes[2]) stop device_failed"))
        // The third member's device is taken until it ends; the others are free.
        #expect(scene.state(2) == .assigned)
        #expect(scene.end(nodes[2], scene.run(1, member: 2, epoch: 1)).orderNames.contains("\(nodes[2]) settled false"))
        scene.end(scene.place(2)!, scene.run(2))
        scene.live(seconds: 32, sessions: [1, 2, 3])
        #expect(scene.record(1)?.epoch == 2, "with the node where it failed, since there is no other")
        for (member, lease) in scene.record(1)!.leases.enumerated() {
            scene.end(lease.node.uuid.low, scene.run(1, member: member))
        }
        #expect(scene.state(1) == .completed && scene.hub.router.heldGPUMilli == 0)
    }

    @Test("A run that nobody ends is ended from here")
    func backstop() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1) { $0.timeoutSeconds = 60 })
        scene.report(1, scene.run(1), .started)
        scene.live(seconds: 89, sessions: [1])
        #expect(scene.state(1) == .running)
        let ended = scene.live(seconds: 2, sessions: [1])
        #expect(ended.moves == ["running>failed"] && ended.orderNames == ["1 stop timeout"])
        #expect(scene.record(1)?.result?.fault == .timeout && scene.hub.router.heldGPUMilli == 1000)
        scene.run(milliseconds: 31_000)
        #expect(scene.hub.router.heldGPUMilli == 0, "a silent node has it no longer")
    }

    @Test("What the operator sets about routing holds: a task that starves goes before one of a higher priority")
    func routing() {
        var configuration = HubConfiguration()
        configuration.routing.starvationNanoseconds = 1_000_000_000
        var scene = Scene(configuration: configuration)
        scene.admitWorker(1)
        scene.submit(scene.wish(1), scene.wish(2))
        scene.live(seconds: 2, sessions: [1])
        scene.submit(scene.wish(3) { $0.priority = 10 })
        scene.end(1, scene.run(1))
        #expect(scene.state(2) == .assigned && scene.state(3) == .pending)
    }

    @Test("One request may bring more tasks than a node may have runs; the rest waits")
    func runsOfOneNode() {
        var scene = Scene()
        scene.admitWorker(1)
        let wishes = (1...UInt64(Limits.runsPerNode + 10)).map { number in
            scene.wish(number, .none) {
                $0.resources.cpuMilli = 1
                $0.resources.memoryMebibytes = 1
            }
        }
        let effects = scene.apply(.tasksSubmitted(RequestID(session: SessionID(bits: 99), number: 1), wishes))
        #expect(effects.refusals.isEmpty && effects.orders.count == Limits.runsPerNode)
        #expect(scene.end(1, scene.run(1)).orderNames == ["1 settled true", "1 assign"])
    }
}
