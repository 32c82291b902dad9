import Grid
import Testing

@testable import Hub

/// Every way to knock, at the hello and at the proof.
@Suite("Admission")
struct AdmissionTests {
    let node = NodeID.test(5)

    struct Knock: Sendable, CustomTestStringConvertible {
        var story: String
        var node: NodeID?
        var token: UInt8?
        var key: UInt8 = 1
        var outcome: Refusal.Code?
        var testDescription: String { story }
    }

    /// Token 1 is used for node 5 by key 1; token 2 waits for node 6; token 3 for node 7 has expired;
    /// token 9 is nobody's.
    static let knocks = [
        Knock(story: "a fresh token", token: 2, key: 2),
        Knock(story: "a fresh token, with an identity that is not ours", node: .test(44), token: 2, key: 2),
        Knock(story: "an unknown token", token: 9, outcome: .enrolmentUnknown),
        Knock(story: "a used token with another key", token: 1, key: 2, outcome: .enrolmentUsed),
        Knock(story: "a used token again with the key it registered", token: 1, key: 1),
        Knock(story: "an expired token", token: 3, key: 3, outcome: .enrolmentExpired),
        Knock(story: "the node's own key", node: .test(5)),
        Knock(story: "the node's own key, a used token still in the command line", node: .test(5), token: 1),
        Knock(story: "the node's own key, an unknown token in the command line", node: .test(5), token: 9),
        Knock(story: "another key", node: .test(5), key: 2, outcome: .unknownNode),
        Knock(story: "another key, an unknown token", node: .test(5), token: 9, key: 2, outcome: .enrolmentUnknown),
        Knock(story: "an unknown node", node: .test(44), outcome: .unknownNode),
        Knock(story: "an enrolled node without its token", node: .test(6), outcome: .unknownNode),
        Knock(story: "neither node nor token", outcome: .invalidMessage),
    ]

    func scene() -> Scene {
        var scene = Scene()
        scene.enrol(.test(7), token: 3, seconds: 1)
        scene.enrol(.test(5), token: 1)
        scene.enrol(.test(6), token: 2)
        scene.prove(1, .test(5), token: 1)
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: true))
        scene.wait(milliseconds: 1000)
        return scene
    }

    @Test("A hello is challenged or refused with its code, and changes nothing", arguments: knocks)
    func hello(_ knock: Knock) {
        var scene = scene()
        let greeting = AgentGreeting(
            node: knock.node, tokenDigest: knock.token.map { .test($0) }, publicKey: .key(knock.key))
        let effects = scene.apply(.agentHello(SessionID(bits: 2), greeting))
        #expect(effects.refusals == (knock.outcome.map { [$0] } ?? []))
        #expect(effects.challenges.count == (knock.outcome == nil ? 1 : 0))
        #expect(effects.persisted.isEmpty)
        if knock.outcome != nil { #expect(effects.audits.map(\.kind) == [.agentRefused]) }
    }

    @Test("The proof is decided as the hello was", arguments: knocks)
    func proof(_ knock: Knock) {
        var scene = scene()
        let challenged = knock.outcome == nil ? (knock.token == 2 ? NodeID.test(6) : .test(5)) : knock.node ?? .test(77)
        let effects = scene.prove(2, challenged, token: knock.token, key: knock.key)
        #expect(effects.welcomes.count == (knock.outcome == nil ? 1 : 0))
        if knock.outcome != nil {
            #expect(effects.refusals.count == 1)
            #expect(effects.persisted.isEmpty && effects.publications.isEmpty)
        }
    }

    @Test("A token at its very expiry is expired")
    func expiry() {
        for (milliseconds, outcome) in [(999, []), (1000, [Refusal.Code.enrolmentExpired])] {
            var scene = Scene()
            scene.enrol(node, token: 3, seconds: 1)
            scene.wait(milliseconds: Int64(milliseconds))
            let greeting = AgentGreeting(tokenDigest: .test(3), publicKey: .key(1))
            #expect(scene.apply(.agentHello(SessionID(bits: 2), greeting)).refusals == outcome)
        }
    }

    @Test("Of two agents challenged for one token, the first to prove itself gets the node")
    func race() {
        var scene = Scene()
        scene.enrol(node, token: 1)
        for key: UInt8 in [1, 2] {
            let greeting = AgentGreeting(tokenDigest: .test(1), publicKey: .key(key))
            #expect(scene.apply(.agentHello(SessionID(bits: UInt64(key)), greeting)).challenges == [node])
        }
        #expect(scene.prove(1, node, token: 1, key: 1).welcomes.count == 1)
        #expect(scene.prove(2, node, token: 1, key: 2).refusals == [.enrolmentUsed])
        #expect(scene.summary(node)?.record.publicKey == .key(1))
    }

    @Test("A proof for another node than the token's is refused")
    func foreignNode() {
        var scene = Scene()
        scene.enrol(node, token: 1)
        scene.enrol(.test(6), token: 2)
        #expect(scene.prove(1, .test(6), token: 1).refusals == [.invalidProof])
    }

    @Test("A key of the wrong length is refused, not compared")
    func shortKey() {
        var scene = Scene()
        scene.enrol(node, token: 1)
        let greeting = AgentGreeting(tokenDigest: .test(1), publicKey: [1, 2])
        #expect(scene.apply(.agentHello(SessionID(bits: 2), greeting)).refusals == [.invalidMessage])
    }

    @Test("While the coordinator drains, nobody new is let in")
    func drain() {
        var scene = scene()
        scene.apply(.drainStarted)
        let greeting = AgentGreeting(node: node, publicKey: .key(1))
        #expect(scene.apply(.agentHello(SessionID(bits: 2), greeting)).refusals == [.unavailable])
        #expect(scene.prove(2, node).refusals == [.unavailable])
        #expect(scene.enrol(.test(70), token: 70).refusals == [.unavailable])
    }
}
