internal import Glibc
internal import Service

/// `logs ID`: what a task wrote, and with `--follow` what it goes on to write.
enum LogsCommand {
    static let command = Command(
        "logs", summary: "Print what a task writes.",
        flags: [Flag("follow", .bool, meaning: "go on until it has ended, with a progress bar on a terminal")],
        positionals: [TaskCommand.id])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let client = RESTClient(options: options)
        let follower = TaskFollower(client: client, id: arguments.text("ID") ?? "")
        follower.printsJSON = options.printsJSON
        guard arguments.isSet("follow") else { return try follower.catchUp() }
        _ = try follower.follow()
    }
}

/// Stays with one task: its output to where it belongs, its progress beside it.
final class TaskFollower {
    private let client: RESTClient
    private let target: String
    /// The log's pieces as they came, for machines; nothing else then.
    var printsJSON = false
    private var next: UInt64 = 0
    private var bar = ProgressBar(isShown: isatty(STDERR_FILENO) == 1)
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    /// How long nothing is asked between two looks.
    private static let pauseMicroseconds: UInt32 = 500_000

    init(client: RESTClient, id: String) {
        self.client = client
        target = "/api/v1/tasks/\(id.percentEncoded)"
    }

    /// - Returns: the task as it ended.
    func follow() throws -> TaskView {
        defer { bar.clear() }
        while true {
            // In this order: what was written before an end that was seen is complete.
            let task = try client.read(target, as: TaskView.self)
            try catchUp()
            if task.hasEnded { return task }
            if !printsJSON { bar.show(task) }
            usleep(Self.pauseMicroseconds)
        }
    }

    /// Prints what was written meanwhile.
    func catchUp() throws {
        while true {
            let body = try client.read("\(target)/log?from=\(next)")
            let piece = try RESTClient.decode(body, as: LogView.self)
            if piece.missed > 0, !printsJSON {
                say("neurogridctl: \(piece.missed) pieces are not kept any more\n", to: .error)
            }
            if printsJSON {
                if !piece.chunks.isEmpty { StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
            } else {
                for chunk in piece.chunks {
                    say(
                        isTerminal ? chunk.text.harmlessLines : chunk.text,
                        to: chunk.stream == "stderr" ? .error : .output)
                }
            }
            next = piece.next
            if piece.chunks.isEmpty { return }
        }
    }

    private func say(_ text: String, to stream: StandardStream) {
        bar.clear()
        stream.write(text)
    }
}

/// A task's progress on the last line of a terminal.
struct ProgressBar {
    let isShown: Bool
    private var isDrawn = false
    private static let cells = 30

    init(isShown: Bool) { self.isShown = isShown }

    /// Draws it anew.
    mutating func show(_ task: TaskView) {
        guard isShown else { return }
        StandardStream.error.write("\r\u{1B}[K" + Self.line(task))
        isDrawn = true
    }

    /// Takes it away, so that something else can stand there.
    mutating func clear() {
        guard isDrawn else { return }
        StandardStream.error.write("\r\u{1B}[K")
        isDrawn = false
    }

    /// The bar without what moves the cursor; narrow enough for any terminal.
    static func line(_ task: TaskView) -> String {
        let percent = min(max(task.progress ?? 0, 0), 100)
        let done = percent * cells / 100
        let bar = String(repeating: "█", count: done) + String(repeating: "░", count: cells - done)
        let rest = task.progress == nil ? task.status : TaskLines.progress(of: task)
        return "\(bar)  \(String(rest.harmless.prefix(44)))"
    }
}

extension String {
    /// The text with its lines and tabs, but with a dot for everything else that could steer a terminal.
    var harmlessLines: String {
        // By scalars: a carriage return and the line break behind it are one character.
        unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0).harmless }
                .joined(separator: "\t")
        }.joined(separator: "\n")
    }
}
