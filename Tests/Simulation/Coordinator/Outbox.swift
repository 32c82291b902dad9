internal import Grid
internal import Hub

/// Holds back what may not be told before its commit, by the coordinator's rules: what promises something waits for the
/// changes of its own `apply`; what tells of a durable room waits until nothing of that room's log is uncommitted, and
/// keeps its order. Nothing waits for what is stored later, once the disk knows that events may be told early. The rest
/// goes at once.
struct Outbox {
    private struct Held {
        var ticket: UInt64
        var effects: [Effect]
    }

    private var held: [Held] = []
    private var mayTellEarly: Bool
    /// Changes that nobody waits for, of the latest `apply`s: stored with the next that somebody does, or alone.
    private(set) var later: [StoreChange] = []
    private var barriers = [UInt64](repeating: 0, count: BaseRoom.allCases.count)

    /// - Parameter mayTellEarly: whether the disk knows that events may be told early; else the first commit tells it.
    init(mayTellEarly: Bool = true) { self.mayTellEarly = mayTellEarly }

    /// Sorts the effects of one `apply`: appends what can be carried out at once, and returns the changes to commit
    /// under `ticket`.
    mutating func take(_ effects: [Effect], ticket: UInt64, ready: inout [Effect]) -> [StoreChange] {
        var changes: [StoreChange] = []
        var waiting: [Effect] = []
        var stored = BaseRoomSet()
        var isAwaited = false
        for effect in effects {
            if let change = effect.change {
                changes.append(change)
                if case .persistLater = effect, mayTellEarly { continue }
                isAwaited = true
                if let room = change.durableRoom { stored.insert(room) }
                continue
            }
            let rooms = effect.durableRooms
            if rooms.isEmpty {
                if changes.isEmpty || !effect.isPromise { ready.append(effect) } else { waiting.append(effect) }
            } else if isAwaited {
                waiting.append(effect)
                for room in rooms.rooms { stored.insert(room) }
            } else {
                let barrier = rooms.rooms.reduce(0) { max($0, barriers[Int($1.rawValue)]) }
                guard barrier > 0, let place = held.lastIndex(where: { $0.ticket == barrier }) else {
                    ready.append(effect)
                    continue
                }
                held[place].effects.append(effect)
                for room in rooms.rooms { barriers[Int(room.rawValue)] = barrier }
            }
        }
        guard isAwaited || !waiting.isEmpty else {
            later += changes
            return []
        }
        held.append(Held(ticket: ticket, effects: waiting))
        for room in stored.rooms { barriers[Int(room.rawValue)] = ticket }
        return takeLater() + changes
    }

    /// What was put off and is to be stored now.
    mutating func takeLater() -> [StoreChange] {
        defer { later = [] }
        return later
    }

    /// Everything up to that ticket is on disk: what waited for it, in order.
    mutating func committed(through ticket: UInt64) -> [Effect] {
        mayTellEarly = true
        let count = held.prefix { $0.ticket <= ticket }.count
        let ready = held.prefix(count).flatMap(\.effects)
        held.removeFirst(count)
        for room in barriers.indices where barriers[room] <= ticket { barriers[room] = 0 }
        return ready
    }

    var isEmpty: Bool { held.isEmpty }
}

extension Effect {
    /// Whether it may not outrun the changes that stand before it in the same `apply`.
    fileprivate var isPromise: Bool {
        switch self {
        case .publish, .viewChanged, .audit: false
        default: true
        }
    }
}

extension StoreChange {
    /// The durable room of whose subjects it tells, if there is one.
    fileprivate var durableRoom: BaseRoom? {
        switch self {
        case .event(let event): event.event.room
        case .eventsTrimmed(let room, _), .epochBegan(let room, _), .toldEarly(let room, _): room
        case .task, .taskForgotten, .job: .tasks
        case .alert, .alertForgotten: .alerts
        case .node, .enrolment, .user, .revocation, .audit, .transfer, .trust, .apiKey, .apiKeyForgotten: nil
        }
    }
}
