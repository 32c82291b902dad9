internal import Fanout
internal import Grid
internal import Hub
internal import Wire

/// Carries out the Hub's effects: the only switch over ``Effect`` that does something.
///
/// Telemetry goes to the loops at once, encoded once per class. What promises something (a welcome, an answer) waits
/// until the Store has reported the changes of the same `apply` as committed. Whatever tells of a durable room's log
/// (its events, replays of them, who looks from when on) keeps its order and waits as long as anything of that log is
/// not committed: so nobody is shown what a crash could still take back. Not awaited is only what comes back by itself
/// (``Effect/persistLater(_:)``): it goes out as soon as nothing before it waits. A stream of several rooms waits as a
/// whole; its readings do not make others wait, and are kept for it (``ParkedStreams``).
final class Perform {
    /// What waits for one commit.
    private struct Held {
        var ticket: UInt64
        var effects: [Effect]
    }

    private let publisher: Publisher
    private let replays: ReplayEncoder
    private let sendToLoop: (Int, EdgeMessage) -> Void
    private let audit: (AuditEntry) -> Void
    private let revoke: (Revocation) -> Void
    private let changeKey: (APIKeyRecord) -> Void
    /// A ticket each, ascending.
    private var held: [Held] = []
    /// The newest commit that an effect on the room waits for or that stores an event of it, a durable room each;
    /// 0 for none.
    private var barriers = [UInt64](repeating: 0, count: BaseRoom.allCases.count)
    private var parked = ParkedStreams()
    /// Whether the disk knows that events may be told early: if not, a crash would go unnoticed that took some of them.
    private var mayTellEarly: Bool

    // Of the `apply` that is being performed; empty in between, their room is kept.
    private var changes: [StoreChange] = []
    private var waiting: [Effect] = []
    private var stored = BaseRoomSet()
    /// Whether anything of `changes` is awaited.
    private var isAwaited = false

    /// - Parameters:
    ///   - publisher: the fan-out's writing end.
    ///   - replays: frames what sessions missed.
    ///   - sendToLoop: hands a message to the loop of that number.
    ///   - audit: writes a line of the audit log.
    ///   - revoke: takes tokens back, at every edge.
    ///   - changeKey: takes an API key from now on, or takes it back, at every edge.
    ///   - mayTellEarly: whether the Store has been told so (``StoreChange/toldEarly(_:_:)``); if not, its first commit
    ///     does.
    init(
        publisher: Publisher, replays: ReplayEncoder, sendToLoop: @escaping (Int, EdgeMessage) -> Void,
        audit: @escaping (AuditEntry) -> Void, revoke: @escaping (Revocation) -> Void = { _ in },
        changeKey: @escaping (APIKeyRecord) -> Void = { _ in }, mayTellEarly: Bool = true
    ) {
        self.mayTellEarly = mayTellEarly
        self.publisher = publisher
        self.replays = replays
        self.sendToLoop = sendToLoop
        self.audit = audit
        self.revoke = revoke
        self.changeKey = changeKey
    }

    // MARK: Measures

    /// What was published so far.
    var published: PublisherStatistics { publisher.statistics }

    /// Compressions so far.
    var compressionCount: UInt64 { publisher.compressedCount }

    /// Effects that wait for a commit, each `apply` counted once.
    var heldCount: Int { held.count }

    /// Tells a loop what no effect says.
    func tell(_ loop: Int, _ message: EdgeMessage) { sendToLoop(loop, message) }

    // MARK: Effects

    /// Carries out the effects of one `apply`.
    ///
    /// - Parameters:
    ///   - commit: takes the durable changes, if any, and answers with their ticket, which rises.
    ///   - later: takes them where nobody waits for them; they are stored with the next commit at the latest.
    func perform(_ effects: [Effect], commit: ([StoreChange]) -> UInt64, later: ([StoreChange]) -> Void) {
        for effect in effects { take(effect) }
        guard !changes.isEmpty else { return }
        if isAwaited || !waiting.isEmpty {
            let ticket = commit(changes)
            held.append(Held(ticket: ticket, effects: waiting))
            raiseBarriers(of: stored, to: ticket)
        } else {
            later(changes)
        }
        changes.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        stored = BaseRoomSet()
        isAwaited = false
    }

    private func raiseBarriers(of rooms: BaseRoomSet, to ticket: UInt64) {
        for room in rooms.rooms { barriers[Int(room.rawValue)] = ticket }
    }

    private func take(_ effect: Effect) {
        if let change = effect.change {
            changes.append(change)
            if case .persistLater = effect, mayTellEarly { return }
            isAwaited = true
            if let room = change.room { stored.insert(room) }
            return
        }
        let rooms = effect.durableRooms
        if rooms.isEmpty {
            if isPromise(effect), !changes.isEmpty { wait(effect) } else { carryOut(effect) }
        } else if isAwaited {
            wait(effect)
            // Later effects on these rooms may not overtake this one, whatever it waits for.
            for room in rooms.rooms { stored.insert(room) }
        } else {
            let barrier = rooms.rooms.reduce(0) { max($0, barriers[Int($1.rawValue)]) }
            if barrier > 0 { hold(effect, of: rooms, behind: barrier) } else { carryOut(effect) }
        }
    }

    /// Lets an effect wait for the commit of the changes of the same `apply`.
    private func wait(_ effect: Effect) {
        waiting.append(effect)
        park(effect)
    }

    /// Whether the effect may not outrun the changes that stand before it in the same `apply`.
    private func isPromise(_ effect: Effect) -> Bool {
        switch effect {
        case .publish, .viewChanged, .audit: false
        default: true
        }
    }

    private func hold(_ effect: Effect, of rooms: BaseRoomSet, behind ticket: UInt64) {
        guard let place = held.lastIndex(where: { $0.ticket == ticket }) else {
            preconditionFailure("a barrier outlived its commit")
        }
        held[place].effects.append(effect)
        // Of several rooms: what comes in the others may not overtake it either.
        raiseBarriers(of: rooms, to: ticket)
        park(effect)
    }

    private func park(_ effect: Effect) {
        if case .streamLive(let session, let looks) = effect { parked.park(session, looks) }
    }

    private func carryOut(_ effect: Effect) {
        switch effect {
        case .publish(let publication):
            publisher.publish(publication.event, views: publication.views)
            parked.note(publication)
        case .persist, .persistLater:
            preconditionFailure("a change is no effect on anybody")
        case .viewChanged(let session, let room, let view, let position):
            let address = SessionAddress(session)
            let key = ClassKey(room: room, dialect: address.dialect, framing: address.framing)
            publisher.setView(session, loop: address.loop, key: key, view: view, from: position)
        case .replay(let replay):
            let address = SessionAddress(replay.session)
            let frames = replays.frames(of: replay.events, dialect: address.dialect, framing: address.framing)
            sendToLoop(address.loop, .replay(replay.session, replay.room, frames, isLast: replay.isLast))
        case .streamReplay(let replay):
            show(replay)
        case .streamLive(let session, let looks):
            goLive(session, looks)
        case .audit(let entry):
            audit(entry)
        case .revoked(let revocation):
            revoke(revocation)
        case .apiKeyChanged(let record):
            changeKey(record)
        case .agentChallenge(let session, _), .agentRefused(let session, _), .agentWelcome(let session, _),
            .agentAck(let session, _), .agentAdvice(let session, _), .agentFenced(let session),
            .agentTask(let session, _), .roomJoined(let session, _, _, _), .fellBehind(let session),
            .roomLeft(let session, _),
            .refused(let session, _), .joinRefused(let session, _, _), .roomLimit(let session, _),
            .returned(let session, _), .streamOpened(let session, _):
            deliver(effect, to: session)
        case .answer(let request, _):
            deliver(effect, to: request.session)
        }
    }

    private func show(_ replay: StreamReplay) {
        let frames = replays.streamFrames(of: replay.events, from: replay.from)
        let loop = SessionAddress(replay.session).loop
        sendToLoop(loop, .streamReplay(replay.session, frames, isLast: replay.isLast))
    }

    private func goLive(_ session: SessionID, _ looks: [StreamLook]) {
        var looks = looks
        if let missed = parked.release(session) {
            guard !missed.isTooMuch else { return deliver(.fellBehind(session), to: session) }
            if !missed.events.isEmpty {
                let from = looks.map { RoomPosition(room: $0.room, position: $0.from) }
                show(StreamReplay(session: session, from: from, events: missed.events, isLast: true))
                // The ids of what follows speak of these events as well.
                looks = missed.behind(looks)
            }
        }
        publisher.setStream(session, loop: SessionAddress(session).loop, looks: looks)
    }

    private func deliver(_ effect: Effect, to session: SessionID) {
        sendToLoop(SessionAddress(session).loop, .effect(effect))
    }

    /// The Store has committed everything up to that ticket.
    func committed(through ticket: UInt64) {
        mayTellEarly = true
        let ready = held.prefix { $0.ticket <= ticket }
        held.removeFirst(ready.count)
        for room in barriers.indices where barriers[room] <= ticket { barriers[room] = 0 }
        for entry in ready {
            for effect in entry.effects { carryOut(effect) }
        }
    }

    /// Whether something still waits for a commit.
    var isWaiting: Bool { !held.isEmpty }

    /// A session is gone: the fan-out forgets it, and what waited for it goes nowhere.
    func forget(_ session: SessionID) {
        _ = parked.release(session)
        for place in held.indices { held[place].effects.removeAll { $0.session == session } }
        publisher.forget(session, loop: SessionAddress(session).loop)
    }
}

extension StoreChange {
    /// The durable room of whose subjects it tells, if there is one.
    fileprivate var room: BaseRoom? {
        switch self {
        case .event(let event): event.event.room
        case .eventsTrimmed(let room, _), .epochBegan(let room, _), .toldEarly(let room, _): room
        // Orders to agents and answers to submitters wait for what was decided of tasks, told by an event or not.
        case .task, .taskForgotten, .job: .tasks
        case .alert, .alertForgotten: .alerts
        case .node, .enrolment, .user, .revocation, .audit, .transfer, .trust, .apiKey, .apiKeyForgotten: nil
        }
    }
}
