import Grid
import Testing

@testable import Hub

@Suite("Inventory")
struct OnAgentInventoryTests {
    let node = NodeID.test(5)

    @Test("A changed machine is stored, an unchanged one is not, and health expects what it names")
    func changes() {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        let session = SessionID(bits: 1)
        #expect(scene.apply(.agentInventory(session, .oneGPU)).isEmpty)
        #expect(scene.apply(.agentInventory(session, .gpus(2))).persisted.count == 1)
        #expect(scene.summary(node)?.record.specifications == .gpus(2))
        scene.send(1, 1)
        #expect(scene.summary(node)?.health.coveragePercent ?? 100 < 100)
    }

    @Test(
        "An agent that goes on changing its mind is believed at once and stored once in ten seconds, the last word last"
    )
    func throttled() throws {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        scene.send(1, 1)
        let session = SessionID(bits: 1)
        var stored: [NodeRecord] = []
        func note(_ effects: [Effect]) {
            for case .node(let record) in effects.persisted { stored.append(record) }
        }
        for number in 1...100 {
            note(scene.apply(.agentInventory(session, .gpus(1 + number % 3))))
            #expect(scene.summary(node)?.record.specifications == .gpus(1 + number % 3))
            scene.wait(milliseconds: 20)
        }
        #expect(stored.count == 1)
        note(scene.run(milliseconds: 60_000))
        #expect(stored.count == 2, "what came meanwhile is stored once")
        #expect(stored.last?.specifications == .gpus(1 + 100 % 3))
        note(scene.apply(.agentInventory(session, .gpus(5))))
        #expect(stored.count == 3, "a quiet agent's change is stored at once")
    }

    @Test("A session that is not welcome yet is refused")
    func strangers() {
        var scene = Scene()
        #expect(scene.apply(.agentInventory(SessionID(bits: 4), .oneGPU)).refusals == [.outOfOrder])
    }
}
