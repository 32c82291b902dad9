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
    private let fatal: (String) -> Void

    /// - Parameter fatal: called when a commit failed, after which nothing acknowledged could be kept.
    init(hub: Hub, perform: Perform, store: StoreThread, fatal: @escaping (String) -> Void) {
        self.hub = hub
        self.perform = perform
        self.store = store
        self.fatal = fatal
        effects.reserveCapacity(256)
    }

    /// Both clocks at this moment.
    static func now() -> Now {
        Now(
            monotonicNanoseconds: Clock.monotonicNanoseconds(),
            wall: Timestamp(milliseconds: Clock.wallMilliseconds()))
    }

    /// Applies events in order and carries out what follows from each.
    func process(_ events: [HubEvent]) {
        let now = Self.now()
        for event in events { apply(event, now: now) }
    }

    private func apply(_ event: HubEvent, now: Now) {
        if case .sessionClosed(let session) = event { perform.forget(session) }
        effects.removeAll(keepingCapacity: true)
        hub.apply(event, now: now, effects: &effects)
        perform.perform(effects) { changes in
            let ticket = nextTicket
            nextTicket += 1
            if !store.commit(changes, ticket: ticket) { fatal("the store takes no more commits") }
            return ticket
        }
    }

    /// Handles what the Store or another thread sent.
    ///
    /// - Returns: whether the desk goes on.
    func receive(_ message: HubMessage) -> Bool {
        switch message {
        case .events(let events):
            process(events)
        case .committed(let ticket, nil):
            perform.committed(through: ticket)
        case .committed(_, let error?):
            fatal("the store could not commit: \(error)")
        case .stop:
            return false
        }
        return true
    }

    /// Ends what has come to its end by now.
    func timePassed() {
        guard let deadline = hub.nextDeadlineNanoseconds, deadline <= Clock.monotonicNanoseconds() else { return }
        process([.timePassed])
    }

    /// When ``timePassed()`` is to be called at the latest.
    var nextDeadlineNanoseconds: UInt64? { hub.nextDeadlineNanoseconds }
}
