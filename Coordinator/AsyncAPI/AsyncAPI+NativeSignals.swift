internal import Grid

/// Events of the native dialect about what the coordinator found out, and about itself (docs/protocol.md).
extension AsyncAPI {
    static let signalRooms: [Operation] = [
        Operation("alerts", by: .coordinator, "Room alerts; needs node:read", [alertNew, alertUpdate]),
        Operation("predictions", by: .coordinator, "Room predictions; needs node:read", [predictionMade]),
        Operation("topology", by: .coordinator, "Room topology; needs node:read", [topologyUpdate]),
        Operation("analytics", by: .coordinator, "Room analytics; needs admin", [analyticsUpdate]),
        Operation("logs", by: .coordinator, "Room logs; needs admin", [lineLogged]),
    ]

    private static let alertNew = Message(
        "alert_new", "Something is not as it should be", golden: "native/alert_new",
        #"""
        {"type":"alert_new","room":"alerts","epoch":2251799813685248,"offset":21,"data":{
        "alert_id":"3f0c6a52-88e1-4b7d-9d15-2c4e7f6081a3","status":"new","severity":"critical",
        "kind":"gpu_temperature","node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "message":"GPU 0 is at 95.5 °C, above 90 °C","value":95.5,"threshold":90,"unit":"°C","raised_by":null,
        "raised_at":"2024-01-15T10:30:00.000Z","acknowledged_by":null,"acknowledged_at":null,"resolved_by":null,
        "resolved_at":null,"updated_by":null,"updated_at":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged("alert_new", in: .alerts, .shared("Alert")))

    private static let alertUpdate = Message(
        "alert_update", "Somebody has seen to it, or it is over", golden: "native/alert_update_resolved",
        #"""
        {"type":"alert_update","room":"alerts","epoch":2251799813685248,"offset":24,"data":{
        "alert_id":"3f0c6a52-88e1-4b7d-9d15-2c4e7f6081a3","status":"resolved","severity":"critical",
        "kind":"gpu_temperature","node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "message":"GPU 0 is at 95.5 °C, above 90 °C","value":95.5,"threshold":90,"unit":"°C","raised_by":null,
        "raised_at":"2024-01-15T10:30:00.000Z","acknowledged_by":"user123",
        "acknowledged_at":"2024-01-15T10:31:00.000Z","resolved_by":null,"resolved_at":"2024-01-15T10:32:00.000Z",
        "updated_by":null,"updated_at":"2024-01-15T10:32:00.000Z"}}
        """#,
        payload: logged("alert_update", in: .alerts, .shared("Alert")))

    private static let predictionMade = Message(
        "prediction", "What a model makes of a node or the grid", golden: "native/prediction",
        #"""
        {"type":"prediction","room":"predictions","epoch":2251799813685248,"offset":5,"data":{
        "prediction_id":"7c1d20b4-5e3f-4a86-8f90-a1b2c3d4e5f6","status":"completed","results":[{
        "label":"anomaly_type","confidence":0.95}],"node_id":"0f8fad5b-d9cb-469f-a165-70867728950e",
        "model":"drift-2","message":null,"timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged("prediction", in: .predictions, .shared("Prediction")))

    private static let topologyUpdate = Message(
        "topology_update", "Devices came, went, or are linked otherwise", golden: "native/topology_update",
        #"""
        {"type":"topology_update","room":"topology","epoch":2251799813685248,"offset":3,"data":{
        "change_type":"device_added","devices":[{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","type":"endpoint",
        "name":"GPU-Node-NY-01","connections":["c0a80101-0000-4000-8000-000000000001"]},{
        "id":"c0a80101-0000-4000-8000-000000000001","type":"router","name":null,"connections":[
        "0f8fad5b-d9cb-469f-a165-70867728950e"]}],"timestamp":"2024-01-15T10:30:00.000Z"}}
        """#,
        payload: logged("topology_update", in: .topology, .shared("TopologyChange")))

    private static let analyticsUpdate = Message(
        "analytics_update", "How the platform does", golden: "native/analytics_update",
        #"""
        {"type":"analytics_update","room":"analytics","epoch":2251799813685248,"offset":17,"data":{
        "timestamp":"2024-01-15T10:30:00.000Z","metrics":{"active_users":1250,"active_nodes":45,
        "tasks_per_minute":25,"average_response_time":2.1,"network_utilization":67},"alerts":[{"level":"warning",
        "message":"High network utilization detected","threshold":70,
        "alert_id":"51c2d3e4-f506-4718-8293-a4b5c6d7e8f9","status":"new","kind":null,"node_id":null,"value":72.5,
        "unit":"%","updated_at":"2024-01-15T10:30:00.000Z"}]}}
        """#,
        payload: logged(
            "analytics_update", in: .analytics,
            .object([
                "timestamp": .time,
                "metrics": .object([
                    "active_users": .natural, "active_nodes": .natural, "tasks_per_minute": .natural,
                    "average_response_time": .number.orNull.meaning("Seconds from submission to end"),
                    "network_utilization": .number(from: 0).orNull.meaning("Percent"),
                ]),
                "alerts": .list(of: alertInBrief),
            ])))

    private static let alertInBrief: JSONSchema = .object([
        "level": .one(of: AlertSeverity.allCases.map(\.name)), "message": .string, "threshold": .number.orNull,
        "alert_id": .uuid, "status": .one(of: AlertStatus.allCases.map(\.name)), "kind": .string.orNull,
        "node_id": .uuid.orNull, "value": .number.orNull, "unit": .string.orNull, "updated_at": .time,
    ])

    private static let lineLogged = Message(
        "log", "A line of the coordinator's log, an operator's act, a connection", golden: "native/log",
        #"""
        {"type":"log","room":"logs","epoch":2251799813685248,"offset":101,"data":{"level":"warning","source":"log",
        "message":"connection refused","timestamp":"2024-01-15T10:30:00.000Z","fields":{"peer":"192.0.2.7:40112",
        "reason":"connection rate"}}}
        """#,
        payload: logged("log", in: .logs, .shared("LogLine")))
}
