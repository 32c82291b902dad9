internal import Bytes
internal import Service

/// `notify TITLE`: says something to everybody, and returns once that is kept.
enum NotifyCommand {
    static let command = Command(
        "notify", summary: "Notify everybody; needs an admin's token.",
        flags: [
            Flag("message", .text(maximumBytes: 4096), placeholder: "TEXT", meaning: "what is said", isRequired: true),
            Flag(
                "level", .choice(["info", "warning", "error", "critical"]), placeholder: "LEVEL",
                meaning: "how much it matters", defaultText: "info"),
            Flag(
                "scheduled", .text(maximumBytes: 32), placeholder: "TIME",
                meaning: "when it happens, as 2024-01-16T02:00:00Z"),
            Flag(
                "duration", .duration(1_000_000_000...366 * 86_400_000_000_000), placeholder: "TIME",
                meaning: "how long it is expected to last"),
            Flag("services", .list(maximumCount: 32), placeholder: "S,S", meaning: "what is affected"),
            Flag(
                "key", .text(maximumBytes: 128), placeholder: "KEY",
                meaning: "names the request, so that a repetition says nothing twice"),
        ],
        positionals: [Positional("TITLE", meaning: "what it is about")])

    /// What the coordinator answers.
    private struct Receipt: Decodable {
        var notificationId: String
        var epoch: UInt64
        var offset: UInt64
    }

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        var headers: [(String, String)] = []
        if let key = arguments.text("key") { headers.append(("Idempotency-Key", key)) }
        let answer = try RESTClient(options: options).send(
            body(arguments).bytes, to: "/api/v1/notifications", headers: headers)
        if options.printsJSON {
            StandardStream.output.write(String(decoding: answer, as: UTF8.self) + "\n")
        } else {
            let receipt = try RESTClient.decode(answer, as: Receipt.self)
            StandardStream.output.write("\(receipt.notificationId.harmless)  offset \(receipt.offset)\n")
        }
    }

    /// The request's body.
    static func body(_ arguments: Arguments) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("level", arguments.text("level") ?? "info")
        writer.field("title", arguments.text("TITLE"))
        writer.field("message", arguments.text("message"))
        if let time = arguments.text("scheduled") { writer.field("scheduled_time", time) }
        if let duration = arguments.nanoseconds("duration") {
            writer.field("estimated_duration", duration / 1_000_000_000)
        }
        if let services = arguments.list("services") {
            writer.key("affected_services")
            writer.beginArray()
            for service in services { writer.string(service) }
            writer.endArray()
        }
        writer.endObject()
        return writer.buffer
    }
}
