/// Everything that subscribers can be told: the closed list. Dialects decide which they carry.
public enum RoomEvent: Hashable, Sendable {
    case nodeRegistered(NodeRegistered)
    case nodeStatus(NodeStatusChanged)
    case nodeMetrics(NodeMetrics)
    case nodeListed(NodeListed)
    case nodeCondition(NodeConditionChanged)
    case systemNotification(SystemNotification)
    indirect case taskUpdated(TaskUpdated)
    indirect case taskAssigned(TaskAssigned)
    indirect case taskProgressed(TaskProgressed)
    case balanceUpdated(BalanceUpdated)
    indirect case paymentConfirmed(PaymentConfirmed)
    indirect case alertRaised(Alert)
    /// It was acknowledged or resolved.
    indirect case alertUpdated(Alert)
    indirect case predictionMade(Prediction)
    indirect case topologyChanged(TopologyChange)
    indirect case analyticsUpdated(AnalyticsUpdated)
    indirect case lineLogged(LogLine)
    indirect case actionExecuted(ActionExecuted)
    indirect case connectionChanged(ConnectionChanged)
    indirect case channelMessage(ChannelMessage)

    /// The log that keeps it.
    public var room: BaseRoom {
        switch self {
        case .nodeRegistered, .nodeStatus, .nodeMetrics, .nodeListed, .nodeCondition: .nodes
        case .systemNotification: .general
        case .taskUpdated, .taskAssigned, .taskProgressed: .tasks
        case .balanceUpdated, .paymentConfirmed: .userUpdates
        case .alertRaised, .alertUpdated: .alerts
        case .predictionMade: .predictions
        case .topologyChanged: .topology
        case .analyticsUpdated: .analytics
        case .lineLogged, .actionExecuted, .connectionChanged: .logs
        case .channelMessage: .channels
        }
    }

    /// When the sample that the event tells of came in, in monotonic nanoseconds; 0 where it tells of none.
    public var receivedNanoseconds: UInt64 {
        switch self {
        case .nodeMetrics(let event): event.hops?.receivedNanoseconds ?? 0
        case .nodeRegistered, .nodeStatus, .nodeListed, .nodeCondition, .systemNotification, .taskUpdated,
            .taskAssigned,
            .taskProgressed, .balanceUpdated, .paymentConfirmed, .alertRaised, .alertUpdated, .predictionMade,
            .topologyChanged, .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged, .channelMessage:
            0
        }
    }

    /// Whether a newer event of the same subject may stand in for it (DESIGN §4.6).
    public var isConflatable: Bool {
        switch self {
        case .nodeMetrics, .taskProgressed: true
        case .nodeRegistered, .nodeStatus, .nodeListed, .nodeCondition, .systemNotification, .taskUpdated,
            .taskAssigned,
            .balanceUpdated, .paymentConfirmed, .alertRaised, .alertUpdated, .predictionMade,
            .topologyChanged, .analyticsUpdated, .lineLogged, .actionExecuted, .connectionChanged, .channelMessage:
            false
        }
    }

    /// About how many bytes it takes as a message: what logs and replays are bounded by. Counts and lengths only, so
    /// that it costs next to nothing.
    public var approximateByteCount: Int {
        switch self {
        case .nodeRegistered(let event): 768 + event.name.utf8.count
        case .nodeStatus(let event): 512 + 128 * event.health.reasons.count
        case .nodeMetrics(let event):
            event.sample.gpus.reduce(1024 + 128 * event.health.reasons.count) { sum, gpu in
                sum + 512 + 48 * (gpu.processes?.count ?? 0)
            }
        case .nodeListed, .nodeCondition: 192
        case .systemNotification(let event):
            event.content.affectedServices.reduce(
                384 + event.content.title.utf8.count + event.content.message.utf8.count
            ) { $0 + $1.utf8.count }
        case .taskUpdated(let event):
            640 + event.job.utf8.count + (event.result.map { $0.output.utf8.count + $0.message.utf8.count } ?? 0)
                + event.execution.approximateByteCount
        case .taskAssigned(let event): 512 + event.job.utf8.count
        case .taskProgressed(let event):
            512 + event.job.utf8.count + (event.progress.message?.utf8.count ?? 0)
        case .balanceUpdated(let event): 256 + 96 * event.balances.count
        case .paymentConfirmed: 384
        case .alertRaised(let alert), .alertUpdated(let alert): alert.approximateByteCount
        case .predictionMade(let event):
            384 + (event.content.message?.utf8.count ?? 0) + 192 * event.content.results.count
        case .topologyChanged(let event):
            event.devices.reduce(192) { $0 + 128 + $1.name.utf8.count + 48 * $1.connections.count }
        case .analyticsUpdated(let event): event.alerts.reduce(384) { $0 + $1.approximateByteCount }
        case .lineLogged(let event):
            event.fields.reduce(192 + event.message.utf8.count) { $0 + 8 + $1.name.utf8.count + $1.value.utf8.count }
        case .actionExecuted(let event): 320 + event.detail.utf8.count
        case .connectionChanged: 384
        case .channelMessage(let message): message.approximateByteCount
        }
    }
}

extension Alert {
    /// About how many bytes it takes in a message.
    fileprivate var approximateByteCount: Int { 640 + content.message.utf8.count + (content.kind?.utf8.count ?? 0) }
}

/// What filters and permissions ask about an event.
public struct EventFacts: Hashable, Sendable {
    public var owner: UserID?
    public var node: NodeID?
    public var task: TaskID?
    public var job: String?
    public var region: String?
    /// As spelled on the wire: the node's status in `nodes`, the task's in `tasks`.
    public var status: String?
    public init() {}
}

/// An event in its base room's log.
public struct LoggedEvent: Hashable, Sendable {
    public var position: LogPosition
    /// When it was logged.
    public var at: Timestamp
    public var facts: EventFacts
    public var event: RoomEvent

    public init(position: LogPosition, at: Timestamp, facts: EventFacts, event: RoomEvent) {
        self.position = position
        self.at = at
        self.facts = facts
        self.event = event
    }
}
