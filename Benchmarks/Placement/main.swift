internal import Service

let program = Program(
    name: "neurogrid-placement",
    summary: "Replays a list of tasks through the router, or measures how fast it decides.",
    version: "0.1.0", commands: [ReplayRun.command, SpeedRun.command])

let arguments = program.argumentsOrExit()
do {
    switch arguments.command {
    case ReplayRun.command.name: try ReplayRun(arguments).run()
    default: SpeedRun(arguments).run()
    }
} catch {
    StandardStream.error.write("neurogrid-placement: \(error)\n")
    StandardStream.exit(ExitCode.unavailable)
}
