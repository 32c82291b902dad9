internal import Bytes
internal import Glibc
internal import Grid
internal import Service

/// `submit`: asks for a task, and with `--wait` stays until it has ended.
enum SubmitCommand {
    private static let amount = ValueKind.integer(0...Int64(Int32.max))

    static let command = Command(
        "submit", summary: "Submit a task and print its number and id.",
        flags: [
            Flag(
                "runner", .text(maximumBytes: Limits.runnerNameBytes), placeholder: "R", meaning: "what runs it",
                isRequired: true),
            Flag(
                "arg", .text(maximumBytes: 2 * Limits.argumentTextBytes), placeholder: "NAME=VALUE",
                meaning: "a value for the runner; numbers, true and false are meant as such, in quotes as text",
                isRepeatable: true),
            Flag("input", .text(), placeholder: "FILE", meaning: "JSON for the task to read; - for standard input"),
            Flag("gpus", .integer(0...64), placeholder: "N", meaning: "whole GPUs"),
            Flag("gpu-milli", .integer(1...999), placeholder: "N", meaning: "thousandths of one GPU"),
            Flag(
                "model", .text(maximumBytes: Limits.factBytes), placeholder: "M",
                meaning: "a GPU model that will do", isRepeatable: true),
            Flag("vram", amount, placeholder: "MIB", meaning: "memory of each GPU"),
            Flag("cpu", .number(0...2_000_000), placeholder: "CORES", meaning: "processors, as 1.5"),
            Flag("memory", amount, placeholder: "MIB", meaning: "main memory"),
            Flag("region", .text(maximumBytes: Limits.regionBytes), placeholder: "R", meaning: "where"),
            Flag(
                "price-cap", .text(maximumBytes: 32), placeholder: "CREDITS",
                meaning: "the most that an hour of a whole GPU may cost", defaultText: "10"),
            Flag("priority", .integer(0...10), placeholder: "N", meaning: "0 last, 10 first", defaultText: "5"),
            Flag(
                "timeout", .duration(1_000_000_000...UInt64(Limits.taskSeconds) * 1_000_000_000), placeholder: "TIME",
                meaning: "when it is stopped", defaultText: "1h"),
            Flag(
                "attempts", .integer(1...Int64(Limits.taskAttempts)), placeholder: "N",
                meaning: "attempts it may have", defaultText: "5"),
            Flag(
                "gang", .integer(1...Int64(Limits.gangMembers)), placeholder: "N",
                meaning: "members that start together or not at all", defaultText: "1"),
            Flag(
                "currency", .text(maximumBytes: 8), placeholder: "C", meaning: "what it is paid in",
                defaultText: "USD"),
            Flag("job", .text(maximumBytes: Limits.jobIDBytes), placeholder: "J", meaning: "the job it belongs to"),
            Flag(
                "key", .text(maximumBytes: Limits.idempotencyKeyBytes), placeholder: "KEY",
                meaning: "names the request, so that a repetition submits nothing twice"),
            Flag("wait", .bool, meaning: "stay until it has ended, with what it writes; status 1 where it failed"),
        ])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        var headers: [(String, String)] = []
        if let key = arguments.text("key") { headers.append(("Idempotency-Key", key)) }
        let input = try arguments.text("input").map { try readInput($0) }
        let client = RESTClient(options: options)
        let answer = try client.send(try body(arguments, input: input).bytes, to: "/api/v1/tasks", headers: headers)
        let task = try RESTClient.decode(answer, as: TaskView.self)
        guard arguments.isSet("wait") else {
            StandardStream.output.write(
                options.printsJSON
                    ? String(decoding: answer, as: UTF8.self) + "\n" : "\(task.taskNumber)  \(task.taskId.harmless)\n")
            return
        }
        let end = try TaskFollower(client: client, id: task.taskId).follow()
        if options.printsJSON {
            let body = try client.read("/api/v1/tasks/\(end.taskId)")
            StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n")
        } else {
            StandardStream.error.write(TaskLines.ending(of: end).harmless + "\n")
        }
        if end.status != "completed" { StandardStream.exit(1) }
    }

    // MARK: The body

    /// The request's body.
    ///
    /// - Throws: a ``UsageFault`` for what is not as the flags say.
    static func body(_ arguments: Arguments, input: [UInt8]?) throws(UsageFault) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("runner", arguments.text("runner"))
        writer.key("arguments")
        writer.beginObject()
        for text in arguments.texts("arg") { try write(argument: text, to: &writer) }
        writer.endObject()
        if let input {
            writer.key("input")
            input.withUnsafeBytes { writer.raw(bytes: $0) }
        }
        write("gpu_count", arguments.integer("gpus"), to: &writer)
        write("gpu_milli", arguments.integer("gpu-milli"), to: &writer)
        let models = arguments.texts("model")
        if !models.isEmpty {
            writer.key("gpu_models")
            writer.beginArray()
            for model in models { writer.string(model) }
            writer.endArray()
        }
        write("vram_mib", arguments.integer("vram"), to: &writer)
        write("cpu_milli", arguments.number("cpu").map { Int64(($0 * 1000).rounded()) }, to: &writer)
        write("memory_mib", arguments.integer("memory"), to: &writer)
        write("region", arguments.text("region"), to: &writer)
        if let text = arguments.text("price-cap") {
            guard let micros = DecimalAmount.micros(text), (0...Limits.priceMicros).contains(micros) else {
                throw UsageFault(description: "--price-cap: \"\(text.harmless)\" is no amount from 0 to 1000")
            }
            writer.field("price_cap", fixed: micros, decimals: DecimalAmount.decimals)
        }
        write("priority", arguments.integer("priority"), to: &writer)
        write("timeout_seconds", arguments.nanoseconds("timeout").map { Int64($0 / 1_000_000_000) }, to: &writer)
        write("attempts", arguments.integer("attempts"), to: &writer)
        write("gang_size", arguments.integer("gang"), to: &writer)
        write("currency", arguments.text("currency"), to: &writer)
        write("job_id", arguments.text("job"), to: &writer)
        writer.endObject()
        return writer.buffer
    }

    private static func write(_ key: StaticString, _ value: Int64?, to writer: inout JSONWriter) {
        if let value { writer.field(key, value) }
    }

    private static func write(_ key: StaticString, _ value: String?, to writer: inout JSONWriter) {
        if let value { writer.field(key, value) }
    }

    private static func write(argument text: String, to writer: inout JSONWriter) throws(UsageFault) {
        // Bytes: an accent behind it would make another character of it.
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex else {
            throw UsageFault(description: "--arg: \"\(text.harmless)\" is no NAME=VALUE")
        }
        let value = String(text[text.utf8.index(after: equals)...])
        let quote = UInt8(ascii: "\"")
        writer.key(String(text[..<equals]))
        if let number = Int64(value), "\(number)" == value {
            writer.int(number)
        } else if value == "true" || value == "false" {
            writer.bool(value == "true")
        } else if value.utf8.count >= 2, value.utf8.first == quote, value.utf8.last == quote {
            writer.string(String(Substring(value.utf8.dropFirst().dropLast())))
        } else {
            writer.string(value)
        }
    }

    /// The JSON of a file.
    private static func readInput(_ path: String) throws(UsageFault) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw UsageFault(description: "--input \(path.harmless): \(String(cString: strerror(errno)))")
        }
        defer { if path != "-" { _ = close(descriptor) } }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= Limits.taskInputBytes {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw UsageFault(description: "--input \(path.harmless): \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        guard bytes.count <= Limits.taskInputBytes else {
            throw UsageFault(description: "--input \(path.harmless): longer than \(Limits.taskInputBytes) bytes")
        }
        guard isJSON(bytes) else { throw UsageFault(description: "--input \(path.harmless): is not one JSON value") }
        return bytes
    }

    /// Whether the text is one value, so that it stands in the body as one.
    static func isJSON(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            return (try? reader.skipValue()) != nil && (try? reader.finish()) != nil
        }
    }
}
