import Grid
import Testing

@testable import Hub

/// Random grids: whole runs against a naive model, and against themselves.
@Suite("Switchboard")
struct SwitchboardTests {
    /// A run of random events. What the model knows is told to `observe` with each event's effects.
    struct Run {
        var scene: Scene
        var dice: Dice
        var trace: [String] = []
        /// Which views each session was told to look through: what the edge knows.
        var looks: [SessionID: [BaseRoom: ViewID]] = [:]
        /// What each session asked for and was given: what the permissions allow, seen naively.
        var joins: [SessionID: [(room: Room, filter: RoomFilter)]] = [:]
        var subscribers: [SessionID: Subscriber] = [:]
        var sequences: [UInt64: UInt64] = [:]
        var delivered = 0

        static let nodes = (UInt64(1)...6).map { NodeID.test($0) }
        static let users = ["anna", "bert", "carl"]
        static let regions = ["east", "west"]

        init(seed: UInt64) {
            dice = Dice(seed)
            scene = Scene(seed: seed)
            for (index, node) in Self.nodes.enumerated() {
                scene.enrol(
                    node, token: UInt8(index + 1), owner: Self.users[index % 3], region: Self.regions[index % 2])
            }
        }

        mutating func pick<Value>(_ values: [Value]) -> Value {
            values[Int.random(in: 0..<values.count, using: &dice)]
        }

        mutating func step() {
            switch Int.random(in: 0..<40, using: &dice) {
            case 0..<4: connect()
            case 4: perform(.agentGone(SessionID(bits: pick(agents)), goodbye: Bool.random(using: &dice)))
            case 5..<7: subscribe()
            case 7..<15: join()
            case 15..<17: leave()
            case 17:
                let session = SessionID(bits: pick(Array(100..<108)))
                subscribers[session] = nil
                joins[session] = nil
                looks[session] = nil
                perform(.sessionClosed(session))
            case 18..<20: perform(.agentHeard(SessionID(bits: pick(agents))))
            case 20..<24:
                let effects = scene.run(milliseconds: Int64.random(in: 0..<8000, using: &dice))
                check(effects)
            default: send()
            }
        }

        private let agents = Array(UInt64(1)...12)

        private mutating func perform(_ event: HubEvent) { check(scene.apply(event)) }

        private mutating func connect() {
            let number = Int.random(in: 0..<Self.nodes.count, using: &dice)
            let session = pick(agents)
            sequences[session] = 0
            perform(
                .agentProved(
                    SessionID(bits: session),
                    scene.introduction(
                        Self.nodes[number], token: UInt8(number + 1), stream: UInt64.random(in: 0..<1000, using: &dice),
                        session: session)))
        }

        private mutating func send() {
            var arrivals: [SampleArrival] = []
            for _ in 0..<Int.random(in: 1...6, using: &dice) {
                let session = pick(agents)
                let sequence = (sequences[session] ?? 0) + UInt64.random(in: 0...2, using: &dice)
                sequences[session] = sequence
                arrivals.append(SampleArrival(session: SessionID(bits: session), sample: scene.sample(sequence)))
            }
            perform(.samplesTaken(arrivals))
        }

        private mutating func subscribe() {
            let session = SessionID(bits: pick(Array(100..<108)))
            let permissions = pick([Permissions.nodeRead, [.nodeRead, .taskSubmit], .admin, .taskSubmit, []])
            let subscriber = Subscriber(user: UserID(pick(Self.users)), permissions: permissions)
            subscribers[session] = subscriber
            joins[session] = []
            looks[session] = [:]
            perform(.sessionOpened(session, subscriber))
        }

        private mutating func randomRoom() -> Room {
            pick([.base(.nodes), .base(.nodes), .base(.tasks), .base(.general), .node(pick(Self.nodes)), .job("j")])
        }

        private mutating func join() {
            let session = SessionID(bits: pick(Array(100..<108)))
            let room = randomRoom()
            var filter = RoomFilter()
            if Bool.random(using: &dice) { filter.regions = [pick(Self.regions)] }
            if Int.random(in: 0..<3, using: &dice) == 0 { filter.nodeIDs = [pick(Self.nodes), pick(Self.nodes)] }
            if Int.random(in: 0..<4, using: &dice) == 0 { filter.userID = UserID(pick(Self.users)) }
            if Int.random(in: 0..<4, using: &dice) == 0 { filter.statuses = [pick(["online", "offline"])] }
            let effects = scene.apply(.joinRequested(session, room: room, filter: filter, since: nil))
            if !effects.joined.isEmpty {
                joins[session]?.removeAll { $0.room == room }
                joins[session]?.append((room, filter))
            }
            check(effects)
        }

        private mutating func leave() {
            let session = SessionID(bits: pick(Array(100..<108)))
            let room = randomRoom()
            joins[session]?.removeAll { $0.room == room }
            perform(.leaveRequested(session, room))
        }

        /// Whether a session may and wants to see an event, as EVENTS.md says it, one session at a time.
        private func mustSee(_ session: SessionID, _ event: LoggedEvent) -> Bool {
            guard let subscriber = subscribers[session], let joins = joins[session] else { return false }
            guard subscriber.permissions.allows(.nodeRead) else { return false }
            return joins.contains { join in
                guard join.room.base == event.event.room else { return false }
                if case .node(let node) = join.room, node != event.facts.node { return false }
                let filter = join.filter
                if let user = filter.userID {
                    guard user == event.facts.owner, user == subscriber.user || subscriber.permissions.contains(.admin)
                    else { return false }
                }
                return (filter.regions.isEmpty || filter.regions.contains(event.facts.region ?? ""))
                    && (filter.nodeIDs.isEmpty || event.facts.node.map { filter.nodeIDs.contains($0) } ?? false)
                    && (filter.statuses.isEmpty || filter.statuses.contains(event.facts.status ?? ""))
            }
        }

        private mutating func check(_ effects: [Effect]) {
            trace += effects.trace
            for effect in effects {
                switch effect {
                case .viewChanged(let session, let room, let view, _): looks[session]?[room] = view
                case .publish(let publication):
                    #expect(publication.views == Array(Set(publication.views)).sorted() && !publication.views.isEmpty)
                    for session in subscribers.keys {
                        let view = looks[session]?[publication.event.event.room]
                        let sees = view.map { publication.views.contains($0) } ?? false
                        #expect(sees == mustSee(session, publication.event), "\(session) \(publication.event.facts)")
                        if sees { delivered += 1 }
                    }
                default: break
                }
            }
        }
    }

    @Test("No event reaches a session that may not or does not want to see it, and none is missed", arguments: 1...20)
    func visibility(_ seed: Int) {
        var run = Run(seed: UInt64(seed))
        for _ in 0..<1500 { run.step() }
        #expect(run.delivered > 50)
    }

    @Test("The same events at the same times have the same effects", arguments: 1...5)
    func determinism(_ seed: Int) {
        var first = Run(seed: UInt64(seed))
        var second = Run(seed: UInt64(seed))
        // Sessions that came and went leave the second Hub's tables larger, hence in another order of iteration.
        for session in UInt64(10_000)..<12_000 { second.scene.open(session) }
        for session in UInt64(10_000)..<12_000 { second.scene.apply(.sessionClosed(SessionID(bits: session))) }
        for _ in 0..<400 {
            first.step()
            second.step()
        }
        #expect(first.trace == second.trace && !first.trace.isEmpty)
    }

    @Test("Statuses alternate, offsets have no holes, and counts agree with what was told", arguments: 1...10)
    func consistency(_ seed: Int) {
        var run = Run(seed: UInt64(seed))
        run.scene.open(900, .admin)
        run.scene.join(900, .base(.nodes))
        var statuses: [NodeID: NodeStatus] = [:]
        var offset = run.scene.hub.rooms.log(.nodes).end.offset
        for _ in 0..<600 {
            run.step()
            for publication in run.scene.effects.publications {
                #expect(publication.event.position.offset == offset + 1)
                offset = publication.event.position.offset
                guard case .nodeStatus(let change) = publication.event.event else { continue }
                #expect(change.previous == statuses[change.node] && change.status != change.previous)
                #expect(change.status == .online || change.sample == nil)
                statuses[change.node] = change.status
            }
        }
        let counts = run.scene.hub.counts
        #expect(counts.onlineNodes == statuses.values.filter { $0 == .online }.count)
        #expect(counts.registeredNodes == statuses.count)
    }
}
