import Bytes
import Grid

@testable import Wire

/// Values for the golden messages about alerts, predictions, the network and the platform.
enum AlertGoldens {
    static let time = NativeGoldens.time

    /// As EyeNet's document has it.
    static let raised = Alert(
        id: AlertID(UUID128(high: 0x3f0c_6a52_88e1_4b7d, low: 0x9d15_2c4e_7f60_81a3)),
        content: AlertContent(
            severity: .critical, kind: AlertCause.gpuTemperature.rawValue, node: NativeGoldens.node,
            message: "GPU 0 is at 95.5 °C, above 90 °C",
            reading: AlertReading(valueThousandths: 95_500, thresholdThousandths: 90_000, unit: "°C")),
        raised: AlertStep(user: nil, at: time), requestKey: "kept to itself")

    static var acknowledged: Alert {
        var alert = raised
        alert.status = .acknowledged
        alert.acknowledged = AlertStep(user: NativeGoldens.user, at: time.adding(milliseconds: 60_000))
        return alert
    }

    static var resolved: Alert {
        var alert = acknowledged
        alert.status = .resolved
        alert.resolved = AlertStep(user: nil, at: time.adding(milliseconds: 120_000))
        return alert
    }

    /// About nothing that the coordinator knows.
    static let bare = Alert(
        id: AlertID(UUID128(high: 0x0d4f_6b1e_2a93_4c58, low: 0xa6b7_1c2d_3e4f_5061)),
        content: AlertContent(severity: .info, message: "The backup has not run"),
        raised: AlertStep(user: NativeGoldens.user, at: time))

    /// As EyeNet's document has it.
    static let prediction = Prediction(
        id: UUID128(high: 0x7c1d_20b4_5e3f_4a86, low: 0x8f90_a1b2_c3d4_e5f6),
        content: PredictionContent(
            status: .completed, results: [PredictionResult(label: "anomaly_type", confidenceMillionths: 950_000)],
            node: NativeGoldens.node, model: "drift-2"),
        sender: NativeGoldens.user, requestKey: "kept to itself", madeAt: time)

    static let failedPrediction = Prediction(
        id: UUID128(high: 0x7c1d_20b4_5e3f_4a87, low: 0x8f90_a1b2_c3d4_e5f6),
        content: PredictionContent(status: .failed, results: [], message: "The model was not trained for this card"),
        sender: NativeGoldens.user, madeAt: time)

    private static let router = "c0a80101-0000-4000-8000-000000000001"

    static let topology = TopologyChange(
        kind: .deviceAdded,
        devices: [
            TopologyDevice(
                id: NativeGoldens.node.description, kind: .endpoint, name: "GPU-Node-NY-01", connections: [router]),
            TopologyDevice(id: router, kind: .router, connections: [NativeGoldens.node.description]),
        ], at: time)

    /// As the native dialect's document has it.
    static let analytics = AnalyticsUpdated(
        metrics: PlatformMetrics(
            activeUsers: 1250, activeNodes: 45, tasksPerMinute: 25, averageResponseMilliseconds: 2100,
            networkUtilizationHundredths: 6700),
        alerts: [
            Alert(
                id: AlertID(UUID128(high: 0x51c2_d3e4_f506_4718, low: 0x8293_a4b5_c6d7_e8f9)),
                content: AlertContent(
                    message: "High network utilization detected",
                    reading: AlertReading(
                        valueThousandths: 72_500, thresholdThousandths: 70_000, unit: "%")),
                raised: AlertStep(user: NativeGoldens.user, at: time))
        ], at: time)

    static let quiet = AnalyticsUpdated(metrics: PlatformMetrics(), alerts: [], at: time)

    static let line = LogLine(
        level: .warning, message: "connection refused",
        fields: [LogField("peer", "192.0.2.7:40112"), LogField("reason", "connection rate")], at: time)

    static let action = ActionExecuted(
        AuditEntry(at: time, kind: .nodeDrained, node: NativeGoldens.node, user: NativeGoldens.user, detail: "drains"))

    static let connected = ConnectionChanged(
        isOpen: true, connection: NativeGoldens.connection, dialect: "neurograph", user: NativeGoldens.user,
        address: "192.0.2.7", at: time)

    static let disconnected = ConnectionChanged(
        isOpen: false, connection: NativeGoldens.connection, dialect: "neurograph", user: nil, reason: .peer,
        at: time)

    static let events: [(name: String, event: LoggedEvent)] = [
        ("alert_new", NativeGoldens.logged(.alertRaised(raised), offset: 21)),
        ("alert_new_bare", NativeGoldens.logged(.alertRaised(bare), offset: 22)),
        ("alert_update", NativeGoldens.logged(.alertUpdated(acknowledged), offset: 23)),
        ("alert_update_resolved", NativeGoldens.logged(.alertUpdated(resolved), offset: 24)),
        ("prediction", NativeGoldens.logged(.predictionMade(prediction), offset: 5)),
        ("prediction_failed", NativeGoldens.logged(.predictionMade(failedPrediction), offset: 6)),
        ("topology_update", NativeGoldens.logged(.topologyChanged(topology), offset: 3)),
        ("analytics_update", NativeGoldens.logged(.analyticsUpdated(analytics), offset: 17)),
        ("analytics_update_quiet", NativeGoldens.logged(.analyticsUpdated(quiet), offset: 18)),
        ("log", NativeGoldens.logged(.lineLogged(line), offset: 101)),
        ("log_action", NativeGoldens.logged(.actionExecuted(action), offset: 102)),
        ("log_connection", NativeGoldens.logged(.connectionChanged(connected), offset: 103)),
        ("log_connection_closed", NativeGoldens.logged(.connectionChanged(disconnected), offset: 104)),
    ]

    // MARK: REST

    static let request = AlertContent(
        severity: .critical, kind: "room_temperature", node: NativeGoldens.node,
        message: "The machine room is at 34.5 °C",
        reading: AlertReading(valueThousandths: 34_500, thresholdThousandths: 30_000, unit: "°C"))

    static let network = [
        TopologyDevice(
            id: router, kind: .router, name: "coordinator", connections: [NativeGoldens.node.description]),
        TopologyDevice(
            id: NativeGoldens.node.description, kind: .endpoint, name: "GPU-Node-NY-01", connections: [router]),
        TopologyDevice(id: NativeGoldens.silent.record.id.description, kind: .endpoint, name: "spare"),
    ]

    static let bodies: [(name: String, write: @Sendable (inout ByteBuffer) -> Void)] = [
        ("alert", { RESTCodec.alert(resolved, into: &$0) }),
        ("alerts", { RESTCodec.alerts([raised, bare], next: AlertCursor(bare), into: &$0) }),
        (
            "predicted",
            {
                RESTCodec.predicted(
                    prediction.id, at: LogPosition(epoch: 2_251_799_813_685_248, offset: 5), into: &$0)
            }
        ),
        ("topology", { RESTCodec.topology(network, next: nil, into: &$0) }),
        ("analytics", { RESTCodec.analytics(analytics, into: &$0) }),
        // What clients send, read back by `AlertDecoderTests`.
        (
            "alert_request",
            { buffer in
                buffer.append(
                    """
                    {"severity":"critical","kind":"room_temperature",\
                    "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",\
                    "message":"The machine room is at 34.5 °C","value":34.5,"threshold":30,"unit":"°C"}
                    """ as String)
            }
        ),
        (
            "prediction_request",
            { buffer in
                buffer.append(
                    """
                    {"status":"completed","results":[{"label":"anomaly_type","confidence":0.95}],\
                    "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","model":"drift-2"}
                    """ as String)
            }
        ),
    ]
}
