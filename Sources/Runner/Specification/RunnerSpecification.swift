internal import Grid

/// What a run may use.
public struct RunnerLimits: Hashable, Sendable {
    /// Memory in MiB; `nil` = what the task asked for, or no limit where it asked for none.
    public var memoryMebibytes: Int?
    /// Processor time in thousandths of one processor; `nil` likewise.
    public var cpuMilli: Int?
    /// Processes and threads; `nil` = no limit.
    public var processes: Int?
    /// What it may write to stdout and stderr together, in bytes.
    public var outputBytes: Int = 10 << 20
    /// The longest run, whatever the task asks for, in nanoseconds; `nil` = as the task says.
    public var timeNanoseconds: UInt64?
    public init() {}
}

/// How a runner makes a command line.
public enum RunnerProgram: Hashable, Sendable {
    /// The words, the first of them the absolute path of the program.
    case words([WordTemplate])
    /// One of these programs, by absolute path, with words that the task gives.
    case command([String])
    /// A container of one of the allowed images.
    case docker(DockerTemplate)
    /// The agent's own bounded burn; the path of its executable.
    case selftest(executable: String)
}

/// One entry of the allow-list: a program that tasks may run here, and how.
public struct RunnerSpecification: Hashable, Sendable {
    /// 1 to ``Limits/runnerNameBytes`` bytes.
    public var name: String
    public var program: RunnerProgram
    /// What a task may, or must, say. Kept by ``program`` for all but ``RunnerProgram/words(_:)``.
    public var arguments: [ArgumentRule]
    /// Beside the agent's own variables.
    public var environment: [EnvironmentVariable] = []
    /// `nil` = a fresh folder of the run's own.
    public var workingDirectory: String?
    /// The account to run as; `nil` = the agent's.
    public var user: String?
    public var limits = RunnerLimits()
    /// Between SIGTERM and SIGKILL.
    public var graceNanoseconds: UInt64 = 5_000_000_000

    public init(name: String, program: RunnerProgram, arguments: [ArgumentRule] = []) {
        self.name = name
        self.program = program
        switch program {
        case .words: self.arguments = arguments
        case .command(let programs): self.arguments = Self.commandRules(programs)
        case .docker(let template): self.arguments = template.rules
        case .selftest: self.arguments = Selftest.rules
        }
    }

    /// The name of the runner that is always there.
    public static let selftestName = "selftest"

    /// The runner that is always there.
    public static func selftest(executable: String) -> RunnerSpecification {
        RunnerSpecification(name: selftestName, program: .selftest(executable: executable))
    }

    /// Words that a `command` or a container may be given: `argument_1`, `argument_2`, … without a gap.
    static let freeWords = 32

    static var freeRules: [ArgumentRule] {
        (1...freeWords).map { number in
            ArgumentRule(
                "argument_\(number)",
                .text(maximumBytes: Limits.argumentTextBytes, .any, mayBeginWithHyphen: true), isRequired: false)
        }
    }

    private static func commandRules(_ programs: [String]) -> [ArgumentRule] {
        [ArgumentRule("program", .choice(programs))] + freeRules
    }

    /// The free words that were given, in order.
    static func freeWords(_ values: ArgumentValues) throws(RunFault) -> [String] {
        let words = (1...freeWords).map { values["argument_\($0)"] }
        let given = words.prefix { $0 != nil }
        guard words.dropFirst(given.count).allSatisfy({ $0 == nil }) else {
            throw .rejected("argument argument_\(given.count + 1): is missing before a later one")
        }
        return given.compactMap { $0 }
    }

    /// What is wrong with it as an operator wrote it; `nil` if nothing is.
    public var fault: String? {
        guard case .words(let words) = program else { return nil }
        let used = Set(words.flatMap(\.names))
        let declared = Set(arguments.map(\.name))
        if let name = used.subtracting(declared).sorted().first { return "uses {\(name)}, which is no argument" }
        if let name = declared.subtracting(used).sorted().first { return "does not use its argument \(name)" }
        return words.first?.names.isEmpty == false ? "takes its program from an argument" : nil
    }
}

/// A variable of a task's environment.
public struct EnvironmentVariable: Hashable, Sendable {
    public var name: String
    public var value: String
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Names that belong to the agent.
    public static func isReserved(_ name: String) -> Bool {
        name.hasPrefix("NEUROGRID_") || name == "CUDA_VISIBLE_DEVICES" || name == "HOME"
    }
}
