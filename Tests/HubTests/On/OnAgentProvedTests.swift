import Grid
import Testing

@testable import Hub

@Suite("An agent's session")
struct OnAgentProvedTests {
    let node = NodeID.test(5)

    @Test("The first proof stores key and token, tells the registration and the status, then welcomes")
    func first() {
        var scene = Scene()
        scene.enrol(node, token: 1)
        scene.open(7)
        scene.join(7, .base(.nodes))
        let effects = scene.prove(1, node, token: 1)
        guard case .node(let record) = effects.persisted[0], case .enrolment(let enrolment) = effects.persisted[1]
        else {
            Issue.record("node and enrolment expected: \(effects)")
            return
        }
        #expect(record.publicKey == .key(1) && record.sessionEpoch == 1)
        #expect(record.registeredAt == scene.now.wall && record.specifications == .oneGPU)
        #expect(enrolment.usedAt == scene.now.wall)
        guard effects.publications.count == 2, case .nodeRegistered(let event) = effects.publications[0].event.event
        else {
            Issue.record("registration and status expected: \(effects)")
            return
        }
        #expect(event.node == node && event.owner == UserID("owner") && event.location.region == "us-east-1")
        #expect(effects.publications.map(\.event.position.offset) == [1, 2])
        #expect(effects.statuses.map(\.status) == [.online] && effects.statuses[0].previous == nil)
        #expect(effects.statuses[0].health.score == nil && effects.statuses[0].sample == nil)
        let welcome = effects.welcomes.first
        #expect(welcome?.epoch == 1 && welcome?.acked == 0 && welcome?.intervalMilliseconds == 1000)
        let lastPersist = effects.lastIndex { if case .persist = $0 { true } else { false } }
        let firstTold = effects.firstIndex {
            switch $0 {
            case .publish, .agentWelcome: true
            default: false
            }
        }
        if let lastPersist, let firstTold { #expect(lastPersist < firstTold) }
        guard case .agentWelcome? = effects.last else {
            Issue.record("the welcome comes last: \(effects)")
            return
        }
    }

    @Test("A later session raises the epoch, stores it, and tells nobody")
    func later() {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        scene.send(1, 1)
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: false))
        scene.wait(milliseconds: 3000)
        let effects = scene.prove(2, node)
        #expect(effects.publications.isEmpty && effects.fencings.isEmpty)
        #expect(effects.welcomes.map(\.epoch) == [2])
        #expect(effects.welcomes.map(\.acked) == [1])
        guard case .node(let record)? = effects.persisted.first else {
            Issue.record("the epoch is stored")
            return
        }
        #expect(record.sessionEpoch == 2)
    }

    @Test("A new stream is acknowledged from 0, the same one from where it stood")
    func streams() {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        for sequence in 1...3 { scene.send(1, UInt64(sequence)) }
        #expect(scene.prove(2, node, stream: 1).welcomes[0].acked == 3)
        #expect(scene.prove(3, node, stream: 2).welcomes[0].acked == 0)
        scene.send(3, 1)
        #expect(scene.summary(node)?.gaps.duplicateSamples == 0)
    }

    @Test("A newer session fences the older one without an offline flicker; the log says who it was")
    func fencing() {
        for (previous, isSame) in [(UInt64(1), true), (nil, false), (9, false)] as [(UInt64?, Bool)] {
            var scene = Scene()
            scene.admit(node, session: 1, token: 1)
            let effects = scene.prove(2, node, previous: previous)
            #expect(effects.fencings == [SessionID(bits: 1)])
            #expect(effects.publications.isEmpty)
            let entry = effects.audits.first { $0.kind == .agentFenced }
            #expect((entry?.detail == "the agent came back") == isSame)
            #expect(effects.persisted.contains { if case .audit = $0 { true } else { false } })

            #expect(scene.send(1, 1).refusals == [.fenced])
            #expect(scene.send(1, 2).refusals == [], "told once")
            #expect(scene.apply(.agentGone(SessionID(bits: 1), goodbye: true)).isEmpty, "its end means nothing")
            #expect(scene.summary(node)?.status == .online && scene.summary(node)?.isConnected == true)
            #expect(scene.summary(node)?.gaps.receivedSamples == 0)
        }
    }

    @Test("A fenced session that speaks again is in the log")
    func fencedSpeaks() {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        scene.prove(2, node)
        #expect(scene.send(1, 1).audits.map(\.detail) == ["the fenced session spoke again"])
        let greeting = AgentGreeting(node: node, publicKey: .key(1))
        #expect(scene.apply(.agentHello(SessionID(bits: 1), greeting)).refusals == [.fenced])
    }

    @Test("A session shakes hands once")
    func twice() {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        #expect(scene.prove(1, node).refusals == [.outOfOrder])
        let greeting = AgentGreeting(node: node, publicKey: .key(1))
        #expect(scene.apply(.agentHello(SessionID(bits: 1), greeting)).refusals == [.outOfOrder])
    }

    @Test("The agent's place fills in only what the operator left empty")
    func location() {
        var scene = Scene()
        scene.enrol(node, token: 1, region: "us-east-1")
        var introduction = scene.introduction(node, token: 1)
        introduction.location = NodeLocation(region: "moon", city: "Bonn", country: "Germany")
        scene.apply(.agentProved(SessionID(bits: 1), introduction))
        #expect(
            scene.summary(node)?.record.location
                == NodeLocation(region: "us-east-1", city: "Bonn", country: "Germany"))
    }
}
