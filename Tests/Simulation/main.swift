internal import Service

let program = Program(
    name: "neurogrid-simulate",
    summary: "Lives seeded histories of a whole grid in virtual time, and looks for a rule that does not hold.",
    version: "0.1.0", commands: [SimulateCommand.command])

SimulateCommand(program.argumentsOrExit()).run()
