internal import Grid
internal import Hub

/// An administrator's session that follows the room `tasks` through every restart: it must be shown every event of the
/// log once, in order, and none that a crash could still take back, but for what agents tell anew.
struct Observer {
    static let session = SessionID(bits: 2)
    /// Behind what it was shown; `nil` before anything was.
    var last: LogPosition?
    /// Up to where a crash has left of what it was shown; `nil` since it came back.
    var left: UInt64?
    /// How far it was shown each task to be, under which epoch.
    var percents: [TaskID: (epoch: UInt64, percent: Int)] = [:]
    var isIn = false
    /// What it looks through; `nil` while it is still shown what it missed.
    var view: ViewID?
    var seen = 0
}

extension World {
    func observerOpens() {
        observer.isIn = false
        observer.view = nil
        let subscriber = Subscriber(user: UserID("root"), permissions: [.admin])
        let since = observer.last.flatMap { $0.offset > 0 ? $0 : nil }
        tell(.sessionOpened(Observer.session, subscriber))
        tell(.joinRequested(Observer.session, room: .base(.tasks), filter: RoomFilter(), since: since))
    }

    /// The coordinator has crashed: of what the observer was shown, this is on disk.
    func observerLost() {
        guard let last = observer.last else { return }
        observer.left = min(observer.left ?? last.offset, coordinator.disk.book.log(.tasks)?.lastOffset ?? 0)
    }

    func observerJoined(_ position: LogPosition, _ recovery: Recovery?) {
        if case .partial(let gap)? = recovery, gap.cause != .trimmed, !isUnknown(gap) {
            violate("T6", "the log of tasks does not go on where it was: \(gap)")
        }
        let expected = observer.left ?? observer.last?.offset
        if case .whole? = recovery, position.offset != expected {
            violate("T6", "a whole recovery begins at \(position.offset), not at \(expected ?? 0)")
        }
        observer.last = position
        observer.left = nil
        observer.isIn = true
    }

    /// Whether the epoch in which the observer was shown something ended before it was on disk.
    private func isUnknown(_ gap: LogGap) -> Bool {
        guard gap.cause == .epochChanged, let log = coordinator.disk.book.log(.tasks) else { return false }
        return log.epoch != gap.from.epoch && !log.formerEpochs.contains { $0.epoch == gap.from.epoch }
    }

    func observerSees(_ replay: Replay) {
        for event in replay.events { observerSees(event) }
        if !replay.isLast { plan(.observerWants(start: coordinator.start), in: dice.within(plan.delay)) }
    }

    func observerWants() { tell(.replayWanted(Observer.session, .tasks)) }

    func observerSees(_ publication: Publication) {
        guard let view = observer.view, publication.views.contains(view) else { return }
        observerSees(publication.event)
    }

    private func observerSees(_ event: LoggedEvent) {
        guard event.event.room == .tasks else { return }
        guard observer.isIn, let last = observer.last, last.epoch == event.position.epoch,
            event.position.offset == last.offset + 1
        else {
            return violate("T6", "event \(event.position.offset) was shown behind \(observer.last?.offset ?? 0)")
        }
        observer.last = event.position
        observer.seen += 1
        checkProgress(event)
        guard !isOnDisk(event) else { return }
        let change = StoreChange.event(event)
        // Its own `apply` may not have been put on its way yet: it is performed first.
        let isOnItsWay =
            coordinator.disk.waiting.contains { $0.changes.contains(change) }
            || coordinator.outbox.later.contains(change)
        if !isOnItsWay || !comesAgain(event.event) {
            violate("T6", "event \(event.position.offset) was shown and is not on disk")
        }
    }

    private func isOnDisk(_ event: LoggedEvent) -> Bool {
        guard let log = coordinator.disk.book.log(.tasks), event.position.offset <= log.lastOffset else { return false }
        // The same commit may have let go of it already.
        guard event.position.offset > log.trimmedThrough else { return true }
        var stored = log.events[Int(event.position.offset - log.trimmedThrough) - 1]
        // The commit of this start's epoch may be on its way still.
        stored.position.epoch = event.position.epoch
        return stored == event
    }

    /// Whether an agent will tell it to the next coordinator if this one forgets it.
    private func comesAgain(_ event: RoomEvent) -> Bool {
        switch event {
        case .taskUpdated(let update): update.kind == .status && update.state == .running
        case .taskProgressed(let progress): watch.emitted.tasks[progress.task]?.specification.gangSize == 1
        default: false
        }
    }

    /// No crash makes a task seem less far than the observer was shown already. Whoever lies may contradict itself to a
    /// coordinator that has let go of what it said.
    private func checkProgress(_ event: LoggedEvent) {
        guard case .taskProgressed(let step) = event.event, let task = watch.emitted.tasks[step.task],
            task.leases.allSatisfy({ watch.machines[$0.node]?.isHonest == true })
        else { return }
        if let former = observer.percents[step.task], former.epoch == step.epoch,
            step.progress.percent < former.percent
        {
            violate("T4", "task \(text(step.task)) was shown at \(former.percent), then \(step.progress.percent)")
        }
        observer.percents[step.task] = (step.epoch, step.progress.percent)
    }
}
