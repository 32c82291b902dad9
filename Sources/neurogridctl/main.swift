internal import Service

let program = Program(
    name: "neurogridctl", summary: "Looks after a NeuroGrid from a terminal.", version: "0.1.0",
    flags: ConnectionOptions.flags,
    commands: [
        NodesCommand.command, NodeCommand.command, WatchCommand.command, NotifyCommand.command, SubmitCommand.command,
        TasksCommand.command, TaskCommand.command, CancelCommand.command, LogsCommand.command, WhyCommand.command,
        JobsCommand.command, JobCommand.command, BalancesCommand.command, TrustCommand.command,
        AlertsCommand.command,
    ] + AlertStepCommand.commands + NodeOrderCommand.commands)

let arguments = program.argumentsOrExit()
do {
    let options = try ConnectionOptions(arguments)
    switch arguments.command {
    case NodesCommand.command.name: try NodesCommand.run(arguments, options)
    case NodeCommand.command.name: try NodeCommand.run(arguments, options)
    case NotifyCommand.command.name: try NotifyCommand.run(arguments, options)
    case SubmitCommand.command.name: try SubmitCommand.run(arguments, options)
    case TasksCommand.command.name: try TasksCommand.run(arguments, options)
    case TaskCommand.command.name: try TaskCommand.run(arguments, options)
    case CancelCommand.command.name: try CancelCommand.run(arguments, options)
    case LogsCommand.command.name: try LogsCommand.run(arguments, options)
    case WhyCommand.command.name: try WhyCommand.run(arguments, options)
    case JobsCommand.command.name: try JobsCommand.run(arguments, options)
    case JobCommand.command.name: try JobCommand.run(arguments, options)
    case BalancesCommand.command.name: try BalancesCommand.run(arguments, options)
    case TrustCommand.command.name: try TrustCommand.run(arguments, options)
    case WatchCommand.command.name: try WatchCommand.run(arguments, options)
    case AlertsCommand.command.name: try AlertsCommand.run(arguments, options)
    case let name where AlertStepCommand.isOne(name): try AlertStepCommand.run(arguments, options)
    default: try NodeOrderCommand.run(arguments, options)
    }
} catch let fault as UsageFault {
    StandardStream.error.write("neurogridctl: \(fault)\n")
    StandardStream.exit(ExitCode.usage)
} catch {
    StandardStream.error.write("neurogridctl: \(error)\n")
    StandardStream.exit(ExitCode.unavailable)
}
