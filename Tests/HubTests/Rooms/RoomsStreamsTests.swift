import Grid
import Testing

@testable import Hub

/// Streams step by step. What holds in every order of steps is in `StreamPropertyTests`.
@Suite("Streams of rooms")
struct RoomsStreamsTests {
    let node = NodeID.test(5)

    func scene() -> Scene {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1, owner: "anna", region: "east")
        scene.open(7)
        return scene
    }

    func request(_ scene: inout Scene, _ rooms: [StreamRoom], since: [RoomPosition] = []) -> [Effect] {
        scene.apply(.streamRequested(SessionID(bits: 7), rooms, since: since))
    }

    @Test("All rooms are acknowledged together and live at once; an event goes to one view a room")
    func opens() {
        var scene = scene()
        let effects = request(
            &scene, [StreamRoom(room: .base(.general)), StreamRoom(room: .node(node)), StreamRoom(room: .base(.nodes))])
        guard case .streamOpened(SessionID(bits: 7), let opened)? = effects.first,
            case .streamLive(SessionID(bits: 7), let looks)? = effects.last, effects.count == 2
        else {
            Issue.record("answer, then live: \(effects)")
            return
        }
        #expect(opened.map(\.room) == [.node(node), .base(.nodes), .base(.general)], "by log")
        #expect(opened.allSatisfy { $0.recovery == nil } && opened.map(\.position.offset) == [2, 2, 0])
        #expect(looks.map(\.room) == [.nodes, .general])
        #expect(scene.send(1, 1).publications.map(\.views) == [[looks[0].view]])
        #expect(scene.apply(.sessionClosed(SessionID(bits: 7))).isEmpty && scene.hub.rooms.views.count == 0)
    }

    @Test("Permissions, filters and limits are those of joins, and one bad room refuses all")
    func refusals() {
        var scene = scene()
        var filter = RoomFilter()
        filter.statuses = ["nonsense"]
        for (room, code) in [
            (StreamRoom(room: .base(.analytics)), Refusal.Code.forbidden),
            (StreamRoom(room: .node(.test(99))), .unknownRoom),
            (StreamRoom(room: .base(.nodes), filter: filter), .invalidFilter),
        ] {
            let effects = request(&scene, [StreamRoom(room: .base(.general)), room])
            #expect(effects.refusals == [code] && effects.count == 1)
            #expect(scene.hub.rooms.views.count == 0)
        }
        let many = (UInt64(0)..<11).map { StreamRoom(room: .node(.test($0))) }
        guard case .roomLimit(_, limit: 10)? = request(&scene, many).first else {
            Issue.record("the limit was expected")
            return
        }
        filter = RoomFilter()
        filter.regions = ["west"]
        #expect(request(&scene, [StreamRoom(room: .base(.nodes), filter: filter)]).count == 2)
        #expect(scene.send(1, 1).publications.isEmpty)
        scene.apply(.sessionClosed(SessionID(bits: 7)))
        #expect(request(&scene, [StreamRoom(room: .base(.nodes))]).isEmpty, "closed meanwhile")
    }

    @Test("A gap is that log's alone, and what is still there follows")
    func gap() {
        var scene = scene()
        let nodes = scene.hub.rooms.log(.nodes).end
        scene.send(1, 1)
        let since = [
            RoomPosition(room: .nodes, position: LogPosition(epoch: nodes.epoch, offset: 1)),
            RoomPosition(room: .general, position: LogPosition(epoch: 4, offset: 1)),
        ]
        let effects = request(
            &scene, [StreamRoom(room: .base(.nodes)), StreamRoom(room: .base(.general))], since: since)
        guard case .streamOpened(_, let opened)? = effects.first, case .partial(let lost)? = opened.last?.recovery,
            case .partial(let unlogged)? = opened.first?.recovery
        else {
            Issue.record("two gaps: \(effects)")
            return
        }
        #expect(lost.cause == .epochChanged && unlogged.cause == .unlogged)
        let replayed = effects.compactMap { if case .streamReplay(let replay) = $0 { replay } else { nil } }
        #expect(replayed.map { $0.events.map(\.position.offset) } == [[2]])
        #expect(replayed.first?.from.map(\.position.offset) == [1, 0])
    }

    @Test("Readings are logged for a stream from its request on, live or not")
    func viewsBeforeLive() {
        var scene = scene()
        scene.open(6)
        scene.join(6, .base(.nodes))
        for number in UInt64(1)...600 { scene.send(1, number) }
        scene.apply(.sessionClosed(SessionID(bits: 6)))
        let start = LogPosition(epoch: scene.hub.rooms.log(.nodes).epoch, offset: 0)
        var effects = request(
            &scene, [StreamRoom(room: .base(.nodes))], since: [RoomPosition(room: .nodes, position: start)])
        var seen: [UInt64] = []
        var next: UInt64 = 601
        while true {
            seen += effects.flatMap { effect -> [UInt64] in
                if case .streamReplay(let replay) = effect { replay.events.map(\.position.offset) } else { [] }
            }
            if case .streamLive? = effects.last { break }
            scene.send(1, next)
            next += 1
            effects = scene.apply(.streamWanted(SessionID(bits: 7)))
        }
        #expect(next > 602 && seen == Array(1...scene.hub.rooms.log(.nodes).lastOffset))
        #expect(seen.count == Int(next) + 1, "two statuses and every reading")
    }
}
