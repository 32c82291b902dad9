import Grid
import Testing

@testable import Hub

@Suite("Enrolment")
struct OnEnrolmentRequestedTests {
    let node = NodeID.test(5)

    @Test("A wish is stored first and answered behind it, the owner's first record included")
    func stored() {
        var scene = Scene()
        let effects = scene.enrol(node, token: 1)
        guard case .user(let user) = effects.persisted[0], case .node(let record) = effects.persisted[1],
            case .enrolment(let enrolment) = effects.persisted[2], case .audit(let entry) = effects.persisted[3]
        else {
            Issue.record("user, node, enrolment, audit expected: \(effects)")
            return
        }
        #expect(user.id == UserID("owner"))
        #expect(record.id == node && record.publicKey == nil && record.registeredAt == nil)
        #expect(enrolment.expiresAt == scene.now.wall.adding(milliseconds: 900_000) && enrolment.usedAt == nil)
        #expect(entry.kind == .enrolmentRequested && entry.node == node)
        guard case .answer(_, .enrolled(node))? = effects.last else {
            Issue.record("the answer comes last: \(effects)")
            return
        }
        let second = scene.enrol(.test(6), token: 2)
        #expect(!second.persisted.contains { if case .user = $0 { true } else { false } })
    }

    @Test(
        "A wish that says nonsense is refused and stores nothing",
        arguments: [
            EnrolmentRequest(
                node: .test(1), owner: UserID(""), name: "n", tokenDigest: .test(1), timeToLiveSeconds: 60),
            EnrolmentRequest(
                node: .test(1), owner: UserID("o"), name: "", tokenDigest: .test(1), timeToLiveSeconds: 60),
            EnrolmentRequest(
                node: .test(1), owner: UserID("o"), name: String(repeating: "n", count: 129), tokenDigest: .test(1),
                timeToLiveSeconds: 60),
            EnrolmentRequest(
                node: .test(1), owner: UserID("o"), name: "n",
                location: NodeLocation(region: String(repeating: "r", count: 65)), tokenDigest: .test(1),
                timeToLiveSeconds: 60),
            EnrolmentRequest(
                node: .test(1), owner: UserID("o"), name: "n", pricePerHourMicros: -1, tokenDigest: .test(1),
                timeToLiveSeconds: 60),
            EnrolmentRequest(
                node: .test(1), owner: UserID("o"), name: "n", tokenDigest: .test(1), timeToLiveSeconds: 0),
            EnrolmentRequest(
                node: .test(1), owner: UserID("o"), name: "n", tokenDigest: .test(1), timeToLiveSeconds: .max),
        ])
    func nonsense(_ wish: EnrolmentRequest) {
        var scene = Scene()
        let effects = scene.apply(.enrolmentRequested(RequestID(session: SessionID(bits: 9), number: 1), wish))
        #expect(effects.refusals == [.badRequest])
        #expect(effects.count == 1)
    }

    @Test("A node or a token that is enrolled already is refused; so is one node too many")
    func doubles() {
        var configuration = HubConfiguration()
        configuration.maximumNodes = 2
        var scene = Scene(configuration: configuration)
        scene.enrol(node, token: 1)
        #expect(scene.enrol(node, token: 2).refusals == [.badRequest])
        #expect(scene.enrol(.test(6), token: 1).refusals == [.badRequest])
        #expect(scene.enrol(.test(6), token: 2).refusals == [])
        #expect(scene.enrol(.test(7), token: 3).refusals == [.unavailable])
    }

    @Test("A node that never proved itself is in no list, no room and no answer")
    func unseen() {
        var scene = Scene()
        scene.enrol(node, token: 1)
        #expect(scene.summary(node) == nil)
        scene.open(7)
        #expect(scene.join(7, .node(node)).refusals == [.unknownRoom])
    }
}
