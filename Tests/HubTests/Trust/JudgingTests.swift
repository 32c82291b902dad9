import Grid
import Testing

@testable import Hub

@Suite("Judging")
struct JudgingTests {
    func replicating(_ nodes: UInt8) -> TrustScene { TrustScene(nodes: nodes) { $0.replicationBasisPoints = 500 } }

    @Test("By default every result counts, and nothing is run again")
    func off() {
        var scene = TrustScene(nodes: 3)
        let task = scene.task(on: 1, "a")
        #expect(scene.judge(task) == .counts && scene.checks.isEmpty)
    }

    @Test("An unknown node's result waits for a copy on another owner's node; the agreeing ones are confirmed")
    func agrees() {
        var scene = replicating(3)
        let task = scene.task(on: 1, "a")
        #expect(scene.judge(task) == .awaitsCopy)
        #expect(scene.checks.count == 1)
        let copy = scene.checks[0]
        #expect(copy.isCheck && copy.heldMicros == 0 && copy.specification.runner == "selftest")
        guard case .copy(of: task.id, let other)? = CheckPurpose(key: copy.key) else {
            Issue.record("no copy")
            return
        }
        #expect(other != .test(1))
        #expect(scene.answer { _ in "a" } == other)
        #expect(scene.verified(1) == 1 && scene.trust[other]?.verifiedResults == 1)
        #expect(scene.scene.hub.trust.comparisons.isEmpty && scene.checks.isEmpty)
    }

    @Test("Two that differ ask a third, and who stands alone is kept out")
    func differs() {
        for cheats in [true, false] {
            var scene = replicating(3)
            let task = scene.task(on: 1, cheats ? "wrong" : "a")
            #expect(scene.judge(task) == .awaitsCopy)
            let second = scene.answer { _ in cheats ? "a" : "wrong" }
            #expect(scene.trust.values.allSatisfy { $0.quarantine == nil }, "nobody is guilty yet")
            let third = scene.answer { _ in "a" }
            #expect(Set([second, third]) == [NodeID.test(2), .test(3)])
            let loser = cheats ? NodeID.test(1) : second
            #expect(scene.trust.values.filter { $0.quarantine == .wrongResult }.map(\.node) == [loser])
            #expect(scene.scene.hub.trust.comparisons.isEmpty)
        }
    }

    @Test("Nodes of the same owner do not confirm each other, nor do those kept out")
    func independent() {
        var scene = replicating(2)
        #expect(!scene.quarantine(2, true).isEmpty)
        let task = scene.task(on: 1, "a")
        #expect(scene.judge(task) == .counts, "nobody else can be asked")
        #expect(scene.verified(1) == 0)
    }

    @Test("A copy that tells nothing is tried elsewhere; after three the result counts and speaks for nobody")
    func vain() {
        var scene = replicating(4)
        let task = scene.task(on: 1, "a")
        #expect(scene.judge(task) == .awaitsCopy)
        for _ in 0..<Comparison.vainAtMost { #expect(scene.fail(.nodeLost) != nil) }
        #expect(scene.checks.isEmpty && scene.scene.hub.trust.comparisons.isEmpty)
        #expect(scene.verified(1) == 0 && scene.trust.values.allSatisfy { $0.quarantine == nil })
    }

    @Test("A copy waits a minute for its node, then another node's is asked; nobody's task waits for ever")
    func patience() throws {
        var scene = replicating(4)
        let task = scene.task(on: 1, "a")
        #expect(scene.judge(task) == .awaitsCopy)
        // None of these nodes has said what it runs: all are there, and none is given anything.
        scene.run(milliseconds: 55_000)
        #expect(scene.checks.count == 1)
        scene.run(milliseconds: 10_000)
        #expect(scene.checks.count == 2)
        let asked = scene.checks.compactMap { CheckPurpose(key: $0.key)?.node }
        #expect(!asked.contains(.test(1)))
        scene.run(milliseconds: 125_000)
        #expect(scene.checks.count == Comparison.vainAtMost && scene.scene.hub.trust.comparisons.isEmpty)
        #expect(scene.verified(1) == 0 && scene.trust.values.allSatisfy { $0.quarantine == nil })
    }

    @Test("A copy that fails for the task's own reasons contradicts a result")
    func failingCopies() {
        var scene = replicating(3)
        let task = scene.task(on: 1, "a")
        #expect(scene.judge(task) == .awaitsCopy)
        scene.fail(.exitStatus)
        scene.fail(.exitStatus)
        #expect(scene.reason(1) == .wrongResult)
    }

    @Test("Gangs and runners that nobody calls comparable are not run again")
    func exempt() {
        var scene = replicating(3)
        var gang = scene.task(on: 1, "a")
        gang.specification.gangSize = 2
        #expect(scene.judge(gang) == .counts)
        var other = scene.task(on: 1, "a")
        other.specification.runner = "command"
        #expect(scene.judge(other) == .counts)
    }

    @Test("A task that ends meanwhile is forgotten, and its copy's answer means nothing")
    func cancelled() {
        var scene = replicating(3)
        var task = scene.task(on: 1, "a")
        #expect(scene.judge(task) == .awaitsCopy)
        task.state = .cancelled
        var effects: [Effect] = []
        scene.scene.hub.noteEnd(of: task, scene.scene.now, &effects)
        scene.answer { _ in "b" }
        #expect(scene.checks.isEmpty && scene.trust.values.allSatisfy { $0.quarantine == nil })
    }

    @Test("After a restart what was asked is still asked, and earlier answers still stand")
    func restart() {
        var scene = replicating(3)
        let task = scene.task(on: 1, "wrong")
        #expect(scene.judge(task) == .awaitsCopy)
        var first = scene.checks[0]
        let node = scene.answer { _ in "a" }
        first.state = .completed
        first.result = TaskResult()
        first.result?.output = "a"
        var records = [task, first]
        if let second = scene.checks.first { records.append(second) }
        scene.restart(records)
        for number in UInt8(1)...3 { scene.hello(number, session: UInt64(number) + 10) }
        #expect(scene.scene.hub.trust.comparisons[task.id]?.votes.count == 2)
        #expect(scene.answer { _ in "a" } != node)
        #expect(scene.reason(1) == .wrongResult)
    }

    // MARK: Challenges

    func challenging() -> TrustScene {
        TrustScene(nodes: 1) { $0.challengeEveryNanoseconds = 60_000_000_000 }
    }

    func right(_ check: TaskRecord) -> String {
        let digits = String(Challenge(check.specification)?.value ?? 0, radix: 16)
        return "{\"value\":\"" + String(repeating: "0", count: 16 - digits.count) + digits + "\"}"
    }

    @Test("Nodes are challenged one at a time, about as often as configured; right answers make nobody trusted")
    func challenges() {
        var scene = challenging()
        var answered = 0
        for _ in 0..<20 {
            scene.run(milliseconds: 60_000)
            #expect(scene.checks.count <= 1)
            if scene.answer(right) != nil { answered += 1 }
        }
        #expect((10...20).contains(answered))
        #expect(scene.trust.isEmpty, "nothing worth keeping")
    }

    @Test("Three wrong answers in a row keep a node out; a right one in between begins anew")
    func wrong() {
        var scene = challenging()
        func next() { while scene.checks.isEmpty { scene.run(milliseconds: 10_000) } }
        for output in ["{}", "{}", nil, "{}", "{}"] {
            next()
            scene.answer { check in output ?? right(check) }
            #expect(scene.reason(1) == nil)
        }
        next()
        scene.fail(.rejected)
        #expect(scene.reason(1) == .challengeFailed)
        #expect(scene.trust[.test(1)]?.detail == "3 challenges in a row failed; of the last it ended as rejected")
        scene.run(milliseconds: 300_000)
        #expect(scene.checks.isEmpty, "whoever is out is not asked")
    }

    @Test("A challenge that was lost with its node says nothing")
    func lost() {
        var scene = challenging()
        for _ in 0..<5 {
            while scene.checks.isEmpty { scene.run(milliseconds: 10_000) }
            scene.fail(.nodeLost)
        }
        #expect(scene.trust.isEmpty)
    }
}
