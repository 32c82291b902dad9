internal import Grid

/// The QUBIX dialect (docs/protocol-qubix.md).
extension AsyncAPI {
    static let qubix = Channel(
        "qubix", at: "/qubix", "QUBIX",
        """
        For clients written for QUBIX; `/` is the same. The upgrade needs no token, jobs do, and so does the market \
        where it is not open.
        """,
        security: ["bearer", "token"],
        [
            Operation(
                "ask", by: .client, "What a client may say",
                [subscribeMarketplace, subscribeProvider, subscribeJob, unsubscribe, qubixPing]),
            Operation(
                "answer", by: .coordinator, "What it is answered", [subscribed, unsubscribed, qubixError, qubixPong]),
            Operation(
                "marketplace", by: .coordinator, "Who offers what; an arrival is told unasked",
                [providerRegistered, marketplaceUpdate, providerStatusChanged]),
            Operation(
                "provider", by: .coordinator, "One provider", [providerStatusChanged, gpuMetricsUpdate]),
            Operation("job", by: .coordinator, "One's own job", [jobProgress, jobCompleted]),
        ])

    private static let subject: JSONSchema = .string(from: 1, to: Limits.roomNameBytes)

    // MARK: Clients

    private static let subscribeMarketplace = Message(
        "subscribe_marketplace", named: "subscribe:marketplace", "Tell me of the market",
        golden: "qubix/subscribe_marketplace",
        #"""
        {"type":"subscribe:marketplace"}
        """#,
        payload: .read(["type": .constant("subscribe:marketplace")]))

    private static let subscribeProvider = Message(
        "subscribe_provider", named: "subscribe:provider", "Tell me of a provider, which may yet have to come",
        golden: "qubix/subscribe_provider",
        #"""
        {"type":"subscribe:provider","subscriptionId":"0f8fad5b-d9cb-469f-a165-70867728950e"}
        """#,
        payload: .read(["type": .constant("subscribe:provider"), "subscriptionId": subject]))

    private static let subscribeJob = Message(
        "subscribe_job", named: "subscribe:job", "Tell me of a job of mine", golden: "qubix/subscribe_job",
        #"""
        {"type":"subscribe:job","subscriptionId":"nightly-batch"}
        """#,
        payload: .read(["type": .constant("subscribe:job"), "subscriptionId": subject]))

    private static let unsubscribe = Message(
        "unsubscribe", "No more of that", golden: "qubix/unsubscribe",
        #"""
        {"type":"unsubscribe","subscriptionId":"provider:0f8fad5b-d9cb-469f-a165-70867728950e"}
        """#,
        payload: .read(["type": .constant("unsubscribe"), "subscriptionId": .string(to: Limits.roomNameBytes)]))

    private static let qubixPing = Message(
        "ping", "I am there; at least once in \(Limits.qubixPingSeconds) s", golden: "qubix/ping",
        #"""
        {"type":"ping"}
        """#,
        payload: .read(["type": .constant("ping")]))

    // MARK: Answers

    private static func acknowledged(_ type: String) -> JSONSchema {
        .object(["type": .constant(type), "subscriptionId": .string, "timestamp": .time])
    }

    private static let subscribed = Message(
        "subscribed", "What the subscription is called from now on", golden: "qubix/subscribed_provider",
        #"""
        {"type":"subscribed","subscriptionId":"provider:0f8fad5b-d9cb-469f-a165-70867728950e",
        "timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: acknowledged("subscribed"))

    private static let unsubscribed = Message(
        "unsubscribed", "It is no more", golden: "qubix/unsubscribed",
        #"""
        {"type":"unsubscribed","subscriptionId":"provider:0f8fad5b-d9cb-469f-a165-70867728950e",
        "timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: acknowledged("unsubscribed"))

    private static let qubixError = Message(
        "error", "A message was refused; the connection stays", golden: "qubix/error",
        #"""
        {"type":"error","data":{"code":"UNKNOWN_ROOM","message":"There is no room job:nosuch for you"},
        "timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: .object([
            "type": .constant("error"), "data": .object(["code": .shared("Code"), "message": .string]),
            "timestamp": .time,
        ]))

    private static let qubixPong = Message(
        "pong", "I heard you", golden: "qubix/pong",
        #"""
        {"type":"pong","timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: .object(["type": .constant("pong"), "timestamp": .time]))

    // MARK: Events

    private static func told(_ type: String, of subscription: JSONSchema, _ data: JSONSchema) -> JSONSchema {
        .object(["type": .constant(type), "subscriptionId": subscription, "data": data, "timestamp": .time])
    }

    private static let market: JSONSchema = .constant("marketplace")
    private static let provider: JSONSchema = .string(matching: "^provider:[0-9a-f-]{36}$")
    private static let job: JSONSchema = .string(matching: "^job:.")
    private static let price: JSONSchema = .number(from: 0).orNull.meaning("US dollars")

    private static let providerRegistered = Message(
        "PROVIDER_REGISTERED", "A provider is there for the first time", golden: "qubix/provider_registered",
        #"""
        {"type":"PROVIDER_REGISTERED","subscriptionId":"marketplace","data":{
        "id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "workerId":"00070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9",
        "gpuModel":"NVIDIA GeForce RTX 4090","pricePerHour":0.4},"timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: told(
            "PROVIDER_REGISTERED", of: market,
            .object([
                "id": .uuid, "workerId": JSONSchema.string(matching: "^[0-9a-f]{64}$").orNull,
                "gpuModel": .string.orNull, "pricePerHour": price,
            ])))

    private static let providerStatusChanged = Message(
        "PROVIDER_STATUS_CHANGED", "A provider came, went, was taken or freed",
        golden: "qubix/provider_status_changed",
        #"""
        {"type":"PROVIDER_STATUS_CHANGED","subscriptionId":"provider:0f8fad5b-d9cb-469f-a165-70867728950e","data":{
        "providerId":"0f8fad5b-d9cb-469f-a165-70867728950e","isOnline":true,"isAvailable":true,"status":"online"},
        "timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: told(
            "PROVIDER_STATUS_CHANGED", of: provider,
            .object([
                "providerId": .uuid, "isOnline": .boolean, "isAvailable": .boolean, "status": .shared("NodeStatus"),
            ])))

    private static let gpuMetricsUpdate = Message(
        "GPU_METRICS_UPDATE", "What a provider measured", golden: "qubix/gpu_metrics_update",
        #"""
        {"type":"GPU_METRICS_UPDATE","subscriptionId":"provider:0f8fad5b-d9cb-469f-a165-70867728950e","data":{
        "providerId":"0f8fad5b-d9cb-469f-a165-70867728950e","metrics":{"cpuPercent":45.25,"ramPercent":14.2,
        "gpuPercent":85,"gpuTemp":72}},"timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: told(
            "GPU_METRICS_UPDATE", of: provider,
            .object([
                "providerId": .uuid,
                "metrics": .object([
                    "cpuPercent": .percent.orNull, "ramPercent": .percent.orNull, "gpuPercent": .percent.orNull,
                    "gpuTemp": .integer.orNull.meaning("°C"),
                ]),
            ])))

    private static let marketplaceUpdate = Message(
        "MARKETPLACE_UPDATE", "A provider can be rented, or no longer", golden: "qubix/marketplace_update",
        #"""
        {"type":"MARKETPLACE_UPDATE","subscriptionId":"marketplace","data":{
        "providerId":"0f8fad5b-d9cb-469f-a165-70867728950e","isAvailable":false,"rental":"rented",
        "pricePerHour":0.4},"timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: told(
            "MARKETPLACE_UPDATE", of: market,
            .object([
                "providerId": .uuid, "isAvailable": .boolean, "rental": .one(of: ["rented", "free"]),
                "pricePerHour": price,
            ])))

    private static let jobProgress = Message(
        "JOB_PROGRESS", "How far the job is: the mean of its tasks", golden: "qubix/job_progress",
        #"""
        {"type":"JOB_PROGRESS","subscriptionId":"job:nightly-batch","data":{"jobId":"nightly-batch","progress":{
        "progress":75,"status":"running"}},"timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: told(
            "JOB_PROGRESS", of: job,
            .object([
                "jobId": .string,
                "progress": .object([
                    "progress": .percent.orNull, "status": JSONSchema.shared("TaskState").orNull,
                ]),
            ])))

    private static let jobCompleted = Message(
        "JOB_COMPLETED", "All tasks of the job have ended; the result is the last one's",
        golden: "qubix/job_completed",
        #"""
        {"type":"JOB_COMPLETED","subscriptionId":"job:nightly-batch","data":{"jobId":"nightly-batch",
        "status":"completed","result":{"taskId":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","output":"Generated text",
        "exitStatus":0,"signal":null,"fault":null,"message":null,"processingTime":2.34}},
        "timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: told(
            "JOB_COMPLETED", of: job,
            .object([
                "jobId": .string, "status": .shared("TaskState"), "result": jobResult.orNull,
            ])))

    private static let jobResult: JSONSchema = .object([
        "taskId": .uuid, "output": .any, "exitStatus": .integer(from: 0, to: 255).orNull,
        "signal": .integer(from: 1, to: 64).orNull, "fault": JSONSchema.shared("TaskFault").orNull,
        "message": .string.orNull, "processingTime": .number.meaning("Seconds"),
    ])
}
