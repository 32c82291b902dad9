import Grid
import Testing

@testable import Hub

/// Subscriptions to less than a whole log, as dialects other than the native one have them.
@Suite("Topics of rooms")
struct TopicsTests {
    private static let market = Room.topics([.arrivals, .statuses, .listings], of: .nodes)
    private static let arrivals = Room.topics(.arrivals, of: .nodes)
    private static func provider(_ number: UInt64) -> Room { .nodeTopics(.test(number), [.statuses, .readings]) }
    private static let qubix: UInt8 = 1

    private static func scene() -> Scene {
        var scene = Scene()
        scene.open(1)
        scene.apply(
            .sessionOpened(
                SessionID(bits: 2),
                Subscriber(user: UserID(""), permissions: .nodeRead, audience: qubix, roomLimit: 0)))
        return scene
    }

    /// What the session sees of what was published, in order.
    private static func seen(_ effects: [Effect], by session: UInt64, _ scene: Scene) -> [EventTopics] {
        effects.publications.filter { publication in
            let view = scene.hub.rooms.view(SessionID(bits: session), publication.event.event.room)
            return view.map { publication.views.contains($0) } ?? false
        }.map(\.event.event.topic)
    }

    @Test("Who asks for arrivals alone sees no more of a node that comes")
    func arrivals() {
        var scene = Self.scene()
        scene.join(2, Self.arrivals)
        scene.enrol(.test(5), token: 5)
        let effects = scene.prove(10, .test(5), token: 5)
        #expect(Self.seen(effects, by: 2, scene) == [.arrivals])
        #expect(Self.seen(scene.send(10, 1), by: 2, scene).isEmpty)
    }

    @Test("The market sees arrivals, statuses and listings, in that order, and no readings")
    func market() {
        var scene = Self.scene()
        scene.join(2, Self.market)
        scene.enrol(.test(5), token: 5)
        let effects = scene.prove(10, .test(5), token: 5)
        #expect(Self.seen(effects, by: 2, scene) == [.arrivals, .statuses, .listings])
        #expect(scene.send(10, 1).publications.isEmpty, "a reading that nobody sees is not told")
    }

    @Test("Joins of one log are one view: an event that several of them let through comes once")
    func once() {
        var scene = Self.scene()
        scene.admit(.test(5), session: 10, token: 5)
        for room in [Self.arrivals, Self.market, Self.provider(5), Self.provider(6)] { scene.join(2, room) }
        let offline = scene.apply(.agentGone(SessionID(bits: 10), goodbye: true))
        #expect(Self.seen(offline, by: 2, scene) == [.statuses, .listings])
        #expect(offline.publications.allSatisfy { $0.views.count == 1 })
        scene.apply(.leaveRequested(SessionID(bits: 2), Self.market))
        scene.prove(11, .test(5))
        #expect(Self.seen(scene.send(11, 1), by: 2, scene) == [.readings], "the others stay")
    }

    @Test("A node may be asked for that is not there yet, and is seen once it is")
    func early() {
        var scene = Self.scene()
        let effects = scene.join(2, Self.provider(5))
        #expect(effects.joined.count == 1 && effects.refusals.isEmpty)
        scene.enrol(.test(5), token: 5)
        #expect(Self.seen(scene.prove(10, .test(5), token: 5), by: 2, scene) == [.statuses])
    }

    @Test("Without the room's permission there is no part of it either")
    func permission() {
        var scene = Scene()
        scene.open(3, [])
        for room in [Self.arrivals, Self.market, Self.provider(5)] {
            let effects = scene.join(3, room)
            guard case .joinRefused(SessionID(bits: 3), room, let refusal)? = effects.first else {
                Issue.record("\(effects)")
                continue
            }
            #expect(refusal.code == .forbidden)
        }
    }

    @Test("A listing takes no place in the log, and who joined the whole room is not told of it")
    func unlogged() {
        var scene = Self.scene()
        scene.join(1, .base(.nodes))
        scene.join(2, Self.market)
        scene.enrol(.test(5), token: 5)
        let effects = scene.prove(10, .test(5), token: 5)
        #expect(Self.seen(effects, by: 1, scene) == [.arrivals, .statuses])
        let offsets = effects.publications.map(\.event.position.offset)
        #expect(offsets == [1, 2, 2])
        #expect(scene.hub.rooms.log(.nodes).lastOffset == 2)
    }

    @Test("Sessions of different audiences share no view, whatever they ask for")
    func audiences() {
        var scene = Self.scene()
        let native = scene.join(1, .base(.general)).looks
        let other = scene.join(2, .base(.general)).looks
        #expect(native.map { $0?.audience } == [0] && other.map { $0?.audience } == [Self.qubix])
        #expect(native[0]?.index != other[0]?.index)
    }

    @Test("Topics are part of what covers what, and of the order of questions")
    func predicates() {
        var narrow = Predicate()
        narrow.topics = .statuses
        #expect(Predicate().covers(narrow) && !narrow.covers(Predicate()))
        #expect(!narrow.isUnrestricted && Predicate().isUnrestricted)
        #expect(narrow.keys == [.topic(.statuses)] && Predicate().keys.isEmpty)
        #expect(narrow < Predicate() && !(Predicate() < narrow))
        var listings = Predicate()
        listings.topics = [.listings, .statuses]
        #expect(!Predicate().covers(listings), "listings are no part of a log")
        #expect(PredicateUnion(room: .nodes, [listings, narrow]).predicates == [listings])
        #expect(PredicateUnion(room: .nodes, [narrow, Predicate()]).predicates == [Predicate()])
    }

    @Test("Whatever unions are looked through, an event finds exactly those that let it through", arguments: 0..<40)
    func index(seed: UInt64) {
        var dice = Dice(seed)
        var views = Views()
        var unions: [ViewID: PredicateUnion] = [:]
        let topics: [EventTopics] = EventTopics(rawValue: .max).intersection([.logged, .listings]).each
        for _ in 0..<60 {
            let joined = (0...Int.random(in: 0...2, using: &dice)).map { _ in
                var predicate = Predicate()
                if Bool.random(using: &dice) {
                    predicate.topics = EventTopics(topics.filter { _ in Bool.random(using: &dice) })
                }
                if Bool.random(using: &dice) { predicate.nodes = [.test(UInt64.random(in: 0...3, using: &dice))] }
                return predicate
            }
            let union = PredicateUnion(
                room: .nodes, audience: UInt8.random(in: 0...2, using: &dice), joined)
            unions[views.acquire(union)] = union
        }
        for topic in topics {
            for node in UInt64(0)...4 {
                var facts = EventFacts()
                facts.node = .test(node)
                let expected = unions.filter { $0.value.matches(topic, facts) }.keys.sorted()
                #expect(views.matching(.nodes, topic, facts) == expected)
            }
        }
        for view in unions.keys { views.release(view) }
        while views.count > 0, let left = unions.keys.first(where: { views.union(of: $0) != nil }) {
            views.release(left)
        }
        #expect(!views.isViewed(.nodes))
    }
}
