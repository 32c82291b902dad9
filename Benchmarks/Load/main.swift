internal import Service

let program = Program(
    name: "neurogrid-load", summary: "Loads a server and reports what it achieved, as one line of JSON.",
    version: "0.1.0",
    commands: [
        DialectsRun.command, FanoutRun.command, IdleRun.command, IngestRun.command, NodesRun.command, StormRun.command,
    ])

let arguments = program.argumentsOrExit()
do {
    switch arguments.command {
    case DialectsRun.command.name: _ = try DialectsRun(arguments)
    case FanoutRun.command.name: _ = try FanoutRun(arguments)
    case IdleRun.command.name: _ = try IdleRun(arguments)
    case IngestRun.command.name: _ = try IngestRun(arguments)
    case StormRun.command.name: _ = try StormRun(arguments)
    default: _ = try NodesRun(arguments)
    }
    // The connections end with the process; closing thousands one by one would prove nothing.
    StandardStream.exit(ExitCode.success)
} catch {
    StandardStream.error.write("neurogrid-load: \(error)\n")
    StandardStream.exit(ExitCode.unavailable)
}
