import Grid
import Testing

@testable import Hub

@Suite("Clients that come back")
struct OnReturnRequestedTests {
    private static let audience: UInt8 = 2
    private static let metrics = Room.topics(.messages(of: .metrics), of: .channels)
    private static let signals = Room.topics(.messages(of: .signals), of: .channels)
    private static let former = SessionID(bits: 4)
    private static let session = SessionID(bits: 5)

    private static func open(_ scene: inout Scene, _ permissions: Permissions = [.nodeRead, .taskSubmit]) {
        scene.apply(
            .sessionOpened(
                session, Subscriber(user: UserID("u"), permissions: permissions, audience: audience, roomLimit: 0)))
    }

    private static func say(_ scene: inout Scene, _ channel: EventChannel?, _ number: Int) {
        scene.wait(milliseconds: 1)
        scene.apply(
            .broadcastRequested(
                RequestID(session: SessionID(bits: 99), number: 1),
                ChannelMessage(channel: channel, content: .broadcast(type: "n", data: "\(number)"))))
    }

    private static func numbers(_ events: [LoggedEvent]) -> [String] {
        events.compactMap {
            guard case .channelMessage(let message) = $0.event, case .broadcast(_, let data) = message.content else {
                return nil
            }
            return data
        }
    }

    /// What the session is shown of what it missed, piece by piece as its connection takes it.
    private static func shown(_ scene: inout Scene, _ first: [Effect]) -> [String] {
        var shown: [String] = []
        var effects = first
        while true {
            let replays = effects.compactMap { if case .replay(let replay) = $0 { replay } else { nil } }
            for replay in replays { shown += numbers(replay.events) }
            guard let open = replays.last(where: { !$0.isLast }) else { return shown }
            effects = scene.apply(.replayWanted(session, open.room))
        }
    }

    private static func dropped(_ effects: [Effect]) -> UInt64? {
        effects.lazy.compactMap { if case .returned(session, let dropped) = $0 { dropped } else { nil } }.first
    }

    /// A client that joins some rooms, and drops.
    private static func leave(_ scene: inout Scene, _ rooms: [Room], saying missed: Int? = nil) {
        scene.apply(
            .sessionOpened(
                former,
                Subscriber(
                    user: UserID("u"), permissions: [.nodeRead, .taskSubmit], audience: audience, roomLimit: 0)))
        for room in rooms { scene.join(former.bits, room) }
        let place = RoomPosition(room: .channels, position: scene.hub.rooms.log(.channels).end)
        // What came behind the place that the connection tells is kept as well.
        if let missed { say(&scene, .metrics, missed) }
        scene.apply(.sessionLeft(former, at: [place]))
    }

    private static func comeBack(_ scene: inout Scene, _ rooms: [Room], limit: Int = 1000) -> [Effect] {
        scene.apply(.returnRequested(session, from: former, rooms: rooms, limit: limit))
    }

    @Test("What was missed in the rooms is shown, nothing else, in its order, and then what comes, once")
    func missed() {
        var scene = Scene()
        Self.say(&scene, .metrics, 0)
        Self.leave(&scene, [Self.metrics, Self.signals], saying: 1)
        for number in 2...5 { Self.say(&scene, [.logs, .signals, .metrics, .signals][number - 2], number) }
        Self.open(&scene)
        let effects = Self.comeBack(&scene, [Self.metrics, Self.signals])
        #expect(Self.dropped(effects) == 0 && effects.joined.count == 2)
        #expect(Self.shown(&scene, effects) == ["1", "3", "4", "5"])
        #expect(effects.looks.count == 1)
        Self.say(&scene, .signals, 6)
        #expect(scene.effects.publications.count == 1)
        Self.say(&scene, .logs, 7)
        #expect(scene.effects.publications.isEmpty)
    }

    @Test("Of too many events the newest of all rooms are kept, and the others counted")
    func tooMany() {
        var configuration = HubConfiguration()
        configuration.bufferedEvents = 5
        var scene = Scene(configuration: configuration)
        let rooms = [Self.metrics, Self.signals, Room.base(.general)]
        Self.leave(&scene, rooms)
        for number in 0..<10 { Self.say(&scene, number % 3 == 0 ? .metrics : .signals, number) }
        scene.apply(
            .notificationRequested(
                RequestID(session: SessionID(bits: 99), number: 1),
                NotificationRequest(
                    id: UUID128(high: 1, low: 1), sender: UserID("root"),
                    content: NotificationContent(title: "t", message: "m"))))
        Self.open(&scene)
        let effects = Self.comeBack(&scene, rooms, limit: 4)
        #expect(Self.dropped(effects) == 7)
        let replayed = effects.compactMap { if case .replay(let replay) = $0 { replay.events } else { nil } }
        #expect(replayed.flatMap { $0 }.last?.event.room == .general)
        #expect(Self.shown(&scene, effects) == ["7", "8", "9"])
    }

    @Test("What the log lets go of meanwhile is kept all the same")
    func trimmed() {
        var configuration = HubConfiguration()
        configuration.history.events = 4
        var scene = Scene(configuration: configuration)
        Self.leave(&scene, [Self.metrics])
        for number in 0..<10 { Self.say(&scene, number == 0 ? .metrics : .logs, number) }
        Self.open(&scene)
        let effects = Self.comeBack(&scene, [Self.metrics])
        #expect(Self.dropped(effects) == 0 && Self.shown(&scene, effects) == ["0"])
    }

    @Test("A room that the permissions do not open any more is refused, with what was kept of it")
    func forbidden() {
        var scene = Scene()
        let rooms = [Self.metrics, Room.topics(.announcements, of: .channels)]
        Self.leave(&scene, rooms)
        Self.say(&scene, .metrics, 1)
        Self.say(&scene, nil, 2)
        Self.open(&scene, [])
        let effects = Self.comeBack(&scene, rooms)
        #expect(Self.dropped(effects) == 0 && effects.refusals == [.forbidden])
        #expect(Self.shown(&scene, effects) == ["2"])
    }

    @Test("Who comes back too late, or to nothing, begins anew")
    func late() {
        var scene = Scene()
        Self.leave(&scene, [Self.metrics])
        Self.say(&scene, .metrics, 1)
        #expect(scene.hub.counts.subscribers == 0 && scene.hub.counts.views == 1)
        scene.run(milliseconds: Int64(Limits.bufferSeconds) * 1000)
        #expect(scene.hub.counts.views == 0 && scene.hub.rooms.buffers.isEmpty && scene.hub.rooms.sessionCount == 0)
        Self.open(&scene)
        let effects = Self.comeBack(&scene, [Self.metrics])
        #expect(Self.dropped(effects) == 0 && Self.shown(&scene, effects).isEmpty)
        Self.say(&scene, .metrics, 2)
        #expect(scene.effects.publications.count == 1)
    }

    @Test("What is kept for one user no other one is shown")
    func foreign() {
        var scene = Scene()
        Self.leave(&scene, [Self.metrics])
        Self.say(&scene, .metrics, 1)
        scene.apply(
            .sessionOpened(
                Self.session, Subscriber(user: UserID("mallory"), permissions: .admin, audience: Self.audience)))
        let effects = Self.comeBack(&scene, [Self.metrics])
        #expect(Self.dropped(effects) == 0 && Self.shown(&scene, effects).isEmpty)
        #expect(!scene.hub.rooms.buffers.isEmpty, "it waits for its own")
    }

    @Test("A former session that is still there is waited for")
    func succession() {
        var scene = Scene()
        scene.apply(
            .sessionOpened(
                Self.former, Subscriber(user: UserID("u"), permissions: .nodeRead, audience: Self.audience)))
        scene.join(Self.former.bits, Self.metrics)
        Self.open(&scene)
        #expect(Self.comeBack(&scene, [Self.metrics]).isEmpty)
        let place = scene.hub.rooms.log(.channels).end
        Self.say(&scene, .metrics, 1)
        let effects = scene.apply(.sessionLeft(Self.former, at: [RoomPosition(room: .channels, position: place)]))
        #expect(Self.dropped(effects) == 0 && Self.shown(&scene, effects) == ["1"])
        #expect(scene.hub.counts.subscribers == 1)
    }

    @Test("More than one piece: what comes meanwhile follows in its order, and who drops again loses nothing of it")
    func pieces() {
        var scene = Scene()
        Self.leave(&scene, [Self.metrics])
        let count = 2 * Limits.replayEvents + 10
        for number in 0..<count { Self.say(&scene, .metrics, number) }
        Self.open(&scene)
        let first = Self.comeBack(&scene, [Self.metrics])
        #expect(first.looks.isEmpty, "it is not shown what comes before it has had what came")
        Self.say(&scene, .metrics, count)
        let rest = scene.apply(.replayWanted(Self.session, .channels))
        let shown = (first + rest).compactMap { if case .replay(let replay) = $0 { replay.events } else { nil } }
        #expect(Self.numbers(shown.flatMap { $0 }) == (0..<2 * Limits.replayEvents).map { "\($0)" })
        scene.apply(.sessionLeft(Self.session, at: []))
        Self.say(&scene, .metrics, count + 1)
        let third = SessionID(bits: 6)
        scene.apply(
            .sessionOpened(third, Subscriber(user: UserID("u"), permissions: .nodeRead, audience: Self.audience)))
        let last = scene.apply(.returnRequested(third, from: Self.session, rooms: [Self.metrics], limit: 0))
        let left = last.compactMap { if case .replay(let replay) = $0 { replay.events } else { nil } }
        #expect(
            Self.numbers(left.flatMap { $0 }) == (2 * Limits.replayEvents...count + 1).map { "\($0)" })
        #expect(scene.hub.rooms.buffers.isEmpty && scene.hub.rooms.buffers.byteCount == 0)
        #expect(scene.hub.rooms.buffers.lookers.isEmpty)
    }

    @Test("A room that is joined meanwhile is shown once, behind what was kept")
    func joinedMeanwhile() {
        var scene = Scene()
        Self.leave(&scene, [Self.metrics])
        for number in 0..<Limits.replayEvents + 5 { Self.say(&scene, .metrics, number) }
        Self.open(&scene)
        let first = Self.comeBack(&scene, [Self.metrics])
        #expect(scene.join(Self.session.bits, Self.signals).looks.isEmpty)
        Self.say(&scene, .signals, 7777)
        let rest = Self.shown(&scene, first)
        #expect(rest.last == "7777" && rest.count == Limits.replayEvents + 6)
        Self.say(&scene, .signals, 8888)
        #expect(scene.effects.publications.first?.views.count == 1)
    }

    @Test("All that is kept is bounded together")
    func bytes() {
        var configuration = HubConfiguration()
        configuration.bufferedEvents = 0
        configuration.history.events = 4
        var scene = Scene(configuration: configuration)
        Self.leave(&scene, [Self.metrics])
        let data = String(repeating: "x", count: 1 << 20)
        for _ in 0..<70 {
            scene.apply(
                .broadcastRequested(
                    RequestID(session: SessionID(bits: 99), number: 1),
                    ChannelMessage(channel: .metrics, content: .broadcast(type: "n", data: data))))
        }
        #expect(scene.hub.rooms.buffers.byteCount <= Limits.bufferedBytesTotal)
        Self.open(&scene)
        let dropped = Self.dropped(Self.comeBack(&scene, [Self.metrics]))
        #expect(dropped ?? 0 > 5 && dropped ?? 0 < 10)
    }
}
