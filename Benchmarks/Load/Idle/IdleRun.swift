internal import Bytes
internal import Reactor
internal import Service

/// Many connections that only stand: what each costs the server in resident memory, and in processor time to open.
///
/// Memory is what the server's resident set grew by, from before the first connection to some time after the last,
/// over their number. So the first touch of code and tables is divided among them: let the server be a fresh one.
final class IdleRun {
    static let command = Command(
        "idle", summary: "Connections that only stand, and what each costs.",
        flags: LoadPlan.flags + [
            Flag(
                "subscribers", .integer(1...60_000), placeholder: "N", meaning: "connections", defaultText: "10000"),
            Flag("path", .text(), placeholder: "PATH", meaning: "where they connect", defaultText: "/sub"),
            Flag("deflate", .bool, meaning: "negotiate compression"),
            Flag(
                "token", .text(maximumBytes: 8192), placeholder: "T",
                meaning: "authenticate with it, and join the room `nodes`"),
            Flag(
                "settle", .duration(0...600_000_000_000), placeholder: "TIME",
                meaning: "from the last connection to the look at the server's memory", defaultText: "1500ms"),
        ])

    /// A connection that is ready as soon as it is open.
    private final class Bystander: Peer {
        override func message(_ bytes: UnsafeRawBufferPointer) {}
    }

    init(_ arguments: Arguments) throws {
        let plan = try LoadPlan(arguments)
        let driver = try LoadDriver(plan: plan)
        guard let server = plan.server else { throw RunFailure("--pid names the server to be looked at") }
        let count = Int(arguments.integer("subscribers") ?? 10_000)
        let path = arguments.text("path") ?? "/sub"
        let deflate = arguments.isSet("deflate")
        let token = arguments.text("token")
        let crowd = Crowd(loop: driver.loop, plan: plan, count: count)
        let residentBefore = server.residentBytes
        let start = Measurement.Reading(plan)
        crowd.begin(
            make: { descriptor, _ in
                if let token { return RoomMember(fileDescriptor: descriptor, crowd: crowd, token: token) }
                return Bystander(fileDescriptor: descriptor, crowd: crowd)
            }, open: { $0.open(path: path, host: plan.target.description, deflate: deflate) })
        try driver.settle(crowd)
        let opened = Measurement.Reading(plan)
        driver.turn(forNanoseconds: arguments.nanoseconds("settle") ?? 1_500_000_000) { false }
        let residentAfter = server.residentBytes
        if let failure = crowd.failure { throw RunFailure(failure) }

        var writer = JSONWriter()
        writer.beginObject()
        writer.field("run", static: "idle")
        writer.field("name", plan.name)
        writer.field("connections", count)
        writer.field("deflate", deflate)
        writer.field("joined", token != nil)
        writer.field("rss_before_bytes", residentBefore)
        writer.field("rss_after_bytes", residentAfter)
        writer.field("rss_bytes_per_connection", (residentAfter - residentBefore) / count)
        writer.field(
            "connect_cpu_us", (opened.serverSeconds - start.serverSeconds) / Double(count) * 1e6, decimals: 2)
        writer.field("opened_in_s", Double(opened.nanoseconds - start.nanoseconds) / 1e9, decimals: 3)
        writer.endObject()
        StandardStream.output.write(writer.buffer.text + "\n")
    }
}
