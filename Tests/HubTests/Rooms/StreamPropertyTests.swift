import Grid
import Testing

@testable import Hub

/// Clients that follow random rooms as one stream, are cut off anywhere, and come back with the last id they saw.
@Suite("Streams, cut off anywhere")
struct StreamPropertyTests {
    @Test("Whatever a stream asks for comes once, in the order of its room, or is named as missing")
    func property() {
        var (live, replayed, resumes, gaps, torn) = (0, 0, 0, 0, 0)
        for seed in UInt64(1)...12 {
            var world = StreamWorld(seed: seed)
            for _ in 0..<2500 where world.faults.isEmpty { world.step() }
            world.finish()
            #expect(world.faults.isEmpty, "seed \(seed): \(world.faults.prefix(3))")
            live += world.liveCount
            replayed += world.replayedCount
            resumes += world.resumeCount
            gaps += world.gapCount
            torn += world.tornCount
        }
        // A run in which nothing happens shows nothing.
        #expect(live > 5000 && replayed > 5000 && resumes > 500, "\(live), \(replayed), \(resumes)")
        #expect(gaps > 20 && torn > 100, "\(gaps), \(torn)")
    }
}

/// The rooms under test, and clients that know nothing but what an EventSource knows.
private struct StreamWorld {
    struct Client {
        var wishes: [Rooms.Wish]
        /// What the last id said; nothing before the first.
        var id: [BaseRoom: LogPosition] = [:]
        /// Per room: everything up to here was asked for, and what of it was neither seen nor named as missing.
        var owed: [BaseRoom: [UInt64]] = [:]
        var session: SessionID?
        /// The looks of a stream that is live.
        var looks: [StreamLook] = []
        /// The rest of the piece that is on its way.
        var isPulled = false
    }

    var dice: Dice
    var rooms: Rooms
    var now = Now(monotonicNanoseconds: 1, wall: Timestamp(milliseconds: 1_000_000))
    var clients: [Client] = []
    var nextSession: UInt64 = 1
    var faults: [String] = []
    var (liveCount, replayedCount, resumeCount, gapCount, tornCount) = (0, 0, 0, 0, 0)

    static let bases: [BaseRoom] = [.nodes, .general]

    init(seed: UInt64) {
        dice = Dice(seed)
        var bounds = HistoryBounds()
        bounds.events = 1200
        rooms = Rooms(bounds: bounds, stored: [], entropy: &dice.entropy)
        for _ in 0..<6 { clients.append(Client(wishes: someWishes())) }
    }

    private mutating func someWishes() -> [Rooms.Wish] {
        var wishes: [Rooms.Wish] = []
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
            let room: Room =
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: .base(.nodes)
                case 1: .base(.general)
                default: .node(.test(UInt64.random(in: 0..<3, using: &dice)))
                }
            guard !wishes.contains(where: { $0.room == room }) else { continue }
            var predicate = Predicate()
            if case .node(let node) = room { predicate.nodes = [node] }
            if room.base == .nodes, Int.random(in: 0..<3, using: &dice) == 0 { predicate.regions = ["east"] }
            wishes.append(
                Rooms.Wish(room: room, predicate: Int.random(in: 0..<12, using: &dice) == 0 ? nil : predicate))
        }
        return wishes
    }

    mutating func step() {
        let place = Int.random(in: 0..<clients.count, using: &dice)
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<12: if clients[place].session == nil { come(place) }
        case 12..<18: cut(place)
        case 18..<40: pull(place)
        case 40: for _ in 0..<400 { publish() }
        default: publish()
        }
    }

    /// Everybody comes back and reads to the end.
    mutating func finish() {
        for place in clients.indices where faults.isEmpty {
            // Even now it may be cut off.
            while clients[place].session == nil || clients[place].isPulled, faults.isEmpty {
                if clients[place].session == nil { come(place) } else { pull(place) }
            }
            for (room, owed) in clients[place].owed where !owed.isEmpty {
                faults.append("client \(place) never saw \(owed.prefix(3)) of \(room)")
            }
        }
    }

    // MARK: What happens

    private func matches(_ client: Client, _ event: LoggedEvent) -> Bool {
        client.wishes.contains {
            $0.room.base == event.event.room && $0.predicate?.matches(event) == true
        }
    }

    private mutating func come(_ place: Int) {
        let session = SessionID(bits: nextSession)
        nextSession += 1
        rooms.open(session, Subscriber(user: UserID("u"), permissions: .admin))
        clients[place].session = session
        let isResume = !clients[place].id.isEmpty
        if isResume { resumeCount += 1 }
        var effects: [Effect] = []
        let since = clients[place].id.map { RoomPosition(room: $0.key, position: $0.value) }
        rooms.openStream(session, clients[place].wishes, since: since, &effects)
        take(effects, place)
    }

    private mutating func cut(_ place: Int) {
        guard let session = clients[place].session else { return }
        rooms.close(session)
        clients[place].session = nil
        clients[place].looks = []
        clients[place].isPulled = false
    }

    private mutating func pull(_ place: Int) {
        guard let session = clients[place].session, clients[place].isPulled else { return }
        clients[place].isPulled = false
        var effects: [Effect] = []
        rooms.continueStream(session, &effects)
        take(effects, place)
    }

    private mutating func take(_ effects: [Effect], _ place: Int) {
        // The connection may end within any of what is sent.
        let cut = Int.random(in: 0..<6, using: &dice) == 0
        for effect in effects {
            switch effect {
            case .streamOpened(_, let opened): begin(place, opened)
            case .streamReplay(let replay):
                clients[place].isPulled = !replay.isLast
                let count = cut ? Int.random(in: 0...replay.events.count, using: &dice) : replay.events.count
                var id = Dictionary(uniqueKeysWithValues: replay.from.map { ($0.room, $0.position) })
                for event in replay.events.prefix(count) {
                    id[event.event.room] = event.position
                    see(place, event, id)
                    replayedCount += 1
                }
                if count < replay.events.count {
                    tornCount += 1
                    return self.cut(place)
                }
            case .streamLive(_, let looks): clients[place].looks = looks
            case .fellBehind: return self.cut(place)
            default: faults.append("unexpected: \(effect)")
            }
        }
    }

    /// The acknowledgements have come, with the id that the stream begins with.
    private mutating func begin(_ place: Int, _ opened: [StreamOpening]) {
        if opened.map(\.room) != clients[place].wishes.map(\.room).sorted(by: { $0.base.rawValue < $1.base.rawValue }) {
            faults.append("acknowledged \(opened.map(\.room.name))")
        }
        for room in opened {
            let base = room.room.base
            if clients[place].id[base] == nil {
                if room.recovery != nil { faults.append("a recovery without a question") }
                clients[place].owed[base] = []
            }
            if case .partial? = room.recovery {
                gapCount += 1
                clients[place].owed[base]?.removeAll { $0 <= room.position.offset }
            }
            clients[place].id[base] = room.position
        }
    }

    private mutating func see(_ place: Int, _ event: LoggedEvent, _ id: [BaseRoom: LogPosition]) {
        let base = event.event.room
        let offset = event.position.offset
        guard clients[place].owed[base]?.first == offset else {
            return faults.append(
                "client \(place) sees \(offset) of \(base), owed \(clients[place].owed[base]?.prefix(3) ?? [])")
        }
        clients[place].owed[base]?.removeFirst()
        for (room, position) in id {
            if position.offset < clients[place].id[room]?.offset ?? 0 { faults.append("an id goes back") }
            if let first = clients[place].owed[room]?.first, first <= position.offset {
                faults.append("an id passes \(first) of \(room)")
            }
        }
        clients[place].id = id
    }

    private mutating func publish() {
        var facts = EventFacts()
        let node = NodeID.test(UInt64.random(in: 0..<3, using: &dice))
        facts.node = node
        facts.region = Bool.random(using: &dice) ? "east" : "west"
        var effects: [Effect] = []
        if Int.random(in: 0..<4, using: &dice) == 0 {
            let notification = SystemNotification(
                id: UUID128(high: 0, low: dice.next()), content: NotificationContent(title: "t", message: "m"),
                sender: UserID("root"), sentAt: now.wall)
            rooms.publish(.systemNotification(notification), EventFacts(), now, &effects)
            note(.general, effects)
            return
        }
        let status = NodeStatusChanged(
            node: node, status: .online, previous: nil, currentTask: nil, updatedAt: now.wall, sample: nil,
            health: .unknown)
        // Some are readings, which are not logged where nobody looks.
        if Bool.random(using: &dice) {
            let matching = rooms.viewing(.nodes, .readings, facts)
            let isWanted = clients.contains { client in
                client.session != nil
                    && client.wishes.contains {
                        $0.room.base == .nodes && $0.predicate?.matches(.readings, facts) == true
                    }
            }
            if isWanted == matching.isEmpty { faults.append("a reading is wanted \(isWanted), viewed \(matching)") }
            guard !matching.isEmpty else { return }
            rooms.publish(.nodeStatus(status), facts, to: matching, now, &effects)
        } else {
            rooms.publish(.nodeStatus(status), facts, now, &effects)
        }
        note(.nodes, effects)
    }

    /// An event was logged: whoever asks for it is owed it; whoever is live sees it now.
    private mutating func note(_ base: BaseRoom, _ effects: [Effect]) {
        guard let event = rooms.log(base)[rooms.log(base).lastOffset] else { return faults.append("not in its log") }
        let views = effects.publications.flatMap(\.views)
        for place in clients.indices {
            if matches(clients[place], event), clients[place].owed[base] != nil {
                clients[place].owed[base]?.append(event.position.offset)
            }
            guard let look = clients[place].looks.first(where: { $0.room == base }), views.contains(look.view) else {
                continue
            }
            liveCount += 1
            // The boldest id that could be told: of every room its very end.
            let id = clients[place].looks.map { ($0.room, rooms.log($0.room).end) }
            see(place, event, Dictionary(uniqueKeysWithValues: id))
        }
    }
}
