internal import Grid

/// The events of the NeuroGraph dialect, `{"channel", "timestamp", "event_type", "data"}`.
extension AsyncAPI {
    private static func told(_ type: String, in channel: EventChannel, _ data: JSONSchema) -> JSONSchema {
        .object([
            "channel": .constant(channel.name), "timestamp": .time, "event_type": .constant(type), "data": data,
        ])
    }

    static let systemMetrics = Message(
        "system_metrics", "How the coordinator does, every 5 s", golden: "neurograph/system_metrics",
        #"""
        {"channel":"metrics","timestamp":"2024-01-15T10:30:00.000Z","event_type":"system_metrics","data":{
        "cpu_percent":45.2,"memory_mb":1024,"events_per_sec":5000,"total_tokens":50000}}
        """#,
        payload: told(
            "system_metrics", in: .metrics,
            .object([
                "cpu_percent": .number(from: 0), "memory_mb": .natural.meaning("MiB"),
                "events_per_sec": .number(from: 0), "total_tokens": .natural,
            ])))

    /// Its name on the wire is whatever its sender wanted.
    static let broadcast = Message(
        "broadcast", named: "*", "What somebody had to say", golden: "neurograph/broadcast",
        #"""
        {"channel":"signals","timestamp":"2024-01-15T10:30:00.000Z","event_type":"drift.detected","data":{
        "score":0.93}}
        """#,
        payload: .object([
            "channel": .one(of: EventChannel.allCases.map(\.name) + ["*"]), "timestamp": .time,
            "event_type": .string(otherThan: ourEvents), "data": .any,
        ]))

    private static let ourEvents = [
        "system_metrics", "task_created", "task_assigned", "task_status", "task_progress", "task_fee",
        "task_completed", "node_registered", "node_status", "system_notification", "topology_update", "alert_new",
        "alert_update", "prediction", "log", "action_executed", "client_connected", "client_disconnected",
    ]

    // MARK: Signals

    static let graphAlertNew = Message(
        "alert_new", "Something is not as it should be", golden: "neurograph/alert_new",
        #"""
        {"channel":"signals","timestamp":"2024-01-15T10:30:00.000Z","event_type":"alert_new","data":{
        "alert_id":"3f0c6a52-88e1-4b7d-9d15-2c4e7f6081a3","status":"new","severity":"critical",
        "kind":"gpu_temperature","node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "message":"GPU 0 is at 95.5 °C, above 90 °C","value":95.5,"threshold":90,"unit":"°C","raised_by":null,
        "raised_at":"2024-01-15T10:30:00.000Z","acknowledged_by":null,"acknowledged_at":null,"resolved_by":null,
        "resolved_at":null,"updated_by":null,"updated_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told("alert_new", in: .signals, .shared("Alert")))

    static let graphAlertUpdate = Message(
        "alert_update", "Somebody has seen to it, or it is over", golden: "neurograph/alert_update",
        #"""
        {"channel":"signals","timestamp":"2024-01-15T10:30:00.000Z","event_type":"alert_update","data":{
        "alert_id":"3f0c6a52-88e1-4b7d-9d15-2c4e7f6081a3","status":"acknowledged","severity":"critical",
        "kind":"gpu_temperature","node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "message":"GPU 0 is at 95.5 °C, above 90 °C","value":95.5,"threshold":90,"unit":"°C","raised_by":null,
        "raised_at":"2024-01-15T10:30:00.000Z","acknowledged_by":"user123",
        "acknowledged_at":"2024-01-15T10:31:00.000Z","resolved_by":null,"resolved_at":null,"updated_by":"user123",
        "updated_at":"2024-01-15T10:31:00.000Z"}}
        """#,
        payload: told("alert_update", in: .signals, .shared("Alert")))

    static let graphPrediction = Message(
        "prediction", "What a model makes of a node or the grid", golden: "neurograph/prediction",
        #"""
        {"channel":"signals","timestamp":"2024-01-15T10:30:00.000Z","event_type":"prediction","data":{
        "prediction_id":"7c1d20b4-5e3f-4a86-8f90-a1b2c3d4e5f6","status":"completed","results":[{
        "label":"anomaly_type","confidence":0.95}],"node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "model":"drift-2","message":null,"timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told("prediction", in: .signals, .shared("Prediction")))

    // MARK: Actions

    private static func task(_ type: String, _ summary: String, _ example: String, as data: String) -> Message {
        Message(
            type, summary, golden: "neurograph/\(type)", example, payload: told(type, in: .actions, .shared(data)))
    }

    static let graphTaskCreated = task(
        "task_created", "A task was submitted",
        #"""
        {"channel":"actions","timestamp":"2024-01-15T10:30:00.000Z","event_type":"task_created","data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","status":"pending","previous_status":null,"node_id":null,
        "updated_at":"2024-01-15T10:30:00.000Z","result":null,"cost":null,"task_number":17,"job_id":"nightly-batch",
        "user_id":"user123","epoch":0,"fault":null}}
        """#, as: "TaskUpdated")

    static let graphTaskAssigned = task(
        "task_assigned", "A node got the task",
        #"""
        {"channel":"actions","timestamp":"2024-01-15T10:30:00.000Z","event_type":"task_assigned","data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "user_id":"user123","model":"gpt-4","priority":5,"estimated_duration":120,
        "assigned_at":"2024-01-15T10:30:00.000Z","task_number":17,"job_id":"nightly-batch","epoch":7}}
        """#, as: "TaskAssigned")

    static let graphTaskStatus = task(
        "task_status", "The task changed its state",
        #"""
        {"channel":"actions","timestamp":"2024-01-15T10:30:00.000Z","event_type":"task_status","data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","status":"completed","previous_status":"running",
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","updated_at":"2024-01-15T10:30:00.000Z","result":{
        "output":"Generated text","tokens_used":null,"processing_time":2.34,"exit_status":0,"signal":null,
        "message":null},"cost":{"amount":0.05,"currency":"USD"},"task_number":17,"job_id":"nightly-batch",
        "user_id":"user123","epoch":7,"fault":null}}
        """#, as: "TaskUpdated")

    static let graphTaskProgress = task(
        "task_progress", "How far the task is, as it says itself",
        #"""
        {"channel":"actions","timestamp":"2024-01-15T10:30:00.000Z","event_type":"task_progress","data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","progress":65,"stage":"model_inference","eta_seconds":45,
        "message":"Processing tokens 1000/1500","task_number":17,"job_id":"nightly-batch",
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","epoch":7,"updated_at":"2024-01-15T10:30:00.000Z"}}
        """#, as: "TaskProgressed")

    static let graphTaskFee = task(
        "task_fee", "What the task costs",
        #"""
        {"channel":"actions","timestamp":"2024-01-15T10:30:00.000Z","event_type":"task_fee","data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","status":"pending","previous_status":null,"node_id":null,
        "updated_at":"2024-01-15T10:30:00.000Z","result":null,"cost":{"amount":2.5,"currency":"USD"},
        "task_number":17,"job_id":"nightly-batch","user_id":"user123","epoch":0,"fault":null}}
        """#, as: "TaskUpdated")

    static let graphTaskCompleted = task(
        "task_completed", "What the task gave",
        #"""
        {"channel":"actions","timestamp":"2024-01-15T10:30:00.000Z","event_type":"task_completed","data":{
        "task_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","status":"completed","previous_status":"running",
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","updated_at":"2024-01-15T10:30:00.000Z","result":{
        "output":"Generated text","tokens_used":null,"processing_time":2.34,"exit_status":0,"signal":null,
        "message":null},"cost":{"amount":0.05,"currency":"USD"},"task_number":17,"job_id":"nightly-batch",
        "user_id":"user123","epoch":7,"fault":null}}
        """#, as: "TaskUpdated")

    static let actionExecuted = Message(
        "action_executed", "What an operator did", golden: "neurograph/action_executed",
        #"""
        {"channel":"actions","timestamp":"2024-01-15T10:30:00.000Z","event_type":"action_executed","data":{
        "action":"node_drained","user_id":"user123","node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "detail":"drains","timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told(
            "action_executed", in: .actions,
            .object([
                "action": .string, "user_id": .string.orNull, "node_id": .uuid.orNull, "detail": .string.orNull,
                "timestamp": .time,
            ])))

    // MARK: Logs, status, connections

    static let graphLog = Message(
        "log", "A line of the coordinator's log", golden: "neurograph/log",
        #"""
        {"channel":"logs","timestamp":"2024-01-15T10:30:00.000Z","event_type":"log","data":{"level":"warning",
        "source":"log","message":"connection refused","timestamp":"2024-01-15T10:30:00.000Z","fields":{
        "peer":"192.0.2.7:40112","reason":"connection rate"}}}
        """#,
        payload: told("log", in: .logs, .shared("LogLine")))

    static let graphNodeRegistered = Message(
        "node_registered", "A node is there for the first time", golden: "neurograph/node_registered",
        #"""
        {"channel":"status","timestamp":"2024-01-15T10:30:00.000Z","event_type":"node_registered","data":{
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","name":"GPU-Node-NY-01","owner_id":"user456",
        "specifications":{"gpu":"NVIDIA GeForce RTX 4090","gpu_memory":24,"cpu":"Intel(R) Core(TM) i9-13900K",
        "ram":63,"storage":2000,"network_speed":1000,"gpu_count":2,"cpu_cores":32,
        "operating_system":"Debian GNU/Linux 12 (bookworm)","driver_version":"550.54.15","agent_version":"1.0.0"},
        "location":{"region":"us-east-1","city":"New York","country":"USA"},
        "registered_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told("node_registered", in: .status, .shared("NodeRegistered")))

    static let graphNodeStatus = Message(
        "node_status", "A node came, went, was taken or freed", golden: "neurograph/node_status",
        #"""
        {"channel":"status","timestamp":"2024-01-15T10:30:00.000Z","event_type":"node_status","data":{
        "node_id":"0f8fad5b-d9cb-469f-a165-70867728950e","status":"offline","previous_status":"online",
        "current_task":null,"updated_at":"2024-01-15T10:30:00.000Z","metrics":{"gpu_utilization":null,
        "memory_usage":null,"temperature":null,"power_draw":null},"health_score":null,"health_coverage":0,
        "health_reasons":[]}}
        """#,
        payload: told("node_status", in: .status, .shared("NodeStatusChanged")))

    static let graphNotification = Message(
        "system_notification", "An administrator has something to say", golden: "neurograph/system_notification",
        #"""
        {"channel":"status","timestamp":"2024-01-15T10:30:00.000Z","event_type":"system_notification","data":{
        "level":"warning","title":"Scheduled Maintenance",
        "message":"Platform maintenance scheduled for Jan 16, 02:00 UTC",
        "scheduled_time":"2024-01-16T02:00:00.000Z","estimated_duration":3600,"affected_services":["task_routing",
        "payment_processing"],"notification_id":"6ba7b811-9dad-41d1-80b4-00c04fd430c8",
        "sent_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told("system_notification", in: .status, .shared("SystemNotification")))

    static let graphTopology = Message(
        "topology_update", "Devices came, went, or are linked otherwise", golden: "neurograph/topology_update",
        #"""
        {"channel":"status","timestamp":"2024-01-15T10:30:00.000Z","event_type":"topology_update","data":{
        "change_type":"device_added","devices":[{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","type":"endpoint",
        "name":"GPU-Node-NY-01","connections":["c0a80101-0000-4000-8000-000000000001"]},{
        "id":"c0a80101-0000-4000-8000-000000000001","type":"router","name":null,"connections":[
        "0f8fad5b-d9cb-469f-a165-70867728950e"]}],"timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told("topology_update", in: .status, .shared("TopologyChange")))

    private static let connection: JSONSchema.Fields = [
        "client_id": .uuid, "user_id": .string.orNull, "dialect": .string, "address": .string.orNull,
    ]

    static let clientConnected = Message(
        "client_connected", "A client came", golden: "neurograph/client_connected",
        #"""
        {"channel":"connections","timestamp":"2024-01-15T10:30:00.000Z","event_type":"client_connected","data":{
        "client_id":"9b2c1f6e-0a4d-4e3b-8c7d-5e6f1a2b3c4d","user_id":"user123","dialect":"neurograph",
        "address":"192.0.2.7","timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told("client_connected", in: .connections, .object(connection + ["timestamp": .time])))

    static let clientDisconnected = Message(
        "client_disconnected", "A client went", golden: "neurograph/client_disconnected",
        #"""
        {"channel":"connections","timestamp":"2024-01-15T10:30:00.000Z","event_type":"client_disconnected","data":{
        "client_id":"9b2c1f6e-0a4d-4e3b-8c7d-5e6f1a2b3c4d","user_id":null,"dialect":"neurograph","address":null,
        "reason":"peer","timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: told(
            "client_disconnected", in: .connections,
            .object(connection + ["reason": .string.orNull, "timestamp": .time])))
}
