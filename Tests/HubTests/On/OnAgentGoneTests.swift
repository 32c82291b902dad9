import Grid
import Testing

@testable import Hub

@Suite("An agent's end")
struct OnAgentGoneTests {
    let node = NodeID.test(5)

    @Test("The end of a session that speaks for no node means nothing")
    func strangers() {
        var scene = Scene()
        for goodbye in [true, false] {
            #expect(scene.apply(.agentGone(SessionID(bits: 4), goodbye: goodbye)).isEmpty)
        }
    }

    @Test("A goodbye behind the lease's end is no second offline event")
    func lateGoodbye() {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        scene.run(milliseconds: 10_000)
        let end = scene.hub.rooms.log(.nodes).end
        #expect(scene.apply(.agentGone(SessionID(bits: 1), goodbye: true)).isEmpty)
        #expect(scene.hub.rooms.log(.nodes).end == end)
        #expect(scene.summary(node)?.health.reasons.map(\.code) == ["agent_stopped"])
    }

    @Test("After its end the session is a stranger's, whatever it still sends")
    func afterlife() {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: true))
        #expect(scene.send(1, 1).refusals == [.outOfOrder])
        #expect(scene.apply(.agentHeard(SessionID(bits: 1))).isEmpty)
        #expect(scene.summary(node)?.status == .offline)
    }
}
