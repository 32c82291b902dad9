import Grid
import Testing

@testable import Hub

/// Rooms as sessions live them: joins, leaves and what is told.
@Suite("Rooms")
struct RoomsTests {
    let node = NodeID.test(5)
    let other = NodeID.test(6)

    func scene() -> Scene {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1, owner: "anna", region: "east")
        scene.admit(other, session: 2, token: 2, owner: "bert", region: "west")
        scene.open(7)
        return scene
    }

    func filter(_ change: (inout RoomFilter) -> Void) -> RoomFilter {
        var filter = RoomFilter()
        change(&filter)
        return filter
    }

    @Test("A join is answered with the log's end, and sets the view from there on")
    func join() {
        var scene = scene()
        let end = scene.hub.rooms.log(.nodes).end
        #expect(end.offset == 4, "two registrations and two statuses, viewed or not")
        let effects = scene.join(7, .base(.nodes))
        guard case .roomJoined(SessionID(bits: 7), .base(.nodes), end, recovery: nil)? = effects.first,
            case .viewChanged(SessionID(bits: 7), .nodes, .some, from: end)? = effects.last
        else {
            Issue.record("answer, then view: \(effects)")
            return
        }
        #expect(effects.count == 2)
    }

    @Test("Rooms can be joined whether they have events yet or not")
    func empty() {
        var scene = scene()
        scene.open(8, .admin)
        for room in BaseRoom.allCases {
            #expect(
                scene.join(8, .base(room)).joined.map(\.position.offset) == [
                    room == .nodes ? 4 : room == .topology || room == .logs ? 2 : 0
                ])
        }
        #expect(Set(BaseRoom.allCases.map { scene.hub.rooms.log($0).epoch }).count == BaseRoom.allCases.count)
    }

    @Test("However many rooms match, an event comes once; leaving one keeps the others")
    func once() {
        var scene = scene()
        scene.join(7, .base(.nodes))
        #expect(scene.join(7, .node(node)).looks.isEmpty, "it sees everything already")
        #expect(scene.send(1, 1).publications.map(\.views.count) == [1])
        #expect(scene.apply(.leaveRequested(SessionID(bits: 7), .base(.nodes))).looks.count == 1)
        #expect(scene.send(2, 1).publications.isEmpty)
        #expect(scene.send(1, 2).publications.count == 1)
        let effects = scene.apply(.leaveRequested(SessionID(bits: 7), .node(node)))
        #expect(effects.looks == [nil])
        #expect(scene.send(1, 3).publications.isEmpty)
        #expect(scene.hub.rooms.views.count == 0)
    }

    @Test("Joining again replaces the filter and takes no second place")
    func rejoin() {
        var scene = scene()
        scene.join(7, .base(.nodes), filter { $0.regions = ["east"] })
        #expect(scene.send(2, 1).publications.isEmpty)
        scene.join(7, .base(.nodes), filter { $0.regions = ["west"] })
        #expect(scene.send(2, 2).publications.count == 1)
        #expect(scene.send(1, 1).publications.isEmpty)
        #expect(scene.hub.rooms.roomCount(SessionID(bits: 7)) == 1)
        #expect(scene.join(7, .base(.nodes), filter { $0.regions = ["west"] }).looks.isEmpty)
    }

    @Test("Filters by region, owner, node and status choose the events")
    func filters() {
        for (change, sees) in [
            ({ $0.regions = ["east", "south"] }, true), ({ $0.regions = ["west"] }, false),
            ({ $0.nodeIDs = [.test(5)] }, true), ({ $0.nodeIDs = [.test(6)] }, false),
            ({ $0.userID = UserID("anna") }, true), ({ $0.userID = UserID("bert") }, false),
            ({ $0.statuses = ["online"] }, true), ({ $0.statuses = ["offline", "busy"] }, false),
            (
                {
                    $0.regions = ["east"]
                    $0.statuses = ["offline"]
                }, false
            ),
        ] as [((inout RoomFilter) -> Void, Bool)] {
            var scene = scene()
            scene.open(8, .admin)
            scene.join(8, .base(.nodes), filter(change))
            #expect(scene.send(1, 1).publications.isEmpty == !sees)
        }
    }

    @Test("Sessions that ask for the same share one view; a closed session gives its own back")
    func sharing() {
        var scene = scene()
        for session in UInt64(20)..<30 {
            scene.open(session)
            scene.join(session, .base(.nodes))
        }
        #expect(scene.hub.rooms.views.count == 1)
        #expect(scene.send(1, 1).publications.map(\.views.count) == [1])
        for session in UInt64(20)..<30 { #expect(scene.apply(.sessionClosed(SessionID(bits: session))).isEmpty) }
        #expect(scene.hub.rooms.views.count == 0 && scene.hub.rooms.sessionCount == 1)
        #expect(scene.join(20, .base(.nodes)).isEmpty, "closed meanwhile")
        #expect(scene.apply(.leaveRequested(SessionID(bits: 20), .base(.nodes))).isEmpty)
    }

    @Test("The 11th room is answered with the limit; a dialect without one has none")
    func limit() {
        var scene = scene()
        for number in UInt8(10)..<20 { scene.admit(.test(UInt64(number)), session: UInt64(number), token: number) }
        for number in UInt64(10)..<20 { #expect(scene.join(7, .node(.test(number))).joined.count == 1) }
        let effects = scene.join(7, .base(.nodes))
        guard case .roomLimit(SessionID(bits: 7), limit: 10)? = effects.first, effects.count == 1 else {
            Issue.record("the limit was expected: \(effects)")
            return
        }
        #expect(scene.join(7, .node(.test(10))).joined.count == 1, "a room it is in already")
        scene.apply(.leaveRequested(SessionID(bits: 7), .node(.test(10))))
        #expect(scene.join(7, .base(.nodes)).joined.count == 1)

        scene.apply(
            .sessionOpened(
                SessionID(bits: 8), Subscriber(user: UserID("u"), permissions: .nodeRead, roomLimit: 0)))
        for number in UInt64(10)..<20 { scene.join(8, .node(.test(number))) }
        #expect(scene.join(8, .base(.nodes)).joined.count == 1)
    }

    @Test("Refusals leave everything as it was")
    func refusals() {
        var scene = scene()
        scene.join(7, .base(.nodes), filter { $0.regions = ["east"] })
        #expect(scene.join(7, .base(.nodes), filter { $0.statuses = ["nonsense"] }).refusals == [.invalidFilter])
        #expect(scene.join(7, .base(.analytics)).refusals == [.forbidden])
        #expect(scene.join(7, .node(.test(99))).refusals == [.unknownRoom])
        #expect(scene.apply(.leaveRequested(SessionID(bits: 7), .base(.tasks))).refusals == [.notInRoom])
        #expect(scene.send(1, 1).publications.count == 1 && scene.send(2, 1).publications.isEmpty)
    }

    @Test("A session opened again begins with no rooms")
    func reopened() {
        var scene = scene()
        scene.join(7, .base(.nodes))
        scene.open(7)
        #expect(scene.hub.rooms.views.count == 0 && scene.hub.rooms.roomCount(SessionID(bits: 7)) == 0)
    }
}
