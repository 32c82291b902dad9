/// One command of a program: its name, flags and words, from which both the parser and `--help` work.
public struct Command: Sendable {
    /// One word or more, such as `serve` or `api-key create`; empty for a program without commands.
    public let name: String
    /// What it does, in a few words.
    public let summary: String
    /// Its own flags, beside the program's.
    public let flags: [Flag]
    /// Its other words, in order.
    public let positionals: [Positional]
    /// Whether help texts leave it out; for what only the program itself starts.
    public let isHidden: Bool

    /// Declares a command.
    public init(
        _ name: String, summary: String, flags: [Flag] = [], positionals: [Positional] = [], isHidden: Bool = false
    ) {
        for (index, positional) in positionals.enumerated() where index + 1 < positionals.count {
            precondition(!positional.takesRest, "only the last positional may take the rest")
            precondition(
                positional.isRequired || !positionals[index + 1].isRequired, "a required positional behind an optional")
        }
        self.name = name
        self.summary = summary
        self.flags = flags
        self.positionals = positionals
        self.isHidden = isHidden
    }

    /// The words of the name.
    var words: [String] { name.split(separator: " ").map(String.init) }
}

/// A program as its command line declares it.
public struct Program: Sendable {
    /// The executable's name.
    public let name: String
    /// What it is, in a few words.
    public let summary: String
    /// What `--version` prints behind the name.
    public let version: String
    /// Flags that every command takes, also before the command's name.
    public let flags: [Flag]
    /// The commands; a single one with an empty name makes a program without commands.
    public let commands: [Command]

    /// Declares a program.
    ///
    /// Two flags or commands of one name are our fault. Where a command is named like another's beginning, the longer
    /// name counts wherever it is written out, so the shorter one takes no words of its own.
    public init(name: String, summary: String, version: String, flags: [Flag] = [], commands: [Command]) {
        precondition(!commands.isEmpty, "a program without commands does nothing")
        for command in commands {
            let names = (flags + command.flags).map(\.name)
            precondition(Set(names).count == names.count, "two flags of one name")
            precondition(!names.contains("help") && !names.contains("version"), "a flag that every program has")
            for other in commands where other.name != command.name {
                precondition(
                    !command.words.isEmpty && command.positionals.isEmpty || !other.words.starts(with: command.words),
                    "words of a command that could be another's name")
            }
        }
        precondition(Set(commands.map(\.name)).count == commands.count, "two commands of one name")
        self.name = name
        self.summary = summary
        self.version = version
        self.flags = flags
        self.commands = commands
    }

    /// What a command line asks for.
    public enum Request: Sendable {
        /// To run a command.
        case run(Arguments)
        /// To print this text, for `--help` and `--version`, and exit 0.
        case show(String)
    }

    /// What `words`, the command line without the executable's name, asks for.
    public func parse(_ words: [String]) throws(ArgumentsError) -> Request {
        var parser = ArgumentsParser(program: self)
        return try parser.parse(words)
    }

    /// The arguments of this process's own command line.
    ///
    /// Prints help and exits 0 where that was asked for; prints one line and exits 64 where the line is wrong.
    public func argumentsOrExit() -> Arguments {
        do throws(ArgumentsError) {
            switch try parse(Array(CommandLine.arguments.dropFirst())) {
            case .run(let arguments): return arguments
            case .show(let text):
                StandardStream.output.write(text)
                StandardStream.exit(0)
            }
        } catch {
            StandardStream.error.write("\(name): \(error)\n")
            StandardStream.exit(ExitCode.usage)
        }
    }
}

/// The exit codes that mean something to a script.
public enum ExitCode {
    /// All went well.
    public static let success: Int32 = 0
    /// The command line, a variable or the configuration is wrong (`EX_USAGE`).
    public static let usage: Int32 = 64
    /// Something needed is not there or refuses (`EX_UNAVAILABLE`).
    public static let unavailable: Int32 = 69
    /// A fault of ours (`EX_SOFTWARE`).
    public static let fault: Int32 = 70
}
