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

    @Test("A session that is not welcome yet is refused")
    func strangers() {
        var scene = Scene()
        #expect(scene.apply(.agentInventory(SessionID(bits: 4), .oneGPU)).refusals == [.outOfOrder])
    }
}
