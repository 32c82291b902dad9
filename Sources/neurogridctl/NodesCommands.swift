internal import Service

/// `nodes`: all nodes, a line each.
enum NodesCommand {
    static let command = Command("nodes", summary: "List the nodes.")

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let client = RESTClient(options: options)
        var table = TextTable(["ID", "NAME", "STATUS", "HEALTH", "REGION", "GPU", "CPU", "RAM", "GPU USE", "POWER"])
        var target = "/api/v1/nodes?limit=500"
        while true {
            let body = try client.read(target)
            let page = try RESTClient.decode(body, as: NodePage.self)
            if options.printsJSON { StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
            for node in page.nodes { table.add(row(node)) }
            guard let next = page.nextCursor else { break }
            target = "/api/v1/nodes?limit=500&cursor=\(next)"
        }
        if !options.printsJSON { StandardStream.output.write(table.text) }
    }

    private static func row(_ node: NodeView) -> [String] {
        let count = node.specifications?.gpuCount ?? 0
        let gpu = count == 0 ? "none" : "\(count) x \(node.specifications?.gpu ?? "?")"
        return [
            node.nodeId, node.name, node.status, node.healthScore.map(String.init) ?? "unknown",
            node.location?.region ?? "–", gpu, (node.metrics?.cpuUsage).short("%"),
            (node.metrics?.ramUsage).short(" GB"), (node.metrics?.gpuUsage).short("%"),
            (node.metrics?.powerDraw).short(" W"),
        ]
    }
}

/// `node ID`: everything about one node.
enum NodeCommand {
    static let command = Command(
        "node", summary: "Show one node.", positionals: [Positional("ID", meaning: "the node's id")])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let id = arguments.text("ID") ?? ""
        guard id.utf8.allSatisfy({ $0.isHexadecimalOrHyphen }) else {
            throw UsageFault(description: "\"\(id)\" is no node id")
        }
        let body = try RESTClient(options: options).read("/api/v1/nodes/\(id)")
        if options.printsJSON {
            StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n")
            return
        }
        let node = try RESTClient.decode(body, as: NodeView.self)
        StandardStream.output.write(facts(node).text)
        if let gpus = node.gpus, !gpus.isEmpty { StandardStream.output.write("\n" + devices(gpus).text) }
        for reason in node.healthReasons ?? [] {
            StandardStream.output.write(
                "\nhealth: \(reason.message.harmless) (\(reason.code.harmless), −\(reason.points))")
        }
        if node.healthReasons?.isEmpty == false { StandardStream.output.write("\n") }
    }

    private static func facts(_ node: NodeView) -> TextTable {
        let place = [node.location?.city, node.location?.region, node.location?.country].compactMap { $0 }
        let machine = node.specifications
        var table = TextTable(["node", node.nodeId])
        table.add(["name", node.name])
        table.add(["owner", node.ownerId])
        table.add(["status", node.status + (node.connected ? "" : ", not connected")])
        table.add(["last heard", node.lastHeardAt ?? "never"])
        table.add(["registered", node.registeredAt ?? "not yet"])
        table.add(["place", place.isEmpty ? "–" : place.joined(separator: ", ")])
        table.add([
            "health",
            "\(node.healthScore.map(String.init) ?? "unknown") (coverage \(node.healthCoverage ?? 0) %)",
        ])
        table.add(["cpu", "\(machine?.cpu ?? "–"), \(machine?.cpuCores ?? 0) cores"])
        table.add(["memory", (machine?.ram).short(" GB")])
        table.add(["system", machine?.operatingSystem ?? "–"])
        table.add(["driver", machine?.driverVersion ?? "–"])
        table.add(["agent", machine?.agentVersion ?? "–"])
        table.add(["cpu use", (node.metrics?.cpuUsage).short(" %")])
        table.add(["memory used", (node.metrics?.ramUsage).short(" GB")])
        return table
    }

    private static func devices(_ gpus: [NodeView.GPU]) -> TextTable {
        var table = TextTable(["GPU", "NAME", "STATE", "USE", "MEMORY", "TEMPERATURE", "POWER"])
        for gpu in gpus {
            table.add([
                "\(gpu.index)", gpu.name ?? "–", gpu.state ?? "–", gpu.gpuUtilization.short("%"),
                "\(gpu.memoryUsage.short("")) / \(gpu.memoryTotal.short(" GB"))", gpu.temperature.short(" °C"),
                "\(gpu.powerDraw.short("")) / \(gpu.powerLimit.short(" W"))",
            ])
        }
        return table
    }
}

extension UInt8 {
    fileprivate var isHexadecimalOrHyphen: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self | 0x20) || self == UInt8(ascii: "-")
    }
}
