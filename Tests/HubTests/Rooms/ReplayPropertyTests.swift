import Grid
import Testing

@testable import Hub

/// Whatever sessions do in whatever order: each sees of every room it is in exactly what it asked for, once, in order,
/// and nothing that it may not see. A naive model of what each is owed runs beside.
@Suite("Replay, in every order of things")
struct ReplayPropertyTests {
    @Test("Exactly what is owed, once, in order, and nothing else")
    func property() {
        var (live, replayed, pieces, gaps, overtaken, closed) = (0, 0, 0, 0, 0, 0)
        for seed in UInt64(1)...8 {
            var world = World(seed: seed)
            for _ in 0..<2500 where world.isSound { world.step() }
            #expect(world.faults.isEmpty, "seed \(seed): \(world.faults)")
            live += world.liveCount
            replayed += world.replayedCount
            pieces += world.pieceCount
            gaps += world.gapCount
            overtaken += world.overtakenCount
            closed += world.closedInReplayCount
        }
        // A run in which nothing happens shows nothing.
        #expect(live > 10_000 && replayed > 10_000 && pieces > 500)
        #expect(gaps > 50 && overtaken > 3 && closed > 3, "\(gaps), \(overtaken), \(closed)")
    }
}

/// The rooms under test, and what a reader of the specification would keep in mind about them.
private struct World {
    /// A join as its session sees it live.
    struct Live {
        var room: Room
        var predicate: Predicate
        var from: UInt64
    }

    /// A join that is being replayed: what it is owed in all, and what came of it.
    struct Resuming {
        var room: Room
        var predicate: Predicate
        var from: UInt64
        var owed: [UInt64]
        var got: [UInt64] = []
        var isPulled = false
    }

    struct Person {
        /// `nil` may see everybody's.
        var owner: UserID?
        var live: [Live] = []
        var active: [BaseRoom: Resuming] = [:]
        var asked: [Room: (predicate: Predicate, since: LogPosition?)] = [:]
        var views: [BaseRoom: ViewID] = [:]
        /// Logs of which a piece came that was not the last, and none that was: what the connection goes by.
        var begun: Set<BaseRoom> = []
    }

    var dice: Dice
    var rooms: Rooms
    var now = Now(monotonicNanoseconds: 1, wall: Timestamp(milliseconds: 1_000_000))
    var people: [SessionID: Person] = [:]
    /// Everything that was ever logged.
    var logged: [BaseRoom: [LoggedEvent]] = [.nodes: [], .general: []]
    var unloggedAfter: UInt64?
    var faults: [String] = []
    var (liveCount, replayedCount, pieceCount) = (0, 0, 0)
    var (gapCount, overtakenCount, closedInReplayCount) = (0, 0, 0)

    static let kept = 400
    static let owners = ["anna", "bert", "carl"].map { UserID($0) }
    static let regions = ["east", "west"]

    init(seed: UInt64) {
        dice = Dice(seed)
        var bounds = HistoryBounds()
        bounds.events = Self.kept
        rooms = Rooms(bounds: bounds, stored: [], entropy: &dice.entropy)
    }

    var isSound: Bool { faults.isEmpty }

    mutating func fault(_ text: String) { faults.append(text) }

    // MARK: What happens

    mutating func step() {
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<3: open()
        case 3..<4: close()
        case 4..<12: join()
        case 12..<15: leave()
        case 15..<40: pull()
        // Beside readers who are in the middle of a replay.
        case 40: for _ in 0..<300 { publish() }
        default: for _ in 0..<Int.random(in: 1...4, using: &dice) { publish() }
        }
        for (session, person) in people where person.begun != Set(person.active.keys) {
            fault("\(session) was told of replays of \(person.begun), of \(person.active.keys) there are some")
        }
    }

    private mutating func someone() -> SessionID? {
        people.keys.sorted().randomElement(using: &dice)
    }

    private mutating func open() {
        guard people.count < 12 else { return close() }
        let session = SessionID(bits: dice.next())
        let owner = Bool.random(using: &dice) ? nil : Self.owners.randomElement(using: &dice)
        people[session] = Person(owner: owner)
        rooms.open(session, Subscriber(user: owner ?? UserID("root"), permissions: owner == nil ? .admin : []))
    }

    private mutating func close() {
        guard let session = someone() else { return }
        if people[session]?.active.isEmpty == false { closedInReplayCount += 1 }
        people[session] = nil
        rooms.close(session)
    }

    private mutating func anyRoom() -> Room {
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: .base(.general)
        case 1, 2: .base(.nodes)
        default: .node(.test(UInt64.random(in: 0..<3, using: &dice)))
        }
    }

    /// What the rules would make of a filter, the ownership of a room like `tasks` included.
    private mutating func predicate(_ room: Room, _ owner: UserID?) -> Predicate {
        var predicate = Predicate()
        predicate.owner = owner
        if case .node(let node) = room { predicate.nodes = [node] }
        guard room.base == .nodes else { return predicate }
        if Int.random(in: 0..<4, using: &dice) == 0 { predicate.regions = [Self.regions.randomElement(using: &dice)!] }
        return predicate
    }

    private mutating func join() {
        guard let session = someone(), let person = people[session] else { return }
        let room = anyRoom()
        let predicate = predicate(room, person.owner)
        var since: LogPosition?
        if Int.random(in: 0..<4, using: &dice) > 0 {
            let end = rooms.log(room.base).end
            let back = UInt64.random(in: 0...(Bool.random(using: &dice) ? 30 : 500), using: &dice)
            since = LogPosition(epoch: end.epoch, offset: end.offset > back ? end.offset - back : 0)
            if Int.random(in: 0..<20, using: &dice) == 0 { since?.epoch += 1 }
            if Int.random(in: 0..<20, using: &dice) == 0 { since?.offset = end.offset + 5 }
        }
        forget(session, room)
        people[session]?.asked[room] = (predicate, since)
        var effects: [Effect] = []
        rooms.join(session, room, predicate, since: since, &effects)
        take(effects)
    }

    private mutating func leave() {
        guard let session = someone(), let person = people[session] else { return }
        let mine = Set(person.live.map(\.room)).union(person.active.values.map(\.room)).union(person.asked.keys)
        guard let room = mine.sorted(by: { $0.name < $1.name }).randomElement(using: &dice) else { return }
        forget(session, room)
        var effects: [Effect] = []
        rooms.leave(session, room, &effects)
        take(effects)
    }

    private mutating func forget(_ session: SessionID, _ room: Room) {
        people[session]?.asked[room] = nil
        people[session]?.live.removeAll { $0.room == room }
        if people[session]?.active[room.base]?.room == room { people[session]?.active[room.base] = nil }
    }

    private mutating func pull() {
        guard let session = someone(), let base = people[session]?.active.keys.min(by: { $0.rawValue < $1.rawValue })
        else { return }
        // Unless the answer is another piece that is not the last, there is no more: the last may be empty.
        people[session]?.active[base]?.isPulled = false
        var effects: [Effect] = []
        rooms.continueReplay(session, base, &effects)
        take(effects)
        settle(session, base)
    }

    private mutating func publish() {
        var facts = EventFacts()
        facts.owner = Self.owners.randomElement(using: &dice)
        var effects: [Effect] = []
        if Int.random(in: 0..<8, using: &dice) == 0 {
            let notification = SystemNotification(
                id: UUID128(high: 0, low: dice.next()), content: NotificationContent(title: "t", message: "m"),
                sender: UserID("root"), sentAt: now.wall)
            rooms.publish(.systemNotification(notification), facts, now, &effects)
            note(.general, effects)
            return
        }
        let node = NodeID.test(UInt64.random(in: 0..<3, using: &dice))
        facts.node = node
        facts.region = Self.regions.randomElement(using: &dice)
        let before = rooms.log(.nodes).lastOffset
        if Int.random(in: 0..<6, using: &dice) == 0, rooms.viewing(.nodes, .readings, facts).isEmpty {
            unloggedAfter = before
            return
        }
        let event = NodeStatusChanged(
            node: node, status: .online, previous: nil, currentTask: nil, updatedAt: now.wall, sample: nil,
            health: .unknown)
        rooms.publish(.nodeStatus(event), facts, now, &effects)
        note(.nodes, effects)
    }

    // MARK: What is seen

    /// An event was logged: whoever has a live join that matches sees it now, once, and nobody else does.
    private mutating func note(_ base: BaseRoom, _ effects: [Effect]) {
        let log = rooms.log(base)
        guard let event = log[log.lastOffset] else { return fault("an event is not in its log") }
        logged[base]?.append(event)
        let views = effects.publications.flatMap(\.views)
        for session in people.keys.sorted() {
            let sees = people[session]?.views[base].map(views.contains) ?? false
            let isOwed = people[session]?.live.contains { $0.room.base == base && $0.predicate.matches(event) }
            if sees != isOwed {
                fault("event \(event.position.offset) of \(base): seen \(sees), owed \(isOwed ?? false)")
            }
            if sees {
                liveCount += 1
                checkRight(session, event)
            } else if people[session]?.active[base]?.predicate.matches(event) == true {
                people[session]?.active[base]?.owed.append(event.position.offset)
            }
        }
    }

    private mutating func checkRight(_ session: SessionID, _ event: LoggedEvent) {
        if let owner = people[session]?.owner, event.facts.owner != owner {
            fault("\(owner) sees what is \(event.facts.owner?.text ?? "nobody")'s")
        }
    }

    private mutating func take(_ effects: [Effect]) {
        var touched: Set<SessionID> = []
        for effect in effects {
            switch effect {
            case .roomJoined(let session, let room, let position, let recovery):
                touched.insert(session)
                settle(session, room.base)
                begin(session, room, position, recovery)
            case .replay(let replay):
                show(replay)
            case .viewChanged(let session, let base, let view, _):
                people[session]?.views[base] = view
            case .fellBehind(let session):
                overtaken(session)
            case .roomLeft: break
            default: fault("unexpected: \(effect)")
            }
        }
        for session in touched { for base in [BaseRoom.nodes, .general] { settle(session, base) } }
    }

    /// A join was acknowledged: it is live at once, or owed what came since.
    private mutating func begin(_ session: SessionID, _ room: Room, _ position: LogPosition, _ recovery: Recovery?) {
        guard let asked = people[session]?.asked.removeValue(forKey: room) else { return fault("a join nobody asked") }
        guard let since = asked.since, let recovery else {
            if recovery != nil || asked.since != nil { fault("a recovery without a question, or none with one") }
            people[session]?.live.append(Live(room: room, predicate: asked.predicate, from: position.offset))
            return
        }
        check(recovery, since, position, room.base)
        let live = people[session]?.live.filter { $0.room.base == room.base } ?? []
        let owed = (logged[room.base] ?? []).filter { event in
            event.position.offset > position.offset && asked.predicate.matches(event)
                && !live.contains { $0.from < event.position.offset && $0.predicate.matches(event) }
        }
        people[session]?.active[room.base] = Resuming(
            room: room, predicate: asked.predicate, from: position.offset, owed: owed.map(\.position.offset))
    }

    /// Whether the claim about what is missing is true.
    private mutating func check(_ recovery: Recovery, _ since: LogPosition, _ from: LogPosition, _ base: BaseRoom) {
        let last = UInt64(logged[base]?.count ?? 0)
        let trimmed = last > UInt64(Self.kept) ? last - UInt64(Self.kept) : 0
        let unlogged = base == .nodes ? unloggedAfter : nil
        let isForeign = since.epoch != from.epoch || since.offset > last
        let isWhole =
            !isForeign && since.offset >= trimmed && (unlogged ?? 0) <= since.offset && unlogged != since.offset
        if isWhole != (recovery == .whole) { fault("\(recovery) at \(since), log \(trimmed)...\(last)") }
        if isWhole, from.offset != since.offset { fault("a whole recovery that begins elsewhere") }
        if isForeign, from.offset != last { fault("a foreign position is replayed") }
        if !isForeign, from.offset != max(trimmed, since.offset) { fault("less is replayed than there is") }
        if !isWhole { gapCount += 1 }
    }

    private mutating func show(_ replay: Replay) {
        pieceCount += 1
        replayedCount += replay.events.count
        for event in replay.events { checkRight(replay.session, event) }
        if replay.isLast {
            people[replay.session]?.begun.remove(replay.room)
        } else {
            people[replay.session]?.begun.insert(replay.room)
        }
        // One that is given up ends with an empty piece.
        if people[replay.session]?.active[replay.room] == nil, replay.isLast, replay.events.isEmpty { return }
        guard var resuming = people[replay.session]?.active[replay.room] else { return fault("a replay of nothing") }
        resuming.got += replay.offsets
        resuming.isPulled = !replay.isLast
        if !resuming.owed.starts(with: resuming.got) { fault("replayed \(replay.offsets), owed \(resuming.owed)") }
        people[replay.session]?.active[replay.room] = resuming
        if replay.isLast { settle(replay.session, replay.room) }
    }

    /// A replay that asks for no further pull has to be complete; its join is live from then on.
    private mutating func settle(_ session: SessionID, _ base: BaseRoom) {
        guard let resuming = people[session]?.active[base], !resuming.isPulled else { return }
        if resuming.got != resuming.owed { fault("got \(resuming.got) of \(resuming.owed)") }
        people[session]?.active[base] = nil
        people[session]?.live.append(Live(room: resuming.room, predicate: resuming.predicate, from: resuming.from))
    }

    /// The log has overtaken a reader: true only if it let go of events behind those the reader had.
    private mutating func overtaken(_ session: SessionID) {
        overtakenCount += 1
        let isTrue = people[session]?.active.values.contains { resuming in
            let log = rooms.log(resuming.room.base)
            return log.trimmedThrough > max(resuming.from, resuming.got.last ?? 0)
        }
        if isTrue != true { fault("sent away though nothing was missing") }
        people[session] = nil
        rooms.close(session)
    }
}
