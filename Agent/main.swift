internal import Probe
internal import Runner
internal import Service

// The isolated reader of the GPUs, a task's guard and the selftest are this very executable; none of them must parse
// anything else first.
if CommandLine.arguments.count > 1 {
    let rest = Array(CommandLine.arguments.dropFirst(2))
    switch CommandLine.arguments[1] {
    case NVMLChild.subcommand: StandardStream.exit(NVMLChild.main(arguments: rest))
    case TaskGuard.subcommand: StandardStream.exit(TaskGuard.main())
    case Selftest.subcommand: StandardStream.exit(SelftestProgram.main(rest))
    default: break
    }
}

let program = Program(
    name: "neurogrid-agent", summary: "Samples a GPU host and streams it to NeuroGrid's coordinator.",
    version: productVersion, commands: [RunCommand.command, ScanCommand.command, ProgressCommand.command])

let arguments = program.argumentsOrExit()
switch arguments.command {
case RunCommand.command.name: RunCommand.run(arguments)
case ProgressCommand.command.name: ProgressCommand.run(arguments)
default: ScanCommand.run(arguments)
}
