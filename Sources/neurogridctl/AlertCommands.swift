internal import Bytes
internal import Service

/// An alert as the coordinator shows it.
struct AlertView: Decodable {
    var alertId: String
    var status: String
    var severity: String
    var kind: String?
    var nodeId: String?
    var message: String
    var raisedAt: String
    var updatedBy: String?
    var updatedAt: String
}

/// A page of alerts.
struct AlertPage: Decodable {
    var alerts: [AlertView]
    var nextCursor: String?
}

/// `alerts`: those that are not resolved, or all of them, newest first.
enum AlertsCommand {
    static let command = Command(
        "alerts", summary: "List alerts that are not resolved.",
        flags: [
            Flag("all", .bool, meaning: "those that are resolved as well"),
            Flag(
                "severity", .choice(["info", "warning", "critical"]), placeholder: "LEVEL",
                meaning: "only those of that severity"),
            Flag("node", .text(maximumBytes: 36), placeholder: "ID", meaning: "only those about that node"),
        ])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let client = RESTClient(options: options)
        var table = TextTable(["ID", "RAISED", "SEVERITY", "STATUS", "NODE", "KIND", "MESSAGE"])
        let query = query(arguments)
        var target = "/api/v1/alerts?\(query)"
        while true {
            let body = try client.read(target)
            let page = try RESTClient.decode(body, as: AlertPage.self)
            if options.printsJSON { StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
            for alert in page.alerts { table.add(row(alert)) }
            guard let next = page.nextCursor else { break }
            target = "/api/v1/alerts?\(query)&cursor=\(next.percentEncoded)"
        }
        if !options.printsJSON { StandardStream.output.write(table.text) }
    }

    /// Which alerts are asked for.
    static func query(_ arguments: Arguments) -> String {
        var parts = ["limit=500"]
        if !arguments.isSet("all") { parts.append("status=new,acknowledged") }
        if let severity = arguments.text("severity") { parts.append("severity=\(severity)") }
        if let node = arguments.text("node") { parts.append("node_id=\(node.percentEncoded)") }
        return parts.joined(separator: "&")
    }

    static func row(_ alert: AlertView) -> [String] {
        [
            alert.alertId, alert.raisedAt, alert.severity, alert.status, alert.nodeId ?? "–",
            alert.kind?.harmless ?? "–", alert.message.harmless,
        ]
    }
}

/// `ack ID`, `resolve ID`: what operators do about an alert.
enum AlertStepCommand {
    private static let alert = Positional("ID", .text(maximumBytes: 36), meaning: "the alert's id")

    static let commands = [
        Command("ack", summary: "Say that you look after an alert.", positionals: [alert]),
        Command("resolve", summary: "Say that an alert is over.", positionals: [alert]),
    ]

    /// Whether it is one of them.
    static func isOne(_ name: String) -> Bool { commands.contains { $0.name == name } }

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let step = arguments.command == "ack" ? "acknowledge" : "resolve"
        let id = (arguments.text("ID") ?? "").percentEncoded
        let body = try RESTClient(options: options).send([], to: "/api/v1/alerts/\(id)/\(step)", expecting: 200)
        if options.printsJSON { return StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
        let alert = try RESTClient.decode(body, as: AlertView.self)
        StandardStream.output.write("\(alert.alertId)  \(alert.status)  \(alert.message.harmless)\n")
    }
}
