import Bytes
import Grid

@testable import Wire

/// A value for each golden message of the EyeNet dialect: what stands in a packet behind its namespace, or an argument.
enum EyeNetGoldens {
    private static let node = NativeGoldens.node
    private static let time = NativeGoldens.time

    static let events: [(name: String, event: LoggedEvent)] = [
        ("device_status", NativeGoldens.logged(.nodeStatus(status(.online)), offset: 2)),
        ("device_status_degraded", NativeGoldens.logged(.nodeCondition(condition), offset: 2)),
        ("device_status_down", NativeGoldens.logged(.nodeStatus(offline), offset: 3)),
        ("device_metrics", NativeGoldens.logged(.nodeMetrics(metrics(SampleMaker.complete())), offset: 4)),
        (
            "device_metrics_bare",
            NativeGoldens.logged(
                .nodeMetrics(metrics(NodeSample(sequence: 1, takenAt: time, intervalMilliseconds: 1500))), offset: 5)
        ),
        ("alert_new", NativeGoldens.logged(.alertRaised(AlertGoldens.raised), offset: 21)),
        ("alert_new_bare", NativeGoldens.logged(.alertRaised(AlertGoldens.bare), offset: 22)),
        ("alert_update", NativeGoldens.logged(.alertUpdated(AlertGoldens.acknowledged), offset: 23)),
        ("alert_update_resolved", NativeGoldens.logged(.alertUpdated(AlertGoldens.resolved), offset: 24)),
        ("topology_update", NativeGoldens.logged(.topologyChanged(AlertGoldens.topology), offset: 3)),
        ("ml_prediction", NativeGoldens.logged(.predictionMade(AlertGoldens.prediction), offset: 5)),
        ("ml_prediction_failed", NativeGoldens.logged(.predictionMade(AlertGoldens.failedPrediction), offset: 6)),
    ]

    /// Events that the dialect has no message for.
    static var others: [RoomEvent] {
        [
            .systemNotification(NativeGoldens.notification), .balanceUpdated(TaskGoldens.balances),
            .paymentConfirmed(TaskGoldens.payment), .taskUpdated(TaskGoldens.created),
            .taskAssigned(TaskGoldens.assigned), .taskProgressed(TaskGoldens.progressed),
            .analyticsUpdated(AlertGoldens.analytics), .lineLogged(AlertGoldens.line),
            .actionExecuted(AlertGoldens.action), .connectionChanged(AlertGoldens.connected),
        ]
    }

    static func status(_ status: NodeStatus, score: Int? = 95) -> NodeStatusChanged {
        var event = NodeStatusChanged(
            node: node, status: status, previous: nil, currentTask: nil, updatedAt: time,
            sample: SampleMaker.complete(), health: Health(score: score, coveragePercent: 100, reasons: []))
        event.lastSampleAt = time.adding(milliseconds: -100)
        return event
    }

    private static var offline: NodeStatusChanged {
        var event = status(.offline)
        event.sample = nil
        return event
    }

    private static let condition = NodeConditionChanged(
        node: node, condition: .degraded, uptimeSeconds: 1_234_567, lastSampleAt: time.adding(milliseconds: -100))

    static func metrics(_ sample: NodeSample) -> NodeMetrics {
        NodeMetrics(node: node, sample: sample, gpus: [], health: NativeGoldens.health)
    }

    static let replies: [(name: String, write: @Sendable (inout JSONWriter) -> Void)] = [
        ("subscribed", { EyeNetCodec.acknowledge(.subscribed, .device(node), to: &$0) }),
        ("unsubscribed", { EyeNetCodec.acknowledge(.unsubscribed, .topic(.ml), to: &$0) }),
        ("refused", { EyeNetCodec.acknowledge(refusal, to: &$0) }),
        ("error", { EyeNetCodec.error(refusal, at: time, to: &$0) }),
    ]

    private static let refusal = Refusal(.notInRoom, "there is no subscription to topic:ml")

    static let clientMessages: [(name: String, message: EyeNetMessage)] = [
        ("subscribe", .subscribe(.device(node))),
        ("subscribe_topic", .subscribe(.topic(.alerts))),
        ("unsubscribe", .unsubscribe(.device(node))),
    ]

    /// Every golden file's message as the code has it.
    static var names: [String] { events.map(\.name) + replies.map(\.name) + clientMessages.map(\.name) }
}
