internal import Grid

/// The events of the native dialect, by the room that keeps them (docs/protocol.md).
extension AsyncAPI {
    static let nativeRooms: [Operation] =
        [
            Operation(
                "nodes", by: .coordinator, "Rooms nodes and node:{id}; need node:read",
                [nodeRegistered, nodeStatus, nodeMetrics]),
            Operation(
                "tasks", by: .coordinator, "Rooms tasks, task:{id} and job:{id}; need task:submit and ownership",
                [taskUpdate, taskAssigned, taskProgress]),
            Operation("general", by: .coordinator, "Room general; any user", [systemNotification]),
            Operation(
                "user_updates", by: .coordinator, "Room user_updates: one's own account; any user",
                [balanceUpdate, paymentConfirmed]),
        ] + signalRooms

    /// An event in its room's log.
    static func logged(_ type: String, in room: BaseRoom, _ data: JSONSchema) -> JSONSchema {
        .object(["type": .constant(type), "room": .constant(room.name)] + position + ["data": data])
    }

    // MARK: Nodes

    private static let nodeRegistered = Message(
        "node_registered", "A node is there for the first time", golden: "native/node_registered",
        #"""
        {"type":"node_registered","room":"nodes","epoch":2251799813685248,"offset":1,"data":{
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","name":"GPU-Node-NY-01","owner_id":"user456",
        "specifications":{"gpu":"NVIDIA GeForce RTX 4090","gpu_memory":24,"cpu":"Intel(R) Core(TM) i9-13900K",
        "ram":63,"storage":2000,"network_speed":1000,"gpu_count":2,"cpu_cores":32,
        "operating_system":"Debian GNU/Linux 12 (bookworm)","driver_version":"550.54.15","agent_version":"1.0.0"},
        "location":{"region":"us-east-1","city":"New York","country":"USA"},
        "registered_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged("node_registered", in: .nodes, .shared("NodeRegistered")))

    private static let nodeStatus = Message(
        "node_status", "A node came, went, was taken or freed", golden: "native/node_status",
        #"""
        {"type":"node_status","room":"nodes","epoch":2251799813685248,"offset":2,"data":{
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","status":"online","previous_status":"offline",
        "current_task":null,"updated_at":"2024-01-15T10:30:00.000Z","metrics":{"gpu_utilization":84.5,
        "memory_usage":25.001,"temperature":72,"power_draw":560.5},"health_score":95,"health_coverage":100,
        "health_reasons":[{"code":"gpu_hot","message":"GPU 0 is at 86 °C","points":5}],"hops":{
        "sampled":1705314600000000,"received":1705314600012345,"published":1705314600012400}}}
        """#,
        payload: logged("node_status", in: .nodes, .shared("NodeStatusChanged")))

    private static let nodeMetrics = Message(
        "node_metrics", "What a node measured", golden: "native/node_metrics_bare",
        #"""
        {"type":"node_metrics","room":"nodes","epoch":2251799813685248,"offset":5,"data":{
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","timestamp":"2024-01-15T10:30:00.000Z","metrics":{
        "cpu_usage":null,"ram_usage":null,"gpu_usage":null,"gpu_memory":null,"network_io":{"bytes_in":null,
        "bytes_out":null},"disk_io":{"read_mb":null,"write_mb":null}},"health_score":null,"health_coverage":0,
        "health_reasons":[],"interval_seconds":1.5,"gpus":[],"host":{"load_1":null,"load_5":null,"load_15":null,
        "cpu_pressure":null,"memory_pressure":null,"io_pressure":null,"memory_total":null,"swap_total":null,
        "swap_usage":null,"filesystem_usage":null,"uptime":null},"hops":{"sampled":1705314600000000,
        "received":1705314600012345,"published":1705314600012400}}}
        """#,
        payload: logged(
            "node_metrics", in: .nodes,
            .object(
                ["node_id": .uuid, "timestamp": .time, "metrics": nodeReadings] + health
                    + [
                        "interval_seconds": .number.meaning("The time that amounts cover"),
                        "gpus": .list(of: .shared("GPU")), "host": hostReadings,
                    ],
                optional: ["hops": .shared("Hops")])))

    private static let nodeReadings: JSONSchema = .object([
        "cpu_usage": .percent.orNull,
        "ram_usage": .number.orNull.meaning("GB of 2³⁰ bytes"),
        "gpu_usage": .percent.orNull,
        "gpu_memory": .number.orNull.meaning("GB of 2³⁰ bytes"),
        "network_io": .object(["bytes_in": .natural.orNull, "bytes_out": .natural.orNull]),
        "disk_io": .object(["read_mb": .number.orNull, "write_mb": .number.orNull]).meaning("MB of 2²⁰ bytes"),
    ])

    private static let hostReadings: JSONSchema = .object([
        "load_1": .number.orNull, "load_5": .number.orNull, "load_15": .number.orNull,
        "cpu_pressure": .percent.orNull, "memory_pressure": .percent.orNull, "io_pressure": .percent.orNull,
        "memory_total": .number.orNull, "swap_total": .number.orNull, "swap_usage": .number.orNull,
        "filesystem_usage": .percent.orNull, "uptime": .natural.orNull.meaning("Seconds"),
    ])

    // MARK: Tasks

    private static let taskUpdate = Message(
        "task_update", "A task was submitted, changed its state, or ended", golden: "native/task_update",
        #"""
        {"type":"task_update","room":"tasks","epoch":2251799813685248,"offset":12,"data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","status":"completed","previous_status":"running",
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","updated_at":"2024-01-15T10:30:00.000Z","result":{
        "output":"Generated text","tokens_used":null,"processing_time":2.34,"exit_status":0,"signal":null,
        "message":null},"cost":{"amount":0.05,"currency":"USD"},"task_number":17,"job_id":"nightly-batch",
        "user_id":"user123","epoch":7,"fault":null}}
        """#,
        payload: logged("task_update", in: .tasks, .shared("TaskUpdated")))

    private static let taskAssigned = Message(
        "task_assigned", "A node got the task", golden: "native/task_assigned",
        #"""
        {"type":"task_assigned","room":"tasks","epoch":2251799813685248,"offset":10,"data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "user_id":"user123","model":"gpt-4","priority":5,"estimated_duration":120,
        "assigned_at":"2024-01-15T10:30:00.000Z","task_number":17,"job_id":"nightly-batch","epoch":7}}
        """#,
        payload: logged("task_assigned", in: .tasks, .shared("TaskAssigned")))

    private static let taskProgress = Message(
        "task_progress", "How far the task is, as it says itself", golden: "native/task_progress",
        #"""
        {"type":"task_progress","room":"tasks","epoch":2251799813685248,"offset":11,"data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","progress":65,"stage":"model_inference","eta_seconds":45,
        "message":"Processing tokens 1000/1500","task_number":17,"job_id":"nightly-batch",
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","epoch":7,"updated_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged("task_progress", in: .tasks, .shared("TaskProgressed")))

    // MARK: Everybody, and one's own account

    private static let systemNotification = Message(
        "system_notification", "An administrator has something to say", golden: "native/system_notification",
        #"""
        {"type":"system_notification","room":"general","epoch":2251799813685248,"offset":7,"data":{
        "level":"warning","title":"Scheduled Maintenance",
        "message":"Platform maintenance scheduled for Jan 16, 02:00 UTC",
        "scheduled_time":"2024-01-16T02:00:00.000Z","estimated_duration":3600,"affected_services":["task_routing",
        "payment_processing"],"notification_id":"6ba7b811-9dad-41d1-80b4-00c04fd430c8",
        "sent_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged("system_notification", in: .general, .shared("SystemNotification")))

    private static let balanceUpdate = Message(
        "balance_update", "What the user has", golden: "native/balance_update",
        #"""
        {"type":"balance_update","room":"user_updates","epoch":2251799813685248,"offset":5,"data":{
        "user_id":"user123","balances":{"NEURO":{"total":1000.5,"available":850.25,"locked":150.25},"USD":{
        "total":125,"available":100,"locked":25}},"updated_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged(
            "balance_update", in: .userUpdates,
            .object([
                "user_id": .string,
                "balances": .map(of: .object(["total": .number, "available": .number, "locked": .number]))
                    .meaning("By currency"),
                "updated_at": .time,
            ])))

    private static let paymentConfirmed = Message(
        "payment_confirmed", "Money moved", golden: "native/payment_confirmed",
        #"""
        {"type":"payment_confirmed","room":"user_updates","epoch":2251799813685248,"offset":6,"data":{
        "transaction_id":"9b2c1f6e-0a4d-4e3b-8c7d-5e6f1a2b3c4d","user_id":"user123","amount":25.5,
        "currency":"NEURO","type":"task_payment","related_task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        "confirmed_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged(
            "payment_confirmed", in: .userUpdates,
            .object([
                "transaction_id": .uuid, "user_id": .string, "amount": .number, "currency": .string,
                "type": .string, "related_task": .uuid.orNull, "confirmed_at": .time,
            ])))
}
