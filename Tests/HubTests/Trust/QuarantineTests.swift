import Grid
import Testing

@testable import Hub

@Suite("Quarantine")
struct QuarantineTests {
    func sameGPU() -> NodeSpecifications {
        var facts = NodeSpecifications.oneGPU
        facts.runners = ["selftest"]
        return facts
    }

    /// Tells the Hub of GPUs by their bare UUIDs, which the scene's hello makes each node's own.
    func inventory(_ scene: inout TrustScene, _ node: UInt8, _ uuid: String) -> [Effect] {
        var facts = sameGPU()
        facts.gpus[0].uuid = uuid
        let effects = scene.scene.apply(.agentInventory(SessionID(bits: UInt64(node)), facts))
        scene.keep(effects)
        return effects
    }

    @Test("A second node with a registered GPU is kept out, the first stays; it is stored and audited")
    func duplicate() {
        var scene = TrustScene(nodes: 2)
        _ = inventory(&scene, 1, "GPU-x")
        let effects = inventory(&scene, 2, "GPU-x")
        #expect(scene.reason(1) == nil && scene.reason(2) == .duplicateGPU)
        #expect(effects.audits.map(\.kind) == [.nodeQuarantined])
        #expect(effects.audits.first?.detail == "duplicate_gpu: GPU-x is in the node \(NodeID.test(1))")
        #expect(scene.scene.hub.mayGetTasks(.test(1)) && !scene.scene.hub.mayGetTasks(.test(2)))
        let again = inventory(&scene, 2, "GPU-x")
        #expect(again.audits.isEmpty, "said once")
    }

    @Test("At a hello too, and after a restart who came first still does")
    func hello() {
        var scene = TrustScene(nodes: 2)
        _ = inventory(&scene, 1, "GPU-x")
        scene.scene.wait(milliseconds: 20_000)
        scene.keep(scene.scene.run(milliseconds: 0))
        scene.restart()
        var facts = sameGPU()
        facts.gpus[0].uuid = "GPU-x"
        scene.hello(2, session: 12, facts)
        #expect(scene.reason(2) == nil, "its own name stands in the scene's UUID")
        let effects = scene.scene.apply(.agentInventory(SessionID(bits: 12), facts))
        scene.keep(effects)
        #expect(scene.reason(2) == .duplicateGPU)
    }

    @Test("An operator who lets it in again gives it the GPU: now the other one is kept out, also after a restart")
    func released() {
        var scene = TrustScene(nodes: 2)
        _ = inventory(&scene, 1, "GPU-x")
        _ = inventory(&scene, 2, "GPU-x")
        let effects = scene.quarantine(2, false, detail: "moved the card")
        #expect(effects.audits.map(\.kind) == [.nodeReleased])
        #expect(scene.reason(2) == nil && scene.scene.hub.mayGetTasks(.test(2)))
        #expect(scene.trust[.test(2)]?.detail == "released by root, was duplicate_gpu: moved the card")
        #expect(scene.scene.hub.trust.claims.holder(of: "GPU-x") == .test(2))
        // What is stored of the inventories may be older; this is what a stop in good order leaves.
        for node in [NodeID.test(1), .test(2)] { scene.nodes[node]?.specifications?.gpus[0].uuid = "GPU-x" }
        scene.restart()
        #expect(scene.scene.hub.trust.claims.holder(of: "GPU-x") == .test(2))
    }

    @Test("Readings that cannot be true end in quarantine")
    func implausible() {
        var scene = TrustScene(nodes: 1)
        for sequence in UInt64(1)...70 {
            scene.scene.wait(milliseconds: 1000)
            scene.keep(
                scene.scene.send(1, sequence) { sample in
                    sample.gpus[0].memoryTotalBytes = 80 << 30
                    sample.gpus[0].memoryUsedBytes = 81 << 30
                })
        }
        #expect(scene.reason(1) == .implausibleMetrics)
        #expect(scene.trust[.test(1)]?.detail == "GPU 0 uses more memory than it has")
    }

    @Test("An operator's word: stored, audited, answered; its reason is the last")
    func byOperator() {
        var scene = TrustScene(nodes: 1)
        let effects = scene.quarantine(1, true, detail: "smells of smoke")
        #expect(scene.reason(1) == .byOperator && scene.trust[.test(1)]?.since == scene.scene.now.wall)
        #expect(effects.audits.map(\.user) == [UserID("root")])
        guard case .answer(_, .node(let summary?))? = effects.last else {
            Issue.record("no answer")
            return
        }
        #expect(summary.id == .test(1))
        #expect(scene.quarantine(1, true, detail: "smells of smoke").persisted.isEmpty)
        scene.restart()
        #expect(!scene.scene.hub.mayGetTasks(.test(1)), "it survives a restart")
        #expect(!scene.quarantine(1, false).persisted.isEmpty)
        #expect(scene.quarantine(1, false).persisted.isEmpty, "it is let in already")
        #expect(scene.scene.hub.mayGetTasks(.test(1)))
    }

    @Test("Nodes that are not there, and reasons that are too long, change nothing")
    func refused() {
        var scene = TrustScene(nodes: 1)
        guard case .answer(_, .node(nil))? = scene.quarantine(9, true).first else {
            Issue.record("a node that is not there")
            return
        }
        let long = String(repeating: "x", count: Limits.taskMessageBytes)
        #expect(scene.quarantine(1, true, detail: long).refusals == [.badRequest])
        #expect(scene.scene.hub.mayGetTasks(.test(1)))
    }

    @Test("Asked for, suspects are listed in the order of their identifiers, also when they were let in again")
    func query() {
        var scene = TrustScene(nodes: 3)
        _ = scene.quarantine(3, true)
        _ = scene.quarantine(2, true)
        _ = scene.quarantine(2, false)
        let effects = scene.scene.apply(.query(RequestID(session: SessionID(bits: 99), number: 3), .trust))
        guard case .answer(_, .trust(let told))? = effects.first else {
            Issue.record("no answer")
            return
        }
        #expect(told.map(\.node) == [.test(2), .test(3)])
        #expect(told.map(\.quarantine) == [nil, .byOperator])
    }
}
