import Bytes
import Fanout
import Grid
import Hub
import Testing

@testable import neurogrid_coordinator

@Suite struct PerformTests {
    /// Effects performed into a list of what was done, in order.
    private final class Stage {
        private(set) var done: [String] = []
        private(set) var commits: [[StoreChange]] = []
        private(set) var puttingOff: [[StoreChange]] = []
        private(set) lazy var perform = Perform(
            publisher: Publisher(
                loops: 2, encode: { _, _, buffer in buffer.append("event") },
                emit: { [unowned self] loop, message in
                    switch message {
                    case .delivery: done.append("event on \(loop)")
                    case .viewChanged: done.append("view on \(loop)")
                    }
                }),
            replays: ReplayEncoder { _, _, buffer in buffer.append("event") },
            sendToLoop: { [unowned self] loop, message in
                switch message {
                case .effect(let effect): done.append("\(Stage.name(effect)) on \(loop)")
                case .replay(_, _, let frames, let isLast):
                    done.append("replay of \(frames.count) bytes\(isLast ? ", the last," : "") on \(loop)")
                case .streamReplay(_, let frames, _):
                    let ids = frames.withBytes { String(decoding: $0, as: UTF8.self) }.split(
                        whereSeparator: \.isNewline
                    )
                    .compactMap { $0.hasPrefix("id: ") ? $0.dropFirst(4) : nil }
                    done.append("shown \(ids.joined(separator: "; ")) on \(loop)")
                default: break
                }
            },
            audit: { [unowned self] entry in done.append("audit \(entry.kind.rawValue)") },
            changeKey: { [unowned self] record in done.append(record.isActive ? "key taken" : "key taken back") },
            mayTellEarly: false)

        func apply(_ effects: [Effect]) {
            perform.perform(
                effects,
                commit: { changes in
                    commits.append(changes)
                    return UInt64(commits.count)
                }, later: { puttingOff.append($0) })
        }

        private static func name(_ effect: Effect) -> String {
            switch effect {
            case .agentWelcome: "welcome"
            case .agentFenced: "fenced"
            case .agentAck(_, let sequence): "ack \(sequence)"
            case .answer: "answer"
            case .roomJoined: "joined"
            case .streamOpened: "opened"
            case .fellBehind: "overtaken"
            default: "other"
            }
        }
    }

    private static func session(_ loop: Int, _ slot: UInt32) -> SessionID {
        SessionAddress(loop: loop, slot: slot, generation: 1).id
    }

    private let change = StoreChange.user(UserRecord(id: UserID("u"), createdAt: Timestamp(milliseconds: 0)))
    private let welcome = Effect.agentWelcome(
        session(1, 7),
        AgentWelcome(
            node: NodeID(UUID128(high: 1, low: 2)), session: UUID128(high: 3, low: 4), epoch: 1,
            intervalMilliseconds: 1000, acked: 0))

    @Test func promisesWaitForTheirCommit() {
        let stage = Stage()
        stage.apply([.persist(change), .agentFenced(Self.session(0, 1)), welcome])
        #expect(stage.commits == [[change]])
        #expect(stage.done.isEmpty)
        #expect(stage.perform.isWaiting)
        stage.perform.committed(through: 1)
        #expect(stage.done == ["fenced on 0", "welcome on 1"])
        #expect(!stage.perform.isWaiting)
    }

    @Test func whatStandsBeforeTheChangeDoesNotWait() {
        let stage = Stage()
        stage.apply([.agentAck(Self.session(0, 1), sequence: 5), .persist(change), welcome])
        #expect(stage.done == ["ack 5 on 0"])
    }

    @Test func telemetryNeverWaits() {
        let stage = Stage()
        stage.apply([.viewChanged(Self.session(0, 2), .nodes, ViewID(index: 0), from: LogPosition(epoch: 1, offset: 0))]
        )
        let event = RoomEvent.nodeStatus(
            NodeStatusChanged(
                node: NodeID(UUID128(high: 1, low: 2)), status: .online, previous: nil, currentTask: nil,
                updatedAt: Timestamp(milliseconds: 0), sample: nil,
                health: Health(score: nil, coveragePercent: 0, reasons: [])))
        let logged = LoggedEvent(
            position: LogPosition(epoch: 1, offset: 1), at: Timestamp(milliseconds: 0), facts: EventFacts(),
            event: event)
        stage.apply([.persist(change), .publish(Publication(event: logged, views: [ViewID(index: 0)])), welcome])
        #expect(stage.done == ["view on 0", "event on 0"])
    }

    @Test func commitsAreReleasedInOrderAndTogether() {
        let stage = Stage()
        let request = RequestID(session: Self.session(0, 3), number: 1)
        stage.apply([.persist(change), welcome])
        stage.apply([.agentAck(Self.session(1, 9), sequence: 1)])
        stage.apply([.persist(change), .answer(request, .recorded)])
        stage.apply([.persist(change), .agentFenced(Self.session(1, 7))])
        #expect(stage.done == ["ack 1 on 1"])
        // A group commit answers for all before it.
        stage.perform.committed(through: 2)
        #expect(stage.done == ["ack 1 on 1", "welcome on 1", "answer on 0"])
        stage.perform.committed(through: 3)
        #expect(stage.done.last == "fenced on 1")
        stage.perform.committed(through: 3)
        #expect(stage.done.count == 4)
    }

    @Test func aKeyIsTakenWhenItIsStored() {
        let stage = Stage()
        var key = APIKeyRecord(
            id: APIKeyID(UUID128(high: 1, low: 1)), digest: Digest256(bytes: [UInt8](repeating: 1, count: 32)),
            owner: UserID("u"), createdAt: Timestamp(milliseconds: 0))
        let request = RequestID(session: Self.session(0, 3), number: 1)
        stage.apply([.persist(.apiKey(key)), .apiKeyChanged(key), .answer(request, .recorded)])
        key.revokedAt = Timestamp(milliseconds: 5)
        stage.apply([.persist(.apiKey(key)), .apiKeyChanged(key), .answer(request, .apiKey(key))])
        #expect(stage.done.isEmpty)
        stage.perform.committed(through: 2)
        #expect(stage.done == ["key taken", "answer on 0", "key taken back", "answer on 0"])
    }

    @Test func auditLinesAreWrittenAtOnce() {
        let stage = Stage()
        stage.apply([.persist(change), .audit(AuditEntry(at: Timestamp(milliseconds: 0), kind: .tokenMinted))])
        #expect(stage.done == ["audit token_minted"])
    }

    // MARK: Durable rooms

    private static func notice(_ offset: UInt64) -> LoggedEvent {
        let time = Timestamp(milliseconds: 0)
        let notification = SystemNotification(
            id: UUID128(high: 0, low: offset), content: NotificationContent(title: "t", message: "m"),
            sender: UserID("root"), sentAt: time)
        return LoggedEvent(
            position: LogPosition(epoch: 1, offset: offset), at: time, facts: EventFacts(),
            event: .systemNotification(notification))
    }

    private static func told(_ offset: UInt64) -> [Effect] {
        let event = notice(offset)
        return [.persist(.event(event)), .publish(Publication(event: event, views: [ViewID(index: 0)]))]
    }

    private static func look(_ session: SessionID, _ room: BaseRoom = .general) -> [Effect] {
        let start = LogPosition(epoch: 1, offset: 0)
        return [
            .roomJoined(session, .base(room), start, recovery: .whole),
            .replay(Replay(session: session, room: room, events: [notice(1)], isLast: true)),
            .viewChanged(session, room, ViewID(index: 0), from: start),
        ]
    }

    private static let look: [String] = ["joined on 0", "replay of 7 bytes, the last, on 0", "view on 0"]

    @Test func whatConcernsADurableRoomKeepsItsOrderBehindTheCommit() {
        let stage = Stage()
        stage.apply(Self.look(Self.session(0, 1)))
        #expect(stage.done == Self.look, "nothing of it waits")
        stage.apply(Self.told(1))
        stage.apply(Self.look(Self.session(0, 2)))
        stage.apply([.roomLeft(Self.session(0, 1), .base(.general))])
        stage.apply(Self.told(2))
        #expect(stage.done.count == 3)
        stage.perform.committed(through: 1)
        #expect(stage.done == Self.look + ["event on 0"] + Self.look + ["other on 0"])
        stage.perform.committed(through: 2)
        #expect(stage.done.last == "event on 0" && stage.done.count == 9)
        stage.apply(Self.look(Self.session(0, 3)))
        #expect(stage.done.count == 12, "nothing waits any more")
    }

    private static func toldEarly(_ offset: UInt64) -> [Effect] {
        let event = notice(offset)
        return [.persistLater(.event(event)), .publish(Publication(event: event, views: [ViewID(index: 0)]))]
    }

    @Test func whatComesAgainByItselfIsToldAtOnceAndKeepsNobodyWaiting() {
        let stage = Stage()
        stage.apply(Self.look(Self.session(0, 1)))
        stage.apply(Self.toldEarly(1))
        #expect(stage.done == Self.look, "the disk does not know yet that it may")
        stage.perform.committed(through: 1)
        #expect(stage.done == Self.look + ["event on 0"])
        stage.apply(Self.toldEarly(2) + [welcome])
        stage.apply(Self.toldEarly(3))
        stage.apply(Self.look(Self.session(0, 2)))
        #expect(stage.done == Self.look + ["event on 0", "event on 0", "event on 0"] + Self.look)
        #expect(stage.commits.count == 2 && stage.puttingOff.count == 1 && stage.perform.isWaiting)
        stage.perform.committed(through: 2)
        #expect(stage.done.last == "welcome on 1", "a promise waits for everything that stands before it")
    }

    @Test func butNotBeforeWhatWaits() {
        let stage = Stage()
        stage.apply(Self.look(Self.session(0, 1)))
        stage.perform.committed(through: 0)
        stage.apply(Self.told(1))
        stage.apply(Self.toldEarly(2))
        stage.apply(Self.told(3) + Self.toldEarly(4))
        stage.apply(Self.toldEarly(5))
        #expect(stage.done == Self.look)
        stage.perform.committed(through: 1)
        #expect(stage.done.count == 5 && stage.commits.count == 2)
        stage.perform.committed(through: 2)
        #expect(stage.done.count == 8)
    }

    @Test func otherRoomsDoNotWaitForIt() {
        let stage = Stage()
        stage.apply(Self.told(1))
        stage.apply(Self.look(Self.session(0, 1), .nodes))
        stage.apply(Self.look(Self.session(0, 1), .alerts))
        #expect(stage.done == Self.look + Self.look)
    }

    @Test func whatWaitsForAnotherChangeIsNotOvertaken() {
        let stage = Stage()
        stage.apply([.persist(change)] + Self.look(Self.session(0, 1)))
        stage.apply(Self.look(Self.session(0, 2)))
        #expect(stage.done.isEmpty)
        stage.perform.committed(through: 1)
        #expect(stage.done == Self.look + Self.look)
    }

    @Test func aRepeatedRequestIsAnsweredNoSoonerThanTheFirst() {
        let stage = Stage()
        let request = RequestID(session: Self.session(0, 3), number: 1)
        stage.apply(Self.told(1))
        stage.apply([.answer(request, .notified(UUID128(high: 0, low: 1), LogPosition(epoch: 1, offset: 1)))])
        #expect(stage.done.isEmpty)
        stage.perform.committed(through: 1)
        #expect(stage.done == ["answer on 0"])
    }

    @Test func whatWaitsForASessionThatIsGoneGoesNowhere() {
        let stage = Stage()
        stage.apply(Self.told(1))
        stage.apply(Self.look(Self.session(0, 1)))
        stage.perform.forget(Self.session(0, 1))
        stage.perform.committed(through: 1)
        stage.apply(Self.told(2))
        stage.perform.committed(through: 2)
        #expect(stage.done.isEmpty, "the fan-out would keep it for ever")
    }

    // MARK: Streams

    private static let follower = SessionAddress(loop: 0, framing: .serverSentEvents, slot: 9, generation: 1).id

    private static func position(_ offset: UInt64) -> LogPosition { LogPosition(epoch: 1, offset: offset) }

    private static func reading(_ offset: UInt64) -> LoggedEvent {
        let event = NodeStatusChanged(
            node: NodeID(UUID128(high: 1, low: 2)), status: .online, previous: nil, currentTask: nil,
            updatedAt: Timestamp(milliseconds: 0), sample: nil,
            health: Health(score: nil, coveragePercent: 0, reasons: []))
        return LoggedEvent(
            position: position(offset), at: Timestamp(milliseconds: 0), facts: EventFacts(), event: .nodeStatus(event))
    }

    private static func read(_ offset: UInt64, view: UInt32 = 0) -> [Effect] {
        [.publish(Publication(event: reading(offset), views: [ViewID(index: view)]))]
    }

    /// What the Hub says when a session follows `nodes` and `general` from the first notice on, and is live at once.
    private static var stream: [Effect] {
        let rooms = [BaseRoom.nodes, .general]
        return [
            .streamOpened(
                follower, rooms.map { StreamOpening(room: .base($0), position: position(0), recovery: .whole) }),
            .streamReplay(
                StreamReplay(
                    session: follower, from: rooms.map { RoomPosition(room: $0, position: position(0)) },
                    events: [reading(1), notice(1)], isLast: true)),
            .streamLive(
                follower, rooms.map { StreamLook(room: $0, view: ViewID(index: 0), from: position(1)) }),
        ]
    }

    private static let opened = ["opened on 0", "shown nodes=1@1,general=0@1; nodes=1@1,general=1@1 on 0"]

    @Test func aStreamWaitsAsAWholeAndMissesNoReading() {
        let stage = Stage()
        stage.apply(Self.told(1))
        stage.apply(Self.stream)
        stage.apply(Self.read(2))
        stage.apply(Self.read(3, view: 1))
        stage.apply(Self.told(2))
        stage.apply(Self.read(4))
        #expect(stage.done.isEmpty, "nobody else reads")
        stage.perform.committed(through: 1)
        #expect(stage.done == Self.opened + ["shown nodes=2@1,general=1@1; nodes=4@1,general=1@1 on 0", "view on 0"])
        stage.perform.committed(through: 2)
        stage.apply(Self.read(5))
        #expect(stage.done.dropFirst(4) == ["event on 0", "event on 0"])
    }

    @Test func whatAStreamWaitsForHoldsBackItsOtherDurableRooms() {
        let stage = Stage()
        let rooms = [BaseRoom.tasks, .general].map {
            StreamLook(room: $0, view: ViewID(index: 0), from: Self.position(1))
        }
        stage.apply(Self.told(1))
        stage.apply([.streamLive(Self.follower, rooms)])
        stage.apply([.viewChanged(Self.session(0, 1), .tasks, ViewID(index: 0), from: Self.position(0))])
        #expect(stage.done.isEmpty)
        stage.perform.committed(through: 1)
        #expect(stage.done == ["view on 0", "view on 0"])
    }

    @Test func aStreamThatWaitsTooLongComesBack() {
        let stage = Stage()
        stage.apply(Self.told(1))
        stage.apply(Self.stream)
        for offset in UInt64(2)...2000 { stage.apply(Self.read(offset)) }
        stage.perform.committed(through: 1)
        #expect(stage.done == Self.opened + ["overtaken on 0"])
        stage.apply(Self.read(2001))
        #expect(stage.done.count == 3)
    }

    @Test func aStreamThatIsGoneKeepsNothing() {
        let stage = Stage()
        stage.apply(Self.told(1))
        stage.apply(Self.stream)
        stage.perform.forget(Self.follower)
        stage.apply(Self.read(2))
        stage.perform.committed(through: 1)
        #expect(stage.done.isEmpty)
        stage.apply(Self.stream)
        stage.perform.forget(Self.follower)
        stage.apply(Self.read(2))
        #expect(stage.done == Self.opened + ["view on 0"])
    }
}
