internal import Bytes
internal import Grid
internal import Service

/// `balances`: what one has, or what another has, for an admin.
enum BalancesCommand {
    static let command = Command(
        "balances", summary: "Show balances by currency.",
        positionals: [
            Positional("USER", .text(maximumBytes: Limits.userIDBytes), meaning: "whose; oneself", isRequired: false)
        ])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        guard let user = try arguments.text("USER") ?? bearer(of: options.requiredToken()) else {
            throw UsageFault(description: "this token names nobody: say whose balances")
        }
        let body = try RESTClient(options: options).read("/api/v1/users/\(user.percentEncoded)/balances")
        if options.printsJSON { return StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
        let account = try RESTClient.decode(body, as: AccountView.self)
        var table = TextTable(["CURRENCY", "TOTAL", "AVAILABLE", "LOCKED"])
        for (currency, balance) in account.balances.sorted(by: { $0.key < $1.key }) {
            table.add([currency, balance.total.money, balance.available.money, balance.locked.money])
        }
        StandardStream.output.write(table.text)
    }

    /// Whom a token names. Whether it is good the coordinator finds out.
    static func bearer(of token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let claims = Array(parts[1].utf8).withUnsafeBytes({ Base64.decode($0, urlSafe: true) })
        else { return nil }
        return claims.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            guard (try? reader.beginObject()) != nil else { return nil }
            while let key = try? reader.nextKey() {
                if key == "sub" { return try? reader.readString() }
                guard (try? reader.skipValue()) != nil else { return nil }
            }
            return nil
        }
    }
}

/// `drain NODE`, `undrain NODE`, `quarantine NODE`, `release NODE`: what administrators do about a node.
enum NodeOrderCommand {
    private static let node = Positional("NODE", .text(maximumBytes: 36), meaning: "the node's id")

    static let commands = [
        Command("drain", summary: "Give a node no new task; those it has go on.", positionals: [node]),
        Command("undrain", summary: "Give a node tasks again.", positionals: [node]),
        Command(
            "quarantine", summary: "Keep a node out and take its tasks from it.",
            flags: [
                Flag("reason", .text(maximumBytes: Limits.taskMessageBytes), placeholder: "TEXT", meaning: "for people")
            ], positionals: [node]),
        Command("release", summary: "Trust a node again.", positionals: [node]),
    ]

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        var body: [UInt8] = []
        if arguments.command == "quarantine", let reason = arguments.text("reason") {
            var writer = JSONWriter()
            writer.beginObject()
            writer.field("detail", reason)
            writer.endObject()
            body = writer.buffer.bytes
        }
        let node = (arguments.text("NODE") ?? "").percentEncoded
        let answer = try RESTClient(options: options).send(
            body, to: "/api/v1/nodes/\(node)/\(arguments.command)", expecting: 200)
        if options.printsJSON { return StandardStream.output.write(String(decoding: answer, as: UTF8.self) + "\n") }
        let view = try RESTClient.decode(answer, as: NodeView.self)
        StandardStream.output.write("\(view.name.harmless)  \(view.status.harmless)\n")
    }
}

/// `trust`: nodes that are or were kept out.
enum TrustCommand {
    static let command = Command("trust", summary: "List the nodes that are or were kept out.")

    private struct Page: Decodable {
        struct Node: Decodable {
            var nodeId: String
            var quarantine: String?
            var detail: String?
            var since: String?
            var verifiedResults: Int
            var failedChallenges: Int
        }
        var trust: [Node]
    }

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let body = try RESTClient(options: options).read("/api/v1/trust")
        if options.printsJSON { return StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
        var table = TextTable(["NODE", "QUARANTINE", "SINCE", "VERIFIED", "FAILED CHALLENGES", "DETAIL"])
        for node in try RESTClient.decode(body, as: Page.self).trust {
            table.add([
                node.nodeId, node.quarantine ?? "none", node.since ?? "–", "\(node.verifiedResults)",
                "\(node.failedChallenges)", node.detail ?? "",
            ])
        }
        StandardStream.output.write(table.text)
    }
}
