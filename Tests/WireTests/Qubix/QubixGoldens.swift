import Bytes
import Grid

@testable import Wire

/// A value for each golden message of the QUBIX dialect.
enum QubixGoldens {
    private static let node = NativeGoldens.node
    private static let time = NativeGoldens.time

    static let events: [(name: String, event: LoggedEvent)] = [
        ("provider_registered", NativeGoldens.logged(.nodeRegistered(registered), offset: 1)),
        ("provider_registered_bare", NativeGoldens.logged(.nodeRegistered(bare), offset: 1)),
        ("provider_status_changed", NativeGoldens.logged(.nodeStatus(status(.online)), offset: 2)),
        ("provider_status_changed_busy", NativeGoldens.logged(.nodeStatus(status(.busy)), offset: 2)),
        ("provider_status_changed_draining", NativeGoldens.logged(.nodeStatus(status(.draining)), offset: 2)),
        ("provider_status_changed_offline", NativeGoldens.logged(.nodeStatus(status(.offline)), offset: 3)),
        ("gpu_metrics_update", NativeGoldens.logged(.nodeMetrics(metrics(SampleMaker.complete())), offset: 4)),
        (
            "gpu_metrics_update_bare",
            NativeGoldens.logged(
                .nodeMetrics(metrics(NodeSample(sequence: 1, takenAt: time, intervalMilliseconds: 1500))), offset: 5)
        ),
        (
            "marketplace_update",
            NativeGoldens.logged(.nodeListed(listed(.init(isAvailable: false, isRented: true))), offset: 3)
        ),
        (
            "marketplace_update_free",
            NativeGoldens.logged(.nodeListed(listed(.init(isAvailable: true, isRented: false), price: nil)), offset: 3)
        ),
        ("job_progress", NativeGoldens.logged(.taskProgressed(progressed), offset: 11)),
        ("job_progress_created", NativeGoldens.logged(.taskUpdated(created), offset: 9)),
        ("job_progress_assigned", NativeGoldens.logged(.taskAssigned(assigned), offset: 10)),
        ("job_progress_unknown", NativeGoldens.logged(.taskProgressed(TaskGoldens.progressed), offset: 11)),
        ("job_completed", NativeGoldens.logged(.taskUpdated(ended(TaskGoldens.completed, .completed)), offset: 12)),
        ("job_completed_failed", NativeGoldens.logged(.taskUpdated(ended(TaskGoldens.failed, .failed)), offset: 13)),
    ]

    /// Events that the dialect has no message for.
    static var others: [RoomEvent] {
        var (fee, execution) = (TaskGoldens.created, TaskGoldens.created)
        fee.kind = .fee
        execution.kind = .execution
        return [
            .systemNotification(NativeGoldens.notification), .balanceUpdated(TaskGoldens.balances),
            .paymentConfirmed(TaskGoldens.payment), .taskUpdated(fee), .taskUpdated(execution),
        ] + AlertGoldens.events.map(\.event.event)
    }

    private static var registered: NodeRegistered {
        var event = NodeRegistered(
            node: node, name: NativeGoldens.record.name, owner: NativeGoldens.record.owner,
            specifications: AgentGoldens.specifications, location: NativeGoldens.record.location, registeredAt: time)
        event.pricePerHourMicros = 400_000
        event.keyFingerprint = Digest256(bytes: (0..<32).map { UInt8($0 * 7) })
        return event
    }

    private static var bare: NodeRegistered {
        NodeRegistered(
            node: node, name: "spare", owner: NativeGoldens.user, specifications: NodeSpecifications(),
            location: NodeLocation(), registeredAt: time)
    }

    private static func status(_ status: NodeStatus) -> NodeStatusChanged {
        NodeStatusChanged(
            node: node, status: status, previous: nil, currentTask: nil, updatedAt: time,
            sample: SampleMaker.typical(gpus: 2), health: NativeGoldens.health)
    }

    private static func metrics(_ sample: NodeSample) -> NodeMetrics {
        NodeMetrics(node: node, sample: sample, gpus: [], health: NativeGoldens.health)
    }

    private static func listed(_ listing: NodeListing, price: Int64? = 400_000) -> NodeListed {
        NodeListed(node: node, listing: listing, pricePerHourMicros: price, updatedAt: time)
    }

    private static var progressed: TaskProgressed {
        var event = TaskGoldens.progressed
        event.jobStanding = JobStanding(percent: 75, state: .running)
        return event
    }

    private static var created: TaskUpdated {
        var event = TaskGoldens.created
        event.jobStanding = JobStanding(percent: 0, state: .pending)
        return event
    }

    private static var assigned: TaskAssigned {
        var event = TaskGoldens.assigned
        event.jobStanding = JobStanding(percent: 0, state: .running)
        return event
    }

    private static func ended(_ event: TaskUpdated, _ end: TaskState) -> TaskUpdated {
        var event = event
        event.jobEnd = end
        event.jobStanding = JobStanding(percent: 100, state: end)
        return event
    }

    static let replies: [(name: String, reply: QubixReply)] = [
        ("pong", .pong),
        ("subscribed_marketplace", .subscribed(.marketplace)),
        ("subscribed_provider", .subscribed(.provider(node))),
        ("subscribed_job", .subscribed(.job("nightly-batch"))),
        ("unsubscribed", .unsubscribed(.provider(node))),
        ("error", .error(Refusal(.unknownRoom, "There is no room job:nosuch for you"))),
    ]

    static let clientMessages: [(name: String, message: QubixMessage)] = [
        ("subscribe_marketplace", .subscribe(.marketplace)),
        ("subscribe_provider", .subscribe(.provider(node))),
        ("subscribe_job", .subscribe(.job("nightly-batch"))),
        ("unsubscribe", .unsubscribe(id: "provider:\(node)")),
        ("ping", .ping),
    ]

    static func statistics(into buffer: inout ByteBuffer) {
        QubixCodec.statistics(
            clients: 15, subscriptions: 2,
            details: [(id: "marketplace", subscribers: 10), (id: "provider:abc123", subscribers: 3)], into: &buffer)
    }

    /// Every golden file's message as the code has it: what clients send is read, the rest is written.
    static var names: [String] {
        events.map(\.name) + replies.map(\.name) + clientMessages.map(\.name) + ["statistics"]
    }
}
