internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Store

/// What reaches the Hub's side from elsewhere.
enum HubMessage: Sendable {
    case events([HubEvent])
    /// The Store has committed a ticket, or could not.
    case committed(ticket: UInt64, StoreError?)
    /// Answer with the Hub's measures.
    case measure(MeasureRequest)
    /// Show that the Hub's thread turns.
    case beat
    case stop
}

/// The Hub with what surrounds it: clocks read, effects performed, changes handed to the Store.
///
/// It runs on a thread of its own, or on the only loop: either way on one thread at a time.
final class HubDesk {
    private var hub: Hub
    private let perform: Perform
    private let store: StoreThread
    private var effects: [Effect] = []
    private var nextTicket: UInt64 = 1
    /// Changes that nobody waits for: they go with the next commit that somebody does, or when their time has come.
    private var later: [StoreChange] = []
    private var laterDue: UInt64?
    private static let laterNanoseconds = UInt64(Limits.laterStoreMilliseconds) * 1_000_000
    private let fatal: (String) -> Void
    private let mailbox: Mailbox<HubMessage>
    private let pulse: Pulse
    private let tap: LogTap?
    // What `/metrics` asks for.
    private var eventCount: UInt64 = 0
    private var batches = Histogram.durations
    private var sampleWaits = Histogram.durations

    /// - Parameters:
    ///   - mailbox: where messages wait for the desk.
    ///   - pulse: that the desk's thread answers.
    ///   - tap: brings lines of the log while somebody looks.
    ///   - fatal: called when a commit failed, after which nothing acknowledged could be kept.
    init(
        hub: Hub, perform: Perform, store: StoreThread, mailbox: Mailbox<HubMessage>, pulse: Pulse,
        tap: LogTap? = nil, fatal: @escaping (String) -> Void
    ) {
        self.hub = hub
        self.perform = perform
        self.store = store
        self.fatal = fatal
        self.mailbox = mailbox
        self.pulse = pulse
        self.tap = tap
        effects.reserveCapacity(256)
    }

    /// Both clocks at this moment.
    static func now() -> Now {
        Now(
            monotonicNanoseconds: Clock.monotonicNanoseconds(), wallMicroseconds: Clock.wallMicroseconds())
    }

    /// Applies events in order and carries out what follows from each.
    func process(_ events: [HubEvent]) {
        let now = Self.now()
        for event in events {
            if case .samplesTaken(let arrivals) = event { noteWait(of: arrivals, now: now.monotonicNanoseconds) }
            apply(event, now: now)
        }
        tap?.set(open: hub.isLogViewed)
        eventCount &+= UInt64(events.count)
        batches.observe(Clock.monotonicNanoseconds() - now.monotonicNanoseconds)
    }

    /// The samples of one event came in one turn.
    private func noteWait(of arrivals: [SampleArrival], now: UInt64) {
        guard let first = arrivals.first else { return }
        let wait = now > first.receivedNanoseconds ? now - first.receivedNanoseconds : 0
        sampleWaits.observe(wait, times: UInt64(arrivals.count))
    }

    private func apply(_ event: HubEvent, now: Now) {
        switch event {
        case .sessionClosed(let session, _), .sessionLeft(let session, _, _): perform.forget(session)
        default: break
        }
        effects.removeAll(keepingCapacity: true)
        hub.apply(event, now: now, effects: &effects)
        perform.perform(effects, commit: commit) { changes in
            if later.isEmpty { laterDue = now.monotonicNanoseconds &+ Self.laterNanoseconds }
            later += changes
            if later.count >= Limits.laterStoreChanges { storeLater() }
        }
    }

    private func commit(_ changes: [StoreChange]) -> UInt64 {
        let ticket = nextTicket
        nextTicket += 1
        // What was put off was decided before.
        let all = later.isEmpty ? changes : later + changes
        later.removeAll(keepingCapacity: true)
        laterDue = nil
        if !store.commit(all, ticket: ticket) { fatal("the store takes no more commits") }
        return ticket
    }

    /// Stores what was decided before the first event, if there is anything. Nobody waits for it.
    func store(_ changes: [StoreChange]) { if !changes.isEmpty { _ = commit(changes) } }

    private func storeLater() { if !later.isEmpty { _ = commit([]) } }

    /// Stores what was put off. To be called at the end, when nobody is told anything any more: the next start is to
    /// find that this one ended in order.
    func close() { _ = commit(BaseRoom.allCases.filter(\.isToldEarly).map { .toldEarly($0, false) }) }

    /// Handles what the Store or another thread sent.
    ///
    /// - Returns: whether the desk goes on.
    func receive(_ message: HubMessage) -> Bool {
        switch message {
        case .events(let events):
            process(events)
        case .committed(let ticket, nil):
            perform.committed(through: ticket)
        case .measure(let request):
            perform.tell(request.loop, .measured(request.number, .hub(measures(request.askedAt))))
        case .beat:
            pulse.answer()
        case .committed(_, let error?):
            fatal("the store could not commit: \(error)")
        case .stop:
            close()
            return false
        }
        return true
    }

    private func measures(_ askedAt: UInt64) -> HubMeasures {
        let now = Clock.monotonicNanoseconds()
        return HubMeasures(
            counts: hub.counts, publisher: perform.published, compressions: perform.compressionCount, batches: batches,
            sampleWaits: sampleWaits, events: eventCount, mailboxDepth: mailbox.count,
            mailboxNanoseconds: now > askedAt ? now - askedAt : 0, heldPromises: perform.heldCount,
            store: store.statistics, storeDepth: store.outstandingCount,
            storeOldestNanoseconds: store.oldestWaitNanoseconds)
    }

    /// Ends what has come to its end by now.
    func timePassed() {
        let now = Clock.monotonicNanoseconds()
        if let laterDue, laterDue <= now { storeLater() }
        guard let deadline = hub.nextDeadlineNanoseconds, deadline <= now else { return }
        process([.timePassed])
    }

    /// When ``timePassed()`` is to be called at the latest.
    var nextDeadlineNanoseconds: UInt64? {
        guard let deadline = hub.nextDeadlineNanoseconds else { return laterDue }
        return min(deadline, laterDue ?? .max)
    }
}
