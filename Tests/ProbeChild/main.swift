// The agent's hidden subcommand alone, so that tests have a real child process to hang, kill and lose.
import Glibc
import Probe

exit(NVMLChild.main(arguments: Array(CommandLine.arguments.dropFirst())))
