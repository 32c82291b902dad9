internal import Glibc
internal import Grid
internal import Runner
internal import Service

/// `progress`: tells the agent, from inside a task, how far the task is.
enum ProgressCommand {
    static let command = Command(
        "progress", summary: "Tell how far the task is that this is called from.",
        flags: [
            Flag("stage", .text(maximumBytes: Limits.stageBytes), placeholder: "S", meaning: "what it does at present"),
            Flag(
                "message", .text(maximumBytes: Limits.taskMessageBytes), placeholder: "M", meaning: "for people"),
            Flag(
                "eta", .integer(0...Limits.taskSeconds), placeholder: "SECONDS", meaning: "how long it still takes"),
        ],
        positionals: [Positional("PERCENT", .number(0...100), meaning: "how much of it is done")])

    static func run(_ arguments: Arguments) -> Never {
        guard let path = getenv("NEUROGRID_PROGRESS_SOCKET").map({ String(cString: $0) }), !path.isEmpty else {
            fail("NEUROGRID_PROGRESS_SOCKET is not set: this is for programs that an agent runs", ExitCode.usage)
        }
        let message = ProgressMessage(
            percent: Int(arguments.number("PERCENT") ?? 0), stage: arguments.text("stage"),
            message: arguments.text("message"), etaSeconds: arguments.integer("eta"))
        do throws(ProgressClient.Fault) {
            try ProgressClient.send(message, to: path)
        } catch {
            fail("\(error)", ExitCode.unavailable)
        }
        StandardStream.exit(ExitCode.success)
    }

    private static func fail(_ reason: String, _ status: Int32) -> Never {
        StandardStream.error.write("neurogrid-agent: \(reason)\n")
        StandardStream.exit(status)
    }
}
