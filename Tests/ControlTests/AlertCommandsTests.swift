import Service
import Testing

@testable import neurogridctl

@Suite struct AlertCommandsTests {
    private struct NotRun: Error {}

    private func query(_ words: String...) throws -> String {
        let program = Program(name: "p", summary: "", version: "", commands: [AlertsCommand.command])
        guard case .run(let arguments) = try program.parse(["alerts"] + words) else { throw NotRun() }
        return AlertsCommand.query(arguments)
    }

    @Test func flagsAreParameters() throws {
        #expect(try query() == "limit=500&status=new,acknowledged")
        #expect(
            try query("--all", "--severity", "critical", "--node", "0f8fad5b&x=1")
                == "limit=500&severity=critical&node_id=0f8fad5b%26x%3D1")
    }

    @Test(arguments: [
        (
            "alert_new", #"{"severity":"critical","message":"GPU 0 is hot","status":"new"}"#, "critical  GPU 0 is hot"
        ),
        ("alert_update", #"{"status":"resolved","message":"m","updated_by":null}"#, "resolved  m"),
        ("alert_update", #"{"status":"acknowledged","message":"m","updated_by":"ana"}"#, "acknowledged by ana  m"),
        (
            "prediction", #"{"status":"completed","results":[{"label":"drift","confidence":0.95}]}"#,
            "completed  drift 0.95"
        ),
        (
            "topology_update",
            #"{"change_type":"device_added","devices":[{"id":"d","name":null},{"id":"e","name":"n"}]}"#,
            "device_added  d, n"
        ),
        ("log", #"{"level":"info","source":"action","message":"node_drained"}"#, "info  action  node_drained"),
    ])
    func eventsAreLines(type: String, data: String, line: String) throws {
        let fields = try RESTClient.decode(Array(data.utf8), as: EventPrinter.Fields.self)
        #expect(GridEventLines.line(type, fields) == line)
    }
}
