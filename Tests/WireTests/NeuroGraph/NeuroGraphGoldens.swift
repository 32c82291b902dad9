import Bytes
import Grid

@testable import Wire

/// A value for each golden message of the NeuroGraph dialect.
enum NeuroGraphGoldens {
    private static let node = NativeGoldens.node
    static let client = UUID128(high: 0x5f0a_3c1e_7d2b_4a96, low: 0xb1c8_d7e6_f504_3921)

    static let events: [(name: String, event: LoggedEvent)] = [
        ("node_registered", logged(.nodeRegistered(registered))),
        ("node_status", logged(.nodeStatus(status))),
        ("system_notification", logged(.systemNotification(NativeGoldens.notification))),
        ("topology_update", logged(.topologyChanged(AlertGoldens.topology))),
        ("task_created", logged(.taskUpdated(TaskGoldens.created))),
        ("task_assigned", logged(.taskAssigned(TaskGoldens.assigned))),
        ("task_progress", logged(.taskProgressed(TaskGoldens.progressed))),
        ("task_completed", logged(.taskUpdated(result))),
        ("task_status", logged(.taskUpdated(TaskGoldens.completed))),
        ("task_fee", logged(.taskUpdated(fee))),
        ("action_executed", logged(.actionExecuted(AlertGoldens.action))),
        ("alert_new", logged(.alertRaised(AlertGoldens.raised))),
        ("alert_update", logged(.alertUpdated(AlertGoldens.acknowledged))),
        ("prediction", logged(.predictionMade(AlertGoldens.prediction))),
        ("log", logged(.lineLogged(AlertGoldens.line))),
        ("client_connected", logged(.connectionChanged(AlertGoldens.connected))),
        ("client_disconnected", logged(.connectionChanged(AlertGoldens.disconnected))),
        ("system_metrics", logged(message(.metrics, .system(metrics)))),
        ("broadcast", logged(message(.signals, .broadcast(type: "drift.detected", data: #"{"score":0.93}"#)))),
        ("broadcast_everybody", logged(message(nil, .broadcast(type: "greeting", data: "\"Hello\"")))),
    ]

    private static func logged(_ event: RoomEvent) -> LoggedEvent { NativeGoldens.logged(event, offset: 1) }

    /// Events that the dialect has no message for.
    static var others: [RoomEvent] {
        [
            .balanceUpdated(TaskGoldens.balances), .paymentConfirmed(TaskGoldens.payment),
            .analyticsUpdated(AlertGoldens.analytics),
            .nodeMetrics(
                NodeMetrics(node: node, sample: SampleMaker.complete(), gpus: [], health: NativeGoldens.health)),
            .nodeListed(
                NodeListed(
                    node: node, listing: NodeListing(isAvailable: true, isRented: false), pricePerHourMicros: nil,
                    updatedAt: NativeGoldens.time)),
        ]
    }

    private static func message(_ channel: EventChannel?, _ content: ChannelMessage.Content) -> RoomEvent {
        .channelMessage(ChannelMessage(channel: channel, content: content))
    }

    private static let metrics = SystemMetrics(
        process: ProcessReading(cpuHundredths: 4520, residentBytes: 1024 << 20), eventsPerSecondHundredths: 500_000,
        totalTokens: 50_000)

    private static var registered: NodeRegistered {
        NodeRegistered(
            node: node, name: NativeGoldens.record.name, owner: NativeGoldens.record.owner,
            specifications: AgentGoldens.specifications, location: NativeGoldens.record.location,
            registeredAt: NativeGoldens.time)
    }

    private static var status: NodeStatusChanged {
        NodeStatusChanged(
            node: node, status: .offline, previous: .online, currentTask: nil, updatedAt: NativeGoldens.time,
            sample: nil, health: .unknown)
    }

    /// As the Hub tells it: the task's state has not moved yet.
    private static var result: TaskUpdated {
        var event = TaskGoldens.completed
        (event.kind, event.state, event.previous) = (.result, .running, .running)
        return event
    }

    private static var fee: TaskUpdated {
        var event = TaskGoldens.created
        event.kind = .fee
        event.feeMicros = 2_500_000
        return event
    }

    static let replies: [(name: String, reply: NeuroGraphReply)] = [
        ("connected", .connected(client: client, user: NativeGoldens.user)),
        ("connected_anonymous", .connected(client: client, user: nil)),
        ("subscribed", .subscribed([.metrics, .signals])),
        ("unsubscribed", .unsubscribed([.metrics])),
        ("subscriptions", .subscriptions([.signals])),
        ("pong", .pong),
        ("buffer_overflow", .bufferOverflow(dropped: 12)),
        ("error", .error(Refusal(.forbidden, "the channel logs needs a permission that the token does not give"))),
    ]

    static let clientMessages: [(name: String, message: NeuroGraphMessage)] = [
        ("subscribe", .subscribe([.metrics, .signals])),
        ("unsubscribe", .unsubscribe([.metrics])),
        ("ping", .ping),
        ("get_subscriptions", .getSubscriptions),
    ]

    static let requests: [(name: String, request: BroadcastRequest)] = [
        (
            "broadcast_request",
            BroadcastRequest(channel: .signals, client: nil, eventType: "drift.detected", data: #"{"score":0.93}"#)
        ),
        (
            "broadcast_request_client",
            BroadcastRequest(channel: nil, client: client, eventType: "greeting", data: "\"Hello\"")
        ),
    ]

    private static let channels = EventChannel.allCases.map {
        ChannelSummary(channel: $0, subscribers: $0 == .metrics ? 3 : 0)
    }

    static let bodies: [(name: String, write: @Sendable (inout ByteBuffer) -> Void)] = [
        ("status", { NeuroGraphCodec.status(.healthy, connections: 4, channels: channels, into: &$0) }),
        ("channels", { NeuroGraphCodec.channels(channels, into: &$0) }),
        ("channel", { NeuroGraphCodec.channel(channels[0], into: &$0) }),
        ("broadcast_answer", { NeuroGraphCodec.delivered(3, in: .signals, into: &$0) }),
        ("broadcast_answer_everybody", { NeuroGraphCodec.delivered(4, in: nil, into: &$0) }),
    ]

    /// Every golden file's message as the code has it: what clients send is read, the rest is written.
    static var names: [String] {
        events.map(\.name) + replies.map(\.name) + clientMessages.map(\.name) + requests.map(\.name)
            + bodies.map(\.name)
    }
}
