internal import Service

let program = Program(
    name: "neurogridctl", summary: "Looks after a NeuroGrid from a terminal.", version: "0.1.0",
    flags: ConnectionOptions.flags,
    commands: [NodesCommand.command, NodeCommand.command, WatchCommand.command, NotifyCommand.command])

let arguments = program.argumentsOrExit()
do {
    let options = try ConnectionOptions(arguments)
    switch arguments.command {
    case NodesCommand.command.name: try NodesCommand.run(arguments, options)
    case NodeCommand.command.name: try NodeCommand.run(arguments, options)
    case NotifyCommand.command.name: try NotifyCommand.run(arguments, options)
    default: try WatchCommand.run(arguments, options)
    }
} catch let fault as UsageFault {
    StandardStream.error.write("neurogridctl: \(fault)\n")
    StandardStream.exit(ExitCode.usage)
} catch {
    StandardStream.error.write("neurogridctl: \(error)\n")
    StandardStream.exit(ExitCode.unavailable)
}
