internal import Probe
internal import Service

// The isolated reader of the GPUs is this very executable; it must not parse anything else first.
if CommandLine.arguments.count > 1, CommandLine.arguments[1] == NVMLChild.subcommand {
    StandardStream.exit(NVMLChild.main(arguments: Array(CommandLine.arguments.dropFirst(2))))
}

let program = Program(
    name: "neurogrid-agent", summary: "Samples a GPU host and streams it to NeuroGrid's coordinator.",
    version: productVersion, commands: [RunCommand.command, ScanCommand.command])

let arguments = program.argumentsOrExit()
switch arguments.command {
case RunCommand.command.name: RunCommand.run(arguments)
default: ScanCommand.run(arguments)
}
