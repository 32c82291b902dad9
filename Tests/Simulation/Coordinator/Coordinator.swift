internal import Grid
internal import Hub

/// The coordinator's process in the simulated world: the real Hub, and around it what Coordinator/ does for it.
final class Coordinator {
    /// `nil` while the process is down.
    var hub: Hub?
    /// Counts the starts; whatever was planned for an earlier one is void.
    var start = 0
    var isPaused = false
    /// What arrived while it stood still.
    var inbox: [HubEvent] = []
    var disk = Disk()
    var outbox = Outbox()
    var nextTicket: UInt64 = 1
    /// The earliest deadline that is on the agenda; `nil` for none.
    var armed: UInt64?
    /// Effects after which it crashes; `nil` = it does not.
    var effectsToCrash: Int?
    /// The buffers of one `apply`, kept for their room.
    var effects: [Effect] = []
    var ready: [Effect] = []
    /// How often in a row the Hub asked to be called at a time that has passed.
    var idleCalls = 0
    let identity = UUID128(high: 0xC0, low: 0x1)

    var isUp: Bool { hub != nil }
}

extension World {
    // MARK: Life

    func startCoordinator() {
        guard coordinator.hub == nil else { return }
        coordinator.start += 1
        coordinator.isPaused = false
        coordinator.armed = nil
        coordinator.effectsToCrash = nil
        var state = coordinator.disk.book.state(coordinatorID: coordinator.identity)
        let begun = state.beginTellingEarly { dice.next() }
        coordinator.hub = Hub(configuration: plan.configuration, state: state, seed: dice.next(), now: hubNow)
        note("coordinator starts", coordinator.start)
        watch.began(begun)
        coordinator.outbox = Outbox(mayTellEarly: !coordinator.disk.isFull)
        if coordinator.disk.isFull {
            write(begun)
        } else {
            coordinator.disk.book.apply(begun)
            watch.stored(begun)
        }
        armDeadline()
        observerOpens()
    }

    /// The process is gone, whatever it was doing.
    func crashCoordinator() {
        guard coordinator.isUp else { return }
        note("coordinator crashes", coordinator.start)
        coordinator.hub = nil
        coordinator.inbox = []
        coordinator.outbox = Outbox()
        let survivors = coordinator.disk.crash(keeping: dice.within(0...coordinator.disk.writing))
        for transaction in survivors { watch.stored(transaction.changes) }
        watch.coordinatorCrashed()
        observerLost()
        for link in links where link.isOpenAtCoordinator && link.coordinatorStart == coordinator.start {
            link.isOpenAtCoordinator = false
            sendDown(.closed, over: link)
        }
        plan(.coordinatorStarts, in: dice.milliseconds(dice.pick([100...1500, 1000...8000, 5000...20_000])))
    }

    func pauseCoordinator(_ nanoseconds: UInt64) {
        guard coordinator.isUp, !coordinator.isPaused else { return }
        coordinator.isPaused = true
        note("coordinator stands still", Int(nanoseconds / 1_000_000))
        plan(.coordinatorWakes(start: coordinator.start), in: nanoseconds)
    }

    func wakeCoordinator() {
        guard coordinator.isUp, coordinator.isPaused else { return }
        coordinator.isPaused = false
        let events = coordinator.inbox
        coordinator.inbox = []
        for event in events where violation == nil { tell(event) }
        if coordinator.isUp, coordinator.disk.begin() { planCommit() }
        passTime()
    }

    // MARK: Events

    /// Hands an event to the Hub, or keeps it for a coordinator that stands still.
    func tell(_ event: HubEvent) {
        guard coordinator.isUp else { return }
        guard !coordinator.isPaused else { return coordinator.inbox.append(event) }
        apply(event)
        armDeadline()
    }

    private func apply(_ event: HubEvent) {
        coordinator.effects.removeAll(keepingCapacity: true)
        watch.before(event)
        coordinator.hub?.apply(event, now: hubNow, effects: &coordinator.effects)
        eventCount += 1
        let effects = coordinator.effects
        traceEvent(event, effects)
        for effect in effects { digest.add(effect) }
        watch.after(event, effects, now: now)
        checkReasons()
        if let (code, words) = watch.takeViolation() { violate(code, words) }
        for (run, node) in watch.dropped { ground.ordered(run, on: watch.machines[node]?.index ?? -1) }
        var ready = coordinator.ready
        ready.removeAll(keepingCapacity: true)
        let wasPutOff = !coordinator.outbox.later.isEmpty
        let changes = coordinator.outbox.take(effects, ticket: coordinator.nextTicket, ready: &ready)
        if !changes.isEmpty { write(changes) }
        if !wasPutOff, !coordinator.outbox.later.isEmpty {
            plan(.laterDue(start: coordinator.start), in: dice.within(Self.putOff))
        }
        carryOut(ready)
        coordinator.ready = ready
    }

    /// For how long something nobody waits for may be put off, in nanoseconds; longer than a real coordinator does.
    private static let putOff: ClosedRange<UInt64> = 0...200_000_000

    /// What was put off has waited for long enough.
    func laterDue() {
        let changes = coordinator.outbox.takeLater()
        if !changes.isEmpty { write(changes) }
    }

    private func write(_ changes: [StoreChange]) {
        coordinator.disk.add(Disk.Transaction(ticket: coordinator.nextTicket, changes: changes))
        coordinator.nextTicket += 1
        if coordinator.disk.begin() { planCommit() }
    }

    private func passTime() {
        guard coordinator.isUp, !coordinator.isPaused else { return }
        guard let deadline = coordinator.hub?.nextDeadlineNanoseconds, deadline <= now else { return armDeadline() }
        apply(.timePassed)
        if let next = coordinator.hub?.nextDeadlineNanoseconds, next <= now {
            coordinator.idleCalls += 1
            if coordinator.idleCalls > 3 { violate("H1", "the Hub wants to be called again at the same time") }
        } else {
            coordinator.idleCalls = 0
        }
        armDeadline()
    }

    func deadlinePassed(_ at: UInt64) {
        if coordinator.armed == at { coordinator.armed = nil }
        passTime()
    }

    /// Sees to it that the Hub is called at its next deadline, a little late as threads are.
    private func armDeadline() {
        guard let deadline = coordinator.hub?.nextDeadlineNanoseconds, !coordinator.isPaused else { return }
        if let armed = coordinator.armed, armed <= max(deadline, now) { return }
        let at = max(deadline, now) + dice.below(2_000_000)
        coordinator.armed = at
        plan(.deadline(start: coordinator.start, at: at), at: at)
    }

    // MARK: Disk

    func planCommit() {
        plan(.diskDone(start: coordinator.start), in: dice.within(plan.commit) * coordinator.disk.slowness)
    }

    func diskDone() {
        let done = coordinator.disk.finish()
        for transaction in done { watch.stored(transaction.changes) }
        if coordinator.disk.begin() { planCommit() }
        guard let last = done.last else { return }
        carryOut(coordinator.outbox.committed(through: last.ticket))
    }

    func setDiskFull(_ isFull: Bool) {
        coordinator.disk.isFull = isFull
        if !isFull, coordinator.isUp, coordinator.disk.begin() { planCommit() }
    }

    // MARK: Effects

    private func carryOut(_ effects: [Effect]) {
        for effect in effects {
            guard coordinator.isUp else { return }
            if let left = coordinator.effectsToCrash {
                guard left > 0 else { return crashCoordinator() }
                coordinator.effectsToCrash = left - 1
            }
            carryOut(effect)
        }
    }

    private func carryOut(_ effect: Effect) {
        switch effect {
        case .persist, .persistLater: preconditionFailure("a change is no effect on anybody")
        case .agentChallenge(let session, _): withLink(session) { sendDown(.challenge, over: $0) }
        case .agentWelcome(let session, let welcome):
            withLink(session) { link in
                link.isEstablishedAtCoordinator = true
                sendDown(.welcome(welcome), over: link)
            }
        case .agentRefused(let session, _): withLink(session) { closeAtCoordinator($0) }
        case .agentFenced(let session):
            // The Hub and the loop that serves the connection are two threads: what the loop reads before it hears of
            // this is passed on.
            withLink(session) { link in
                plan(.edgeCloses(link), in: dice.milliseconds(dice.pick([0...1, 0...200, 500...4000])))
            }
        case .agentTask(let session, let order):
            checkOrder(order, over: session)
            withLink(session) { sendDown(.order(order), over: $0) }
        case .answer(let request, let answer): answered(request, answer)
        case .publish(let publication): observerSees(publication)
        case .replay(let replay): observerSees(replay)
        case .roomJoined(_, _, let position, let recovery): observerJoined(position, recovery)
        case .viewChanged(Observer.session, .tasks, let view, _): observer.view = view
        case .agentAck, .agentAdvice, .audit, .viewChanged, .roomLeft, .roomLimit, .revoked, .apiKeyChanged,
            .streamOpened,
            .streamReplay, .streamLive, .returned:
            break
        case .fellBehind, .refused, .joinRefused: violate("O1", "the observer was turned away: \(effect)")
        }
    }

    private func withLink(_ session: SessionID, _ body: (Link) -> Void) {
        guard let link = link(session), link.isOpenAtCoordinator else { return }
        body(link)
    }
}
