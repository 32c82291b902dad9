import Grid
import Testing

@testable import Hub

/// Sessions that come back, step by step. What holds in every order of steps is in `ReplayPropertyTests`.
@Suite("Replay")
struct ReplayTests {
    let node = NodeID.test(5)
    let other = NodeID.test(6)

    /// Two nodes, somebody who views them all so that readings are logged, and session 7.
    func scene(_ configuration: HubConfiguration = HubConfiguration()) -> Scene {
        var scene = Scene(configuration: configuration)
        scene.admit(node, session: 1, token: 1)
        scene.admit(other, session: 2, token: 2)
        scene.open(6)
        scene.join(6, .base(.nodes))
        scene.open(7)
        return scene
    }

    func position(_ scene: Scene, _ offset: UInt64) -> LogPosition {
        LogPosition(epoch: scene.hub.rooms.log(.nodes).epoch, offset: offset)
    }

    @Test("Everything missed comes behind the answer and before the view")
    func whole() {
        var scene = scene()
        for number in UInt64(1)...10 { scene.send(1, number) }
        let effects = scene.join(7, .base(.nodes), since: position(scene, 6))
        guard case .roomJoined(SessionID(bits: 7), .base(.nodes), let position, recovery: .whole)? = effects.first,
            case .viewChanged(SessionID(bits: 7), .nodes, .some, from: let end)? = effects.last
        else {
            Issue.record("answer, replay, view: \(effects)")
            return
        }
        #expect(position.offset == 6 && end.offset == 14)
        #expect(effects.replays.map(\.offsets) == [Array(7...14)] && effects.replays.map(\.isLast) == [true])
        #expect(effects.count == 3)
    }

    @Test("Readings are logged for a session that is still being told of earlier ones, though nobody else looks")
    func loggedDuringTheReplay() {
        var scene = scene()
        for number in UInt64(1)...1000 { scene.send(1, number) }
        var effects = scene.join(7, .base(.nodes), since: position(scene, 4))
        scene.apply(.sessionClosed(SessionID(bits: 6)))
        var offsets = effects.replays.flatMap(\.offsets)
        var live: UInt64 = 1000
        while effects.replays.last?.isLast == false {
            live += 1
            scene.send(1, live)
            effects = scene.apply(.replayWanted(SessionID(bits: 7), .nodes))
            offsets += effects.replays.flatMap(\.offsets)
        }
        #expect(live > 1000)
        #expect(offsets == Array(5...4 + live))
        scene.apply(.sessionClosed(SessionID(bits: 7)))
        #expect(scene.hub.rooms.views.count == 0, "no view outlives its sessions")
    }

    @Test("A session that closes or leaves in the middle of a replay leaves no view behind", arguments: [true, false])
    func noViewIsLeft(leaves: Bool) {
        var scene = scene()
        for number in UInt64(1)...1000 { scene.send(1, number) }
        scene.join(7, .base(.nodes), since: position(scene, 4))
        scene.join(7, .node(node), since: position(scene, 4))
        if leaves {
            scene.apply(.leaveRequested(SessionID(bits: 7), .base(.nodes)))
            scene.apply(.leaveRequested(SessionID(bits: 7), .node(node)))
        } else {
            scene.apply(.sessionClosed(SessionID(bits: 7)))
        }
        scene.apply(.sessionClosed(SessionID(bits: 6)))
        #expect(scene.hub.rooms.views.count == 0)
    }

    @Test("A long replay is pulled piece by piece, the view comes with the last")
    func pieces() {
        var scene = scene()
        for number in UInt64(1)...1000 { scene.send(1, number) }
        var effects = scene.join(7, .base(.nodes), since: position(scene, 4))
        var offsets: [UInt64] = []
        var live: UInt64 = 1000
        while effects.replays.first?.isLast == false {
            #expect(effects.looks.isEmpty)
            let piece = effects.replays[0]
            #expect(piece.events.count <= Limits.replayEvents)
            #expect(piece.events.dropLast().reduce(0) { $0 + $1.event.approximateByteCount } < Limits.replayBytes)
            offsets += piece.offsets
            live += 1
            scene.send(1, live)
            effects = scene.apply(.replayWanted(SessionID(bits: 7), .nodes))
        }
        offsets += effects.replays.flatMap(\.offsets)
        #expect(offsets == Array(5...scene.hub.rooms.log(.nodes).lastOffset), "what came meanwhile included")
        #expect(effects.looks.count == 1)
        #expect(scene.apply(.replayWanted(SessionID(bits: 7), .nodes)).isEmpty, "nothing is replayed any more")
    }

    @Test("What a live room of the session has shown is not shown again, though that room was left meanwhile")
    func beside() {
        var scene = scene()
        scene.join(7, .node(node))
        scene.send(1, 1)  // 5, shown
        scene.send(2, 1)  // 6
        scene.send(1, 2)  // 7, shown
        let effects = scene.join(7, .base(.nodes), since: position(scene, 2))
        #expect(effects.replays.map(\.offsets) == [[3, 4, 6]])

        for number in UInt64(3)...600 { scene.send(1, number) }
        scene.open(8)
        scene.join(8, .node(other))
        #expect(scene.join(8, .base(.nodes), since: position(scene, 4)).replays.map(\.isLast) == [false])
        scene.send(2, 2)
        let shown = scene.hub.rooms.log(.nodes).lastOffset
        scene.apply(.leaveRequested(SessionID(bits: 8), .node(other)))
        scene.send(2, 3)
        var replayed: [UInt64] = []
        while true {
            let piece = scene.apply(.replayWanted(SessionID(bits: 8), .nodes)).replays
            replayed += piece.flatMap(\.offsets)
            if piece.isEmpty || piece[0].isLast { break }
        }
        #expect(!replayed.contains(shown) && replayed.contains(shown + 1))
    }

    @Test("A second resume of the same log waits; leaving the first lets it begin")
    func waiting() {
        var scene = scene()
        for number in UInt64(1)...600 { scene.send(1, number) }
        scene.send(2, 1)
        #expect(scene.join(7, .node(node), since: position(scene, 0)).joined.count == 1)
        #expect(scene.join(7, .node(other), since: position(scene, 0)).isEmpty)
        #expect(scene.hub.rooms.roomCount(SessionID(bits: 7)) == 2)
        let effects = scene.apply(.leaveRequested(SessionID(bits: 7), .node(node)))
        #expect(effects.joined.map(\.recovery) == [.whole])
        #expect(effects.replays.flatMap(\.offsets) == [3, 4, 605])
    }

    @Test("A join that replaces one whose replay goes on, replaces the replay")
    func replaced() {
        var scene = scene()
        for number in UInt64(1)...600 { scene.send(1, number) }
        #expect(scene.join(7, .base(.nodes), since: position(scene, 0)).replays.map(\.isLast) == [false])
        let effects = scene.join(7, .base(.nodes))
        #expect(effects.replays.flatMap(\.offsets).isEmpty && effects.replays.map(\.isLast) == [true])
        #expect(effects.looks.count == 1 && effects.joined.map(\.recovery) == [nil])
        #expect(scene.apply(.replayWanted(SessionID(bits: 7), .nodes)).isEmpty)
        #expect(scene.send(1, 601).publications.count == 1)
    }

    @Test("The end of a replay is told though nothing is in its last piece, and so is that it was given up")
    func ended() {
        var scene = scene()
        for number in UInt64(1)...600 { scene.send(2, number) }
        // The log's last events are the other node's: the replay's last pieces find nothing.
        for number in UInt64(1)...3000 { scene.send(1, number) }
        var effects = scene.join(7, .node(other), since: position(scene, 0))
        var pieces = effects.replays
        while effects.replays.last?.isLast == false {
            effects = scene.apply(.replayWanted(SessionID(bits: 7), .nodes))
            pieces += effects.replays
        }
        #expect(pieces.count > 2 && pieces.last?.isLast == true && pieces.last?.events.isEmpty == true)
        #expect(effects.looks.count == 1, "the view comes with it")

        #expect(scene.join(7, .node(node), since: position(scene, 0)).replays.map(\.isLast) == [false])
        effects = scene.apply(.leaveRequested(SessionID(bits: 7), .node(node)))
        #expect(effects.replays.map(\.isLast) == [true] && effects.replays.flatMap(\.offsets).isEmpty)
    }

    @Test("A reader whom the log overtakes is sent away, never past a gap")
    func overtaken() {
        var configuration = HubConfiguration()
        configuration.history.events = 500
        var scene = scene(configuration)
        for number in UInt64(1)...500 { scene.send(1, number) }
        let first = scene.hub.rooms.log(.nodes).trimmedThrough
        #expect(scene.join(7, .base(.nodes), since: position(scene, first)).replays.map(\.isLast) == [false])
        for number in UInt64(501)...1500 { scene.send(1, number) }
        let effects = scene.apply(.replayWanted(SessionID(bits: 7), .nodes))
        guard case .fellBehind(SessionID(bits: 7))? = effects.first, effects.count == 1 else {
            Issue.record("closed was expected: \(effects)")
            return
        }
        #expect(scene.apply(.replayWanted(SessionID(bits: 7), .nodes)).isEmpty)
    }

    @Test("Statuses that nobody viewed are replayed; only the readings between are missing, and that is said")
    func unlogged() {
        var scene = scene()
        scene.apply(.leaveRequested(SessionID(bits: 6), .base(.nodes)))
        let left = scene.hub.rooms.log(.nodes).end
        scene.send(1, 1)
        scene.run(milliseconds: 11_000)
        let effects = scene.join(7, .base(.nodes), since: left)
        #expect(
            effects.joined.map(\.recovery)
                == [.partial(LogGap(from: left, to: left, cause: .unlogged))])
        let replayed = effects.replays.flatMap(\.events).map(\.event)
        #expect(replayed.count == 2 && replayed.allSatisfy { if case .nodeStatus = $0 { true } else { false } })
    }

    @Test("A position of another life of the log is told so, and nothing is replayed")
    func foreign() {
        var scene = scene()
        let end = scene.hub.rooms.log(.nodes).end
        for since in [LogPosition(epoch: end.epoch + 1, offset: 2), LogPosition(epoch: end.epoch, offset: 99)] {
            let effects = scene.join(7, .base(.nodes), since: since)
            let cause: LogGap.Cause = since.offset == 99 ? .ahead : .epochChanged
            #expect(effects.joined.map(\.recovery) == [.partial(LogGap(from: since, to: end, cause: cause))])
            #expect(effects.joined.map(\.position) == [end] && effects.replays.isEmpty)
        }
    }

    @Test("A closed session is replayed nothing")
    func closed() {
        var scene = scene()
        for number in UInt64(1)...600 { scene.send(1, number) }
        scene.join(7, .base(.nodes), since: position(scene, 0))
        scene.apply(.sessionClosed(SessionID(bits: 7)))
        #expect(scene.apply(.replayWanted(SessionID(bits: 7), .nodes)).isEmpty)
    }
}

extension [Effect] {
    var replays: [Replay] { compactMap { if case .replay(let replay) = $0 { replay } else { nil } } }
}

extension Replay {
    var offsets: [UInt64] { events.map(\.position.offset) }
}
