internal import Grid
internal import Wire

/// The EyeNet dialect (docs/protocol-eyenet.md). Its messages are what a Socket.IO packet holds behind its namespace:
/// an event is an array of its name and its argument, an acknowledgement the argument of a callback.
extension AsyncAPI {
    static let eyenet = Channel(
        "eyenet", at: "/socket.io/", "EyeNet",
        """
        For clients written for EyeNet: Socket.IO v4 over Engine.IO v4, by WebSocket or long-polling, in the namespace \
        `/ws`. The token stands in the connect packet's `auth`. For a session that brings a public key, `message`, \
        `updatedBy` and `results` are encrypted texts.
        """,
        [
            Operation("ask", by: .client, "What a client may say", [eyeSubscribe, eyeUnsubscribe]),
            Operation(
                "answer", by: .coordinator,
                "What its callback is given, or, where it has none, the event subscribed or unsubscribed",
                [eyeAcknowledged, eyeRefused, eyeError]),
            Operation(
                "devices", by: .coordinator, "A device, or the topic devices; needs node:read",
                [deviceStatus, deviceMetrics]),
            Operation(
                "alerts", by: .coordinator, "A device, or the topic alerts; needs node:read",
                [eyeAlertNew, eyeAlertUpdate]),
            Operation("topology", by: .coordinator, "The topic topology; needs node:read", [eyeTopology]),
            Operation("ml", by: .coordinator, "A device, or the topic ml; needs node:read", [eyePrediction]),
        ])

    private static let wish: JSONSchema = .either(
        .read(["type": .constant("device"), "id": .string(from: 1, to: Limits.jobIDBytes)]),
        .read(["type": .constant("topic"), "id": .one(of: EyeNetTopic.allCases.map(\.rawValue))]))

    private static let eyeSubscribe = Message(
        "subscribe", "Tell me of a device or a topic", golden: "eyenet/subscribe",
        #"""
        ["subscribe",{"type":"device","id":"0f8fad5b-d9cb-469f-a165-70867728950e"}]
        """#,
        payload: .tuple(.constant("subscribe"), wish))

    private static let eyeUnsubscribe = Message(
        "unsubscribe", "No more of that", golden: "eyenet/unsubscribe",
        #"""
        ["unsubscribe",{"type":"device","id":"0f8fad5b-d9cb-469f-a165-70867728950e"}]
        """#,
        payload: .tuple(.constant("unsubscribe"), wish))

    // MARK: Answers

    private static let eyeAcknowledged = Message(
        "acknowledged", "It is done", golden: "eyenet/subscribed",
        #"""
        {"status":"subscribed","channel":"device:0f8fad5b-d9cb-469f-a165-70867728950e"}
        """#,
        payload: .object([
            "status": .one(of: EyeNetOutcome.allCases.map(\.rawValue)),
            "channel": .string(matching: "^(device|topic):"),
        ]))

    private static let eyeRefused = Message(
        "refused", "It is not", golden: "eyenet/refused",
        #"""
        {"status":"error","code":"NOT_IN_ROOM","message":"there is no subscription to topic:ml"}
        """#,
        payload: .object(["status": .constant("error"), "code": .shared("Code"), "message": .string]))

    private static let eyeError = Message(
        "error", "The argument of the event error: an event was refused", golden: "eyenet/error",
        #"""
        {"type":"error","data":{"code":"NOT_IN_ROOM","message":"there is no subscription to topic:ml",
        "timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: .object([
            "type": .constant("error"),
            "data": .object(["code": .shared("Code"), "message": .string, "timestamp": .time]),
        ]))

    // MARK: Events

    private static func event(_ name: String, _ data: JSONSchema) -> JSONSchema {
        .tuple(.constant(name), .object(["type": .constant(name), "data": data]))
    }

    private static let deviceStatus = Message(
        "device_status", named: "device:status", "A device is up, degraded or down", golden: "eyenet/device_status",
        #"""
        ["device:status",{"type":"device:status","data":{"deviceId":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "status":"up","timestamp":"2024-01-15T10:30:00.000Z","metrics":{"uptime":864000,
        "lastSeen":"2024-01-15T10:29:59.900Z"}}}]
        """#,
        payload: event(
            "device:status",
            .object([
                "deviceId": .uuid, "status": .one(of: ["up", "degraded", "down"]), "timestamp": .time,
                "metrics": .object(["uptime": .natural.orNull.meaning("Seconds"), "lastSeen": .time.orNull]),
            ])))

    private static let deviceMetrics = Message(
        "device_metrics", named: "device:metrics", "What a device measured", golden: "eyenet/device_metrics",
        #"""
        ["device:metrics",{"type":"device:metrics","data":{"deviceId":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "metrics":{"cpu":45.25,"memory":14.2,"bandwidth":{"in":1024000,"out":512000}},
        "timestamp":"2024-01-15T10:30:00.000Z"}}]
        """#,
        payload: event(
            "device:metrics",
            .object([
                "deviceId": .uuid,
                "metrics": .object([
                    "cpu": .percent.orNull, "memory": .percent.orNull,
                    "bandwidth": .object(["in": .natural.orNull, "out": .natural.orNull]).meaning("Bytes a second"),
                ]),
                "timestamp": .time,
            ])))

    private static let eyeAlertNew = Message(
        "alert_new", named: "alert:new", "Something is not as it should be", golden: "eyenet/alert_new",
        #"""
        ["alert:new",{"type":"alert:new","data":{"alertId":"3f0c6a52-88e1-4b7d-9d15-2c4e7f6081a3",
        "severity":"critical","deviceId":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "message":"GPU 0 is at 95.5 °C, above 90 °C","timestamp":"2024-01-15T10:30:00.000Z","metrics":{"value":95.5,
        "threshold":90}}}]
        """#,
        payload: event(
            "alert:new",
            .object([
                "alertId": .uuid, "severity": .one(of: AlertSeverity.allCases.map(\.name)), "deviceId": .uuid.orNull,
                "message": .string, "timestamp": .time,
                "metrics": .object(["value": .number.orNull, "threshold": .number.orNull]),
            ])))

    private static let eyeAlertUpdate = Message(
        "alert_update", named: "alert:update", "Somebody has seen to it, or it is over",
        golden: "eyenet/alert_update",
        #"""
        ["alert:update",{"type":"alert:update","data":{"alertId":"3f0c6a52-88e1-4b7d-9d15-2c4e7f6081a3",
        "status":"acknowledged","updatedBy":"user123","timestamp":"2024-01-15T10:31:00.000Z"}}]
        """#,
        payload: event(
            "alert:update",
            .object([
                "alertId": .uuid, "status": .one(of: AlertStatus.allCases.map(\.name)), "updatedBy": .string.orNull,
                "timestamp": .time,
            ])))

    private static let eyeTopology = Message(
        "topology_update", named: "topology:update", "Devices came, went, or are linked otherwise",
        golden: "eyenet/topology_update",
        #"""
        ["topology:update",{"type":"topology:update","data":{"changeType":"device_added","devices":[{
        "id":"0f8fad5b-d9cb-469f-a165-70867728950e","type":"endpoint","connections":[
        "c0a80101-0000-4000-8000-000000000001"]},{"id":"c0a80101-0000-4000-8000-000000000001","type":"router",
        "connections":["0f8fad5b-d9cb-469f-a165-70867728950e"]}],"timestamp":"2024-01-15T10:30:00.000Z"}}]
        """#,
        payload: event(
            "topology:update",
            .object([
                "changeType": .one(of: TopologyChange.Kind.allCases.map(\.rawValue)),
                "devices": .list(
                    of: .object([
                        "id": .string, "type": .one(of: TopologyDevice.Kind.allCases.map(\.rawValue)),
                        "connections": .list(of: .string),
                    ])),
                "timestamp": .time,
            ])))

    private static let eyePrediction = Message(
        "ml_prediction", named: "ml:prediction", "What a model makes of a device", golden: "eyenet/ml_prediction",
        #"""
        ["ml:prediction",{"type":"ml:prediction","data":{"jobId":"7c1d20b4-5e3f-4a86-8f90-a1b2c3d4e5f6",
        "status":"completed","results":[{"label":"anomaly_type","confidence":0.95}],
        "timestamp":"2024-01-15T10:30:00.000Z"}}]
        """#,
        payload: event(
            "ml:prediction",
            .object([
                "jobId": .uuid, "status": .one(of: PredictionStatus.allCases.map(\.name)),
                "results": .either(
                    .list(of: .object(["label": .string, "confidence": .number(from: 0, to: 1)])), .string),
                "timestamp": .time,
            ])))
}
