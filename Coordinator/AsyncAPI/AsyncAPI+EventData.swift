internal import Grid

/// Members of `components.schemas`: the `data` of events, where several dialects tell it alike.
extension AsyncAPI {
    static let eventSchemas: [(key: String, value: JSONSchema)] = [
        ("NodeRegistered", registeredNode), ("NodeStatusChanged", nodeStatusChanged), ("TaskUpdated", taskUpdated),
        ("TaskAssigned", assignedTask), ("TaskProgressed", taskProgressed), ("TaskResult", taskResult),
        ("SystemNotification", notification), ("Alert", alert), ("Prediction", prediction),
        ("TopologyChange", topologyChange), ("LogLine", logLine),
    ]

    private static let registeredNode: JSONSchema = .object([
        "node_id": .uuid, "name": .string, "owner_id": .string,
        "specifications": .shared("Specifications"), "location": .shared("Location"), "registered_at": .time,
    ])

    private static let nodeStatusChanged: JSONSchema = .object(
        [
            "node_id": .uuid, "status": .shared("NodeStatus"),
            "previous_status": JSONSchema.shared("NodeStatus").orNull,
            "current_task": .uuid.orNull, "updated_at": .time,
            "metrics": .object([
                "gpu_utilization": .percent.orNull.meaning("Mean of its GPUs"),
                "memory_usage": .number.orNull.meaning("Of its GPUs, in GB of 2³⁰ bytes"),
                "temperature": .integer.orNull.meaning("Of the hottest, in °C"),
                "power_draw": .number.orNull.meaning("Of its GPUs, in W"),
            ]),
        ] + health, optional: ["hops": .shared("Hops")])

    private static let taskUpdated: JSONSchema = .object([
        "task_id": .uuid, "status": .shared("TaskState"),
        "previous_status": JSONSchema.shared("TaskState").orNull,
        "node_id": .uuid.orNull, "updated_at": .time, "result": JSONSchema.shared("TaskResult").orNull,
        "cost": cost.orNull,
        "task_number": .integer(from: 1), "job_id": .string(from: 1, to: Limits.jobIDBytes),
        "user_id": .string, "epoch": .natural, "fault": JSONSchema.shared("TaskFault").orNull,
    ])

    private static let taskResult: JSONSchema = .object([
        "output": .any.meaning("What the task gave: any JSON value"),
        "tokens_used": .null,
        "processing_time": .number.meaning("Seconds"),
        "exit_status": .integer(from: 0, to: 255).orNull,
        "signal": .integer(from: 1, to: 64).orNull,
        "message": .string.orNull,
    ])

    private static let cost: JSONSchema = .object(["amount": .number(from: 0), "currency": .string])

    private static let assignedTask: JSONSchema = .object([
        "task_id": .uuid, "node_id": .uuid, "user_id": .string, "model": .string.orNull,
        "priority": .integer(from: 0, to: 10), "estimated_duration": .natural.orNull.meaning("Seconds"),
        "assigned_at": .time, "task_number": .integer(from: 1), "job_id": .string, "epoch": .natural,
    ])

    private static let taskProgressed: JSONSchema = .object([
        "task_id": .uuid, "progress": .percent, "stage": .string.orNull,
        "eta_seconds": .natural.orNull, "message": .string.orNull, "task_number": .integer(from: 1),
        "job_id": .string, "node_id": .uuid, "epoch": .natural, "updated_at": .time,
    ])

    private static let notification: JSONSchema = .object([
        "level": .one(of: NotificationLevel.allCases.map(\.name)), "title": .string, "message": .string,
        "scheduled_time": .time.orNull, "estimated_duration": .natural.orNull.meaning("Seconds"),
        "affected_services": .list(of: .string), "notification_id": .uuid, "sent_at": .time,
    ])

    private static let alert: JSONSchema = .object([
        "alert_id": .uuid, "status": .one(of: AlertStatus.allCases.map(\.name)),
        "severity": .one(of: AlertSeverity.allCases.map(\.name)), "kind": .string.orNull, "node_id": .uuid.orNull,
        "message": .string, "value": .number.orNull, "threshold": .number.orNull, "unit": .string.orNull,
        "raised_by": .string.orNull, "raised_at": .time,
        "acknowledged_by": .string.orNull, "acknowledged_at": .time.orNull,
        "resolved_by": .string.orNull, "resolved_at": .time.orNull,
        "updated_by": .string.orNull, "updated_at": .time,
    ])

    private static let prediction: JSONSchema = .object([
        "prediction_id": .uuid, "status": .one(of: PredictionStatus.allCases.map(\.name)),
        "results": .list(of: .object(["label": .string, "confidence": .number(from: 0, to: 1)])),
        "node_id": .uuid.orNull, "model": .string.orNull, "message": .string.orNull, "timestamp": .time,
    ])

    private static let topologyChange: JSONSchema = .object([
        "change_type": .one(of: TopologyChange.Kind.allCases.map(\.rawValue)),
        "devices": .list(
            of: .object([
                "id": .string, "type": .one(of: TopologyDevice.Kind.allCases.map(\.rawValue)), "name": .string.orNull,
                "connections": .list(of: .string),
            ])),
        "timestamp": .time,
    ])

    private static let logLine: JSONSchema = .object([
        "level": .one(of: LogLine.Level.allCases.map(\.name)), "source": .one(of: ["log", "action", "connection"]),
        "message": .string, "timestamp": .time, "fields": .map(of: .string),
    ])
}
