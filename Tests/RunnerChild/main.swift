import Runner

// What the tests start as guard and as selftest: this executable plays the agent's part under the same subcommands.
let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case TaskGuard.subcommand: exitNow(TaskGuard.main())
case Selftest.subcommand: exitNow(SelftestProgram.main(Array(words.dropFirst())))
case "progress": exitNow(tellProgress(Array(words.dropFirst())))
case "agent": exitNow(playAgent(Array(words.dropFirst())))
case "many": exitNow(runMany(Array(words.dropFirst())))
case "fuzz": exitNow(fuzz(Array(words.dropFirst())))
default: exitNow(64)
}
