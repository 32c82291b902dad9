internal import Service

let program = Program(
    name: "neurogrid-coordinator",
    summary: "Scores, routes and rebroadcasts what NeuroGrid's agents stream.",
    version: productVersion,
    commands: [
        ServeCommand.command, TokenCommand.command, RevokeCommand.command, EnrollCommand.command,
        DepositCommand.command, StatementCommand.command, APIKeyCreateCommand.command, APIKeyListCommand.command,
        APIKeyRevokeCommand.command,
    ])

let arguments = program.argumentsOrExit()
switch arguments.command {
case ServeCommand.command.name: ServeCommand.run(arguments)
case TokenCommand.command.name: TokenCommand.run(arguments)
case RevokeCommand.command.name: RevokeCommand.run(arguments)
case DepositCommand.command.name: DepositCommand.run(arguments)
case StatementCommand.command.name: StatementCommand.run(arguments)
case APIKeyCreateCommand.command.name: APIKeyCreateCommand.run(arguments)
case APIKeyListCommand.command.name: APIKeyListCommand.run(arguments)
case APIKeyRevokeCommand.command.name: APIKeyRevokeCommand.run(arguments)
default: EnrollCommand.run(arguments)
}
