internal import Grid
internal import Wire

/// The TriggerX dialect (docs/protocol-triggerx.md).
extension AsyncAPI {
    static let triggerX = Channel(
        "triggerx", at: "/api/ws/tasks", "TriggerX",
        "For clients written for TriggerX: an API key, and rooms of one's own jobs, tasks and oneself.",
        security: ["apiKey", "apiKeyQuery"],
        [
            Operation("ask", by: .client, "What a client may say", [subscribeRoom, unsubscribeRoom]),
            Operation(
                "answer", by: .coordinator, "What it is answered", [subscribedRoom, unsubscribedRoom, triggerXError]),
            Operation(
                "tasks", by: .coordinator, "Rooms job:{id}, task:{number} and user:{id}",
                [taskCreated, taskStatusChanged, taskUpdatedOutside, taskFeeUpdated]),
        ])

    // MARK: Clients

    private static func asked(_ type: String) -> JSONSchema {
        .read([
            "type": .constant(type), "data": .read(["room": .string(to: Limits.unauthenticatedMessageBytes)]),
        ])
    }

    private static let subscribeRoom = Message(
        "SUBSCRIBE", "Tell me of a room's events", golden: "triggerx/subscribe",
        #"""
        {"type":"SUBSCRIBE","data":{"room":"job:123","job_id":"123"}}
        """#,
        payload: asked("SUBSCRIBE"))

    private static let unsubscribeRoom = Message(
        "UNSUBSCRIBE", "No more of that room", golden: "triggerx/unsubscribe",
        #"""
        {"type":"UNSUBSCRIBE","data":{"room":"job:123"}}
        """#,
        payload: asked("UNSUBSCRIBE"))

    // MARK: Answers

    private static func said(_ type: String, _ data: JSONSchema) -> JSONSchema {
        .object(["type": .constant(type), "data": data, "timestamp": .time])
    }

    private static let subscribedRoom = Message(
        "SUBSCRIBED", "The session is in the room", golden: "triggerx/subscribed",
        #"""
        {"type":"SUBSCRIBED","data":{"room":"job:123"},"timestamp":"2024-01-01T00:00:00.000Z"}
        """#,
        payload: said("SUBSCRIBED", .object(["room": .string])))

    private static let unsubscribedRoom = Message(
        "UNSUBSCRIBED", "It is no more", golden: "triggerx/unsubscribed",
        #"""
        {"type":"UNSUBSCRIBED","data":{"room":"job:123"},"timestamp":"2024-01-01T00:00:00.000Z"}
        """#,
        payload: said("UNSUBSCRIBED", .object(["room": .string])))

    private static let triggerXError = Message(
        "ERROR", "A message was refused, or the key was; before the upgrade it is the body of the answer",
        golden: "triggerx/error",
        #"""
        {"type":"ERROR","data":{"code":"ACCESS_DENIED","message":"There is no room job:123 for you"},
        "timestamp":"2024-01-01T00:00:00.000Z"}
        """#,
        payload: said(
            "ERROR",
            .object(["code": .one(of: TriggerXError.Code.allCases.map(\.rawValue)), "message": .string])))

    // MARK: Events

    private static func told(_ type: String, _ changes: JSONSchema) -> JSONSchema {
        said(
            type,
            .object([
                "task_id": .integer(from: 1), "job_id": .string, "user_id": .string, "changes": changes,
                "timestamp": .time,
            ]))
    }

    private static let taskCreated = Message(
        "TASK_CREATED", "A task was submitted", golden: "triggerx/task_created",
        #"""
        {"type":"TASK_CREATED","data":{"task_id":123,"job_id":"456","user_id":"user_789","changes":{"task_id":123,
        "job_id":"456","task_definition_id":789,"is_imua":false,"created_at":"2024-01-01T00:00:00.000Z"},
        "timestamp":"2024-01-01T00:00:00.000Z"},"timestamp":"2024-01-01T00:00:00.000Z"}
        """#,
        payload: told(
            "TASK_CREATED",
            .object([
                "task_id": .integer(from: 1), "job_id": .string, "task_definition_id": .natural.orNull,
                "is_imua": .boolean.orNull, "created_at": .time,
            ])))

    private static let taskStatusChanged = Message(
        "TASK_STATUS_CHANGED", "A task changed its state, or a node got it", golden: "triggerx/task_status_changed",
        #"""
        {"type":"TASK_STATUS_CHANGED","data":{"task_id":123,"job_id":"456","user_id":"user_789","changes":{
        "status":"running"},"timestamp":"2024-01-01T00:00:00.000Z"},"timestamp":"2024-01-01T00:00:00.000Z"}
        """#,
        payload: told(
            "TASK_STATUS_CHANGED",
            .object(
                ["status": .shared("TaskState")], optional: ["node_id": .uuid.orNull, "result": outcome])))

    private static let outcome: JSONSchema = .object([
        "output": .any, "exit_status": .integer(from: 0, to: 255).orNull, "signal": .integer(from: 1, to: 64).orNull,
        "fault": JSONSchema.shared("TaskFault").orNull, "message": .string.orNull,
        "processing_time": .number.meaning("Seconds"),
    ])

    private static let taskUpdatedOutside = Message(
        "TASK_UPDATED", "What a task gave and cost, or what an outside party told of it",
        golden: "triggerx/task_updated",
        #"""
        {"type":"TASK_UPDATED","data":{"task_id":123,"job_id":"456","user_id":"user_789","changes":{
        "task_performer_id":3,"execution_timestamp":"2024-01-01T00:00:00.000Z","execution_tx_hash":"0xabc",
        "task_opx_cost":0.003,"proof_of_task":"proof","task_attester_ids":[4,5],"tp_signature":"0x01",
        "ta_signature":"0x02","task_submission_tx_hash":"0xdef","is_accepted":true,"is_successful":false},
        "timestamp":"2024-01-01T00:00:00.000Z"},"timestamp":"2024-01-01T00:00:00.000Z"}
        """#,
        payload: told(
            "TASK_UPDATED",
            .object(
                [:],
                optional: [
                    "result": outcome, "cost": .object(["amount": .number(from: 0), "currency": .string]),
                    "task_performer_id": .integer, "execution_timestamp": .time, "execution_tx_hash": .string,
                    "task_opx_cost": .number, "proof_of_task": .string, "task_attester_ids": .list(of: .integer),
                    "tp_signature": .string, "ta_signature": .string, "task_submission_tx_hash": .string,
                    "is_accepted": .boolean, "is_successful": .boolean,
                ])))

    private static let taskFeeUpdated = Message(
        "TASK_FEE_UPDATED", "What the task costs", golden: "triggerx/task_fee_updated",
        #"""
        {"type":"TASK_FEE_UPDATED","data":{"task_id":123,"job_id":"456","user_id":"user_789","changes":{"fee":0.25},
        "timestamp":"2024-01-01T00:00:00.000Z"},"timestamp":"2024-01-01T00:00:00.000Z"}
        """#,
        payload: told("TASK_FEE_UPDATED", .object(["fee": .number(from: 0).orNull])))
}
