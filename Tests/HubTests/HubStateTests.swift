import Grid
import Testing

@testable import Hub

@Suite("Hub")
struct HubStateTests {
    @Test("A Hub that nobody uses asks to be woken by nobody")
    func idle() {
        var scene = Scene()
        #expect(scene.hub.nextDeadlineNanoseconds == nil)
        scene.open(7, .admin)
        for room in BaseRoom.allCases where room != .analytics { scene.join(7, .base(room)) }
        #expect(scene.hub.nextDeadlineNanoseconds == nil)
        #expect(scene.apply(.timePassed).isEmpty)
        scene.join(7, .base(.analytics))
        #expect(scene.hub.nextDeadlineNanoseconds == scene.now.monotonicNanoseconds + 5_000_000_000)
    }

    @Test("The next deadline is the earlier of leases and acknowledgements, and never later than what is due")
    func deadlines() {
        var scene = Scene()
        scene.admit(.test(5), session: 1, token: 1)
        let start = scene.now.monotonicNanoseconds
        #expect(scene.hub.nextDeadlineNanoseconds == start + 10_000_000_000)
        scene.send(1, 1)
        scene.wait(milliseconds: 400)
        scene.send(1, 2)
        #expect(scene.hub.nextDeadlineNanoseconds == start + 1_000_000_000)
        scene.run(milliseconds: 600)
        #expect(scene.hub.nextDeadlineNanoseconds == start + 10_000_000_000)
        scene.run(milliseconds: 9000)
        #expect(scene.hub.nextDeadlineNanoseconds == start + 10_400_000_000, "the lease was renewed by the sample")
    }

    @Test("What was persisted rebuilds the Hub, in whatever order the Store returns it")
    func rebuild() {
        var scene = Scene()
        var nodes: [NodeID: NodeRecord] = [:]
        var enrolments: [Digest256: EnrolmentRecord] = [:]
        var users: [UserRecord] = []
        func keep(_ effects: [Effect]) {
            for change in effects.persisted {
                switch change {
                case .node(let node): nodes[node.id] = node
                case .enrolment(let enrolment): enrolments[enrolment.tokenDigest] = enrolment
                case .user(let user): users.append(user)
                case .audit, .revocation, .event, .eventsTrimmed, .epochBegan, .toldEarly, .task, .taskForgotten, .job,
                    .transfer, .trust, .apiKey, .apiKeyForgotten, .alert, .alertForgotten:
                    break
                }
            }
        }
        for number in UInt8(1)...5 { keep(scene.enrol(.test(UInt64(number)), token: number)) }
        for number in UInt8(1)...3 { keep(scene.prove(UInt64(number), .test(UInt64(number)), token: number)) }
        #expect(users.map(\.id) == [UserID("owner")])

        var again = Scene(
            StoredState(
                nodes: Array(nodes.values), enrolments: Array(enrolments.values), users: users,
                coordinatorID: UUID128(high: 7, low: 7)))
        for number in UInt64(1)...3 {
            let record = scene.summary(.test(number))?.record
            #expect(again.summary(.test(number))?.record == record)
        }
        #expect(again.prove(1, .test(1), token: 1).welcomes.map(\.epoch) == [2], "the epoch rises over restarts")
        #expect(again.prove(4, .test(2), token: 2, key: 9).refusals == [.enrolmentUsed])
        #expect(again.prove(5, .test(4), token: 4).welcomes.count == 1)
        #expect(again.hub.coordinatorID == UUID128(high: 7, low: 7))
    }

    @Test("The same seed draws the same epochs, another seed other ones")
    func seeds() {
        let epochs = [1, 1, 2].map { Scene(seed: $0).hub.rooms.log(.nodes).epoch }
        #expect(epochs[0] == epochs[1] && epochs[1] != epochs[2])
    }
}
