import Bytes
import Grid

/// The events that the coordinator itself tells NeuroGraph clients: the raw value is the name on the wire. Who
/// broadcasts one of them says at least what clients read in it.
enum NeuroGraphEventType: String, CaseIterable {
    case systemMetrics = "system_metrics"
    case taskCreated = "task_created"
    case taskAssigned = "task_assigned"
    case taskStatus = "task_status"
    case taskProgress = "task_progress"
    case taskFee = "task_fee"
    case taskCompleted = "task_completed"
    case nodeRegistered = "node_registered"
    case nodeStatus = "node_status"
    case systemNotification = "system_notification"
    case topologyUpdate = "topology_update"
    case alertNew = "alert_new"
    case alertUpdate = "alert_update"
    case prediction
    case log
    case actionExecuted = "action_executed"
    case clientConnected = "client_connected"
    case clientDisconnected = "client_disconnected"

    /// A member that the event's `data` always has.
    struct Field {
        var name: StaticString
        var kind: JSONKind
    }

    /// Where it is told.
    var channel: EventChannel {
        switch self {
        case .systemMetrics: .metrics
        case .taskCreated, .taskAssigned, .taskStatus, .taskProgress, .taskFee, .taskCompleted, .actionExecuted:
            .actions
        case .nodeRegistered, .nodeStatus, .systemNotification, .topologyUpdate: .status
        case .alertNew, .alertUpdate, .prediction: .signals
        case .log: .logs
        case .clientConnected, .clientDisconnected: .connections
        }
    }

    /// What its `data` always has, of that kind and never `null`.
    var fields: [Field] {
        switch self {
        case .systemMetrics:
            [
                Field(name: "cpu_percent", kind: .number), Field(name: "memory_mb", kind: .number),
                Field(name: "events_per_sec", kind: .number), Field(name: "total_tokens", kind: .number),
            ]
        case .taskCreated, .taskStatus, .taskFee, .taskCompleted:
            [Field(name: "task_id", kind: .string), Field(name: "status", kind: .string)]
        case .taskAssigned: [Field(name: "task_id", kind: .string), Field(name: "node_id", kind: .string)]
        case .taskProgress: [Field(name: "task_id", kind: .string), Field(name: "progress", kind: .number)]
        case .nodeRegistered: [Field(name: "node_id", kind: .string), Field(name: "specifications", kind: .object)]
        case .nodeStatus: [Field(name: "node_id", kind: .string), Field(name: "status", kind: .string)]
        case .systemNotification:
            [
                Field(name: "level", kind: .string), Field(name: "title", kind: .string),
                Field(name: "message", kind: .string),
            ]
        case .topologyUpdate: [Field(name: "change_type", kind: .string), Field(name: "devices", kind: .array)]
        case .alertNew, .alertUpdate:
            [
                Field(name: "alert_id", kind: .string), Field(name: "status", kind: .string),
                Field(name: "severity", kind: .string), Field(name: "message", kind: .string),
            ]
        case .prediction: [Field(name: "status", kind: .string), Field(name: "results", kind: .array)]
        case .log: [Field(name: "level", kind: .string), Field(name: "message", kind: .string)]
        case .actionExecuted: [Field(name: "action", kind: .string)]
        case .clientConnected, .clientDisconnected: [Field(name: "client_id", kind: .string)]
        }
    }
}
