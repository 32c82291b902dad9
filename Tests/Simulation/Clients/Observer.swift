internal import Grid
internal import Hub

/// An administrator's session that follows the room `tasks` through every restart: it must be shown every event of the
/// log once, in order, and none that a crash could still take back.
struct Observer {
    static let session = SessionID(bits: 2)
    /// Behind what it was shown; `nil` before anything was.
    var last: LogPosition?
    var isIn = false
    var seen = 0
}

extension World {
    func observerOpens() {
        observer.isIn = false
        let subscriber = Subscriber(user: UserID("root"), permissions: [.admin])
        let since = observer.last.flatMap { $0.offset > 0 ? $0 : nil }
        tell(.sessionOpened(Observer.session, subscriber))
        tell(.joinRequested(Observer.session, room: .base(.tasks), filter: RoomFilter(), since: since))
    }

    func observerJoined(_ position: LogPosition, _ recovery: Recovery?) {
        if case .partial(let gap)? = recovery, gap.cause != .trimmed {
            violate("T6", "the log of tasks does not go on where it was: \(gap)")
        }
        if case .whole? = recovery, position != observer.last {
            violate("T6", "a whole recovery begins at \(position.offset), not at \(observer.last?.offset ?? 0)")
        }
        observer.last = position
        observer.isIn = true
    }

    func observerSees(_ replay: Replay) {
        for event in replay.events { observerSees(event) }
        if !replay.isLast { plan(.observerWants(start: coordinator.start), in: dice.within(plan.delay)) }
    }

    func observerWants() { tell(.replayWanted(Observer.session, .tasks)) }

    func observerSees(_ event: LoggedEvent) {
        guard event.event.room == .tasks else { return }
        guard observer.isIn, let last = observer.last, last.epoch == event.position.epoch,
            event.position.offset == last.offset + 1
        else {
            return violate("T6", "event \(event.position.offset) was shown behind \(observer.last?.offset ?? 0)")
        }
        observer.last = event.position
        observer.seen += 1
        guard let log = coordinator.disk.book.log(.tasks) else {
            return violate("T6", "event \(event.position.offset) was shown and is not on disk")
        }
        // The same commit may have let go of it already.
        guard event.position.offset > log.trimmedThrough else { return }
        let place = Int(event.position.offset - log.trimmedThrough) - 1
        if place >= log.events.count || log.events[place] != event {
            violate("T6", "event \(event.position.offset) was shown and is not on disk")
        }
    }
}
