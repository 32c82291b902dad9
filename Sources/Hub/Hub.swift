public import Grid

/// The coordinator's mind: a pure state machine, `(event, now) → effects`.
///
/// It touches nothing: no clock, no entropy but the seed, no input or output. The same events at the same
/// times give the same effects, bit for bit, on every processor. What it must not forget it asks to persist,
/// and it is rebuilt from that (``StoredState``) at the next start.
///
/// ## What a start assumes
///
/// Which nodes were online before a restart is not stored. So every registered node starts within its lease:
/// it is `online`, not connected, its health unknown with the reason `awaiting_agent`, and no event tells so.
/// An agent that returns within the lease changes nothing that subscribers were told, and they are told nothing.
/// One that does not is `offline` at the lease's end, and that is told. Logs of durable rooms go on where they were,
/// that of `tasks` after a crash under another epoch (``StoredState/beginTellingEarly(draw:)``); the others begin with
/// a new epoch, so a subscriber's resume there is answered `recovered: false` and it reads the present state anew.
public struct Hub: Sendable {
    let configuration: HubConfiguration
    /// Names this coordinator to agents.
    public let coordinatorID: UUID128
    var nodes: Nodes
    var enrolments: Enrolments
    var users: Set<UserID>
    var revocations: Set<Revocation.Subject>
    var apiKeys: APIKeys
    var agents = AgentSessions()
    var leases = DeadlineHeap()
    var windows = DeadlineHeap()
    /// Nodes whose newest inventory is not stored yet.
    var inventories = DeadlineHeap()
    var tasks: Tasks
    var router: Router
    /// Whether something changed by which a waiting task may get a place.
    var isPlacementOwed = false
    /// Tasks that wait for one node alone, oldest first.
    var pinned: [Int32] = []
    /// Kept for its room.
    var placements: [Placement] = []
    /// Nodes whose silence ends their tasks' leases.
    var taskLeases = DeadlineHeap()
    /// Tasks that are looked at again, and those whose progress is told later.
    var taskDues = DeadlineHeap()
    var progressDues = DeadlineHeap()
    var rooms: Rooms
    var notificationKeys: RequestKeys
    var predictionKeys: RequestKeys
    var alerts: Alerts
    /// Alerts to raise or resolve at the end of this `apply`; empty in between, its room is kept.
    var owedAlerts: [OwedAlert] = []
    var analytics = Analytics()
    var ledger: Ledger
    var trust: Trust
    var results = ResultCounts()
    /// Clients that have dropped.
    var absences = Absences()
    /// What the coordinator's last measurement found.
    var lastMeasured: SystemMeasurement?
    /// Whatever looks random: drawn from in the order of the events, so that a replay draws the same.
    var entropy: Entropy
    /// When events are next looked at for their age; `nil` while there are none.
    var trimsAt: UInt64?
    var isDraining = false
    /// Monotonic nanoseconds since which the coordinator has kept up with its deadlines.
    var wakefulSince: UInt64 = 0
    /// Nodes with samples to acknowledge at the end of this `apply`; empty in between, its room is kept.
    var unacknowledged: [Int32] = []

    /// Rebuilds the Hub at the coordinator's start. `seed` decides all that looks random, such as logs' epochs.
    public init(configuration: HubConfiguration = HubConfiguration(), state: StoredState, seed: UInt64, now: Now) {
        Limits.checkRelations()
        self.configuration = configuration
        coordinatorID = state.coordinatorID
        nodes = Nodes(state.nodes)
        enrolments = Enrolments(state.enrolments)
        users = Set(state.users.map(\.id))
        revocations = Set(state.revocations.map(\.subject))
        apiKeys = APIKeys(state.apiKeys)
        tasks = Tasks(jobs: state.jobs, tasks: state.tasks, lastNumber: state.lastTaskNumber)
        var routing = configuration.routing
        // How often a task may be tried, its record says.
        routing.attempts = .max
        router = Router(configuration: routing)
        var entropy = Entropy(seed: seed)
        rooms = Rooms(bounds: configuration.history, stored: state.logs, entropy: &entropy)
        rooms.buffers.limit = configuration.bufferedEvents
        self.entropy = entropy
        notificationKeys = RequestKeys(rooms.log(.general))
        predictionKeys = RequestKeys(rooms.log(.predictions))
        alerts = Alerts(state.alerts)
        ledger = Ledger(state.ledger)
        trust = Trust(state.trust)
        trust.restoreClaims(nodes.records)
        trust.restoreChecks(state.tasks) { [nodes] node in nodes.index(of: node).map { nodes.records[$0].owner } }
        for index in nodes.states.indices where nodes.records[index].registeredAt != nil {
            awaitAgent(index, now: now)
            scheduleChallenge(index, now)
        }
        restoreAlerts()
        restoreTasks(now)
        scheduleTrim(now)
    }

    /// When ``HubEvent/timePassed`` is to be applied at the latest, on the monotonic clock; `nil` while nothing
    /// waits. It may be earlier than needed, never later.
    public var nextDeadlineNanoseconds: UInt64? {
        var earliest = UInt64.max
        for next in [
            trimsAt, analytics.dueAt, leases.earliest, windows.earliest, inventories.earliest,
            trust.challenges.earliest,
        ] {
            earliest = min(earliest, next ?? .max)
        }
        for next in [
            router.nextDeadlineNanoseconds, taskLeases.earliest, taskDues.earliest, progressDues.earliest,
            absences.earliest,
        ] {
            earliest = min(earliest, next ?? .max)
        }
        return earliest == .max ? nil : earliest
    }
}
