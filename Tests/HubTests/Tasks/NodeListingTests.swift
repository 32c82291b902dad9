import Grid
import Testing

@testable import Hub

@Suite("What the market is told of nodes")
struct NodeListingTests {
    private static func scene() -> Scene {
        var scene = Scene()
        scene.apply(
            .sessionOpened(
                SessionID(bits: 500), Subscriber(user: UserID(""), permissions: .nodeRead, audience: 1, roomLimit: 0)))
        scene.join(500, .topics([.arrivals, .statuses, .listings], of: .nodes))
        return scene
    }

    private static func free(_ isAvailable: Bool) -> NodeListing {
        NodeListing(isAvailable: isAvailable, isRented: false)
    }
    private static let rented = NodeListing(isAvailable: false, isRented: true)

    @Test("A node comes on the market, is rented as a whole and comes back; each is told once")
    func rental() {
        var scene = Self.scene()
        scene.enrol(.test(1), token: 1)
        let came = scene.prove(1, .test(1), token: 1, specifications: .worker(2))
        #expect(came.listings == [Self.free(true)])
        #expect(scene.tellRuns(1, []).listings.isEmpty)
        #expect(scene.submit(scene.wish(101)).listings.isEmpty, "a card is left")
        #expect(scene.submit(scene.wish(102)).listings == [Self.rented])
        scene.report(1, scene.run(101), .started)
        #expect(scene.end(1, scene.run(101)).listings == [Self.free(true)])
        scene.report(1, scene.run(102), .started)
        #expect(scene.end(1, scene.run(102)).listings.isEmpty)
    }

    @Test("A listing comes behind the status that it goes with, with the node's price")
    func order() throws {
        var scene = Self.scene()
        scene.apply(
            .enrolmentRequested(
                RequestID(session: SessionID(bits: 99), number: 1),
                EnrolmentRequest(
                    node: .test(1), owner: UserID("o"), name: "n", pricePerHourMicros: 400_000, tokenDigest: .test(1),
                    timeToLiveSeconds: 900)))
        var introduction = scene.introduction(.test(1), token: 1, specifications: .worker(1))
        introduction.keyFingerprint = .test(7)
        let effects = scene.apply(.agentProved(SessionID(bits: 1), introduction))
        #expect(effects.publications.map(\.event.event.topic) == [.arrivals, .statuses, .listings])
        guard case .nodeListed(let listed)? = effects.publications.last?.event.event,
            case .nodeRegistered(let registered)? = effects.publications.first?.event.event
        else {
            Issue.record("\(effects)")
            return
        }
        #expect(listed.pricePerHourMicros == 400_000 && listed.updatedAt == scene.now.wall)
        #expect(registered.pricePerHourMicros == 400_000 && registered.keyFingerprint == .test(7))
    }

    @Test("A node that is silent, drained or out of favour is not available; one that returns is")
    func availability() {
        var scene = Self.scene()
        scene.admitWorker(1)
        #expect(scene.run(milliseconds: 11_000).listings == [Self.free(false)])
        #expect(scene.send(1, 1).listings == [Self.free(true)])
        let request = RequestID(session: SessionID(bits: 99), number: 9)
        func drain(_ drains: Bool) -> [NodeListing] {
            scene.apply(.nodeDrainRequested(request, .test(1), drains: drains, by: UserID("boss"))).listings
        }
        #expect(drain(true) == [Self.free(false)])
        #expect(drain(true).isEmpty)
        #expect(drain(false) == [Self.free(true)])
    }

    @Test("A start tells nobody anew what was so before")
    func restart() {
        var first = Scene()
        first.admitWorker(1)
        var scene = Scene(
            StoredState(nodes: first.hub.nodes.records, coordinatorID: UUID128(high: 7, low: 7)))
        scene.apply(
            .sessionOpened(
                SessionID(bits: 500), Subscriber(user: UserID(""), permissions: .nodeRead, audience: 1, roomLimit: 0)))
        scene.join(500, .topics([.statuses, .listings], of: .nodes))
        #expect(scene.prove(1, .test(1), specifications: .worker(1)).listings.isEmpty)
    }
}

extension [Effect] {
    fileprivate var listings: [NodeListing] {
        publications.compactMap { if case .nodeListed(let event) = $0.event.event { event.listing } else { nil } }
    }
}
