internal import Grid
internal import Runner
internal import Service

/// The allow-list of runners in the agent's configuration.
enum RunnerSettings {
    private static let day: UInt64 = 86_400_000_000_000

    /// The keys, in the order of docs/configuration.md. A `*` is a name that the operator gives.
    static let settings: [Setting] = [
        Setting(
            "runners.*.kind", .choice(["argv", "command", "docker"]), default: .text("argv"),
            meaning: "how its command line is made"),
        Setting(
            "runners.*.argv", .list(maximumCount: Limits.runnerWords),
            meaning: "of kind argv: the absolute path of the program and its words, with `{name}` for arguments"),
        Setting(
            "runners.*.programs", .list(maximumCount: 64),
            meaning: "of kind command: the absolute paths that a task may name"),
        Setting("runners.*.images", .list(maximumCount: 256), meaning: "of kind docker: the images a task may name"),
        Setting("runners.*.client", .text(), default: .text("/usr/bin/docker"), meaning: "of kind docker: its client"),
        Setting(
            "runners.*.network", .text(maximumBytes: 128), default: .text("none"),
            meaning: "of kind docker: the network of its containers"),
        Setting(
            "runners.*.working_directory", .text(), meaning: "where it starts; a fresh folder of the run without it"),
        Setting("runners.*.user", .text(maximumBytes: 64), meaning: "the account it runs as; the agent's without it"),
        Setting(
            "runners.*.grace", .duration(0...600_000_000_000), default: .duration(5_000_000_000),
            meaning: "time between SIGTERM and SIGKILL"),
        Setting(
            "runners.*.arguments.*.type", .choice(["integer", "text", "boolean", "choice"]),
            meaning: "what its values are", isRequired: true),
        Setting("runners.*.arguments.*.min", .integer(.min ... .max), meaning: "of an integer: the least"),
        Setting("runners.*.arguments.*.max", .integer(.min ... .max), meaning: "of an integer: the greatest"),
        Setting(
            "runners.*.arguments.*.max_bytes", .integer(1...Int64(Limits.argumentTextBytes)), default: .integer(256),
            meaning: "of a text: its length"),
        Setting(
            "runners.*.arguments.*.characters", .choice(ArgumentCharacters.allCases.map(\.rawValue)),
            default: .text(ArgumentCharacters.printable.rawValue),
            meaning: "of a text: any but NUL, no controls, letters digits `_` `-` `.`, or digits"),
        Setting(
            "runners.*.arguments.*.leading_hyphen", .bool, default: .bool(false),
            meaning: "of a text: whether it may begin with `-`, as options do"),
        Setting("runners.*.arguments.*.values", .list(maximumCount: 256), meaning: "of a choice: the texts"),
        Setting("runners.*.environment.*", .text(), meaning: "a variable of its environment"),
        Setting("runners.*.limits.memory_mib", .integer(1...16_777_216), meaning: "memory in MiB"),
        Setting("runners.*.limits.cpu_milli", .integer(10...4_096_000), meaning: "thousandths of a processor"),
        Setting("runners.*.limits.pids", .integer(1...1_000_000), meaning: "processes and threads"),
        Setting(
            "runners.*.limits.output_bytes", .integer(0...1_073_741_824), default: .integer(10_485_760),
            meaning: "what it may write to stdout and stderr together"),
        Setting(
            "runners.*.limits.time", .duration(1_000_000_000...45 * day),
            meaning: "the longest run, whatever a task asks for"),
    ]

    /// The runners that the operator allows.
    static func runners(_ settings: Settings) throws(SettingsError) -> [RunnerSpecification] {
        let names = settings.names(in: "runners")
        guard names.count < Limits.runnersPerNode else {
            throw settings.fault("runners.\(names[0]).kind", "is one of more than \(Limits.runnersPerNode - 1) runners")
        }
        var runners: [RunnerSpecification] = []
        for name in names { runners.append(try runner(name, settings)) }
        return runners
    }

    private static func runner(_ name: String, _ settings: Settings) throws(SettingsError) -> RunnerSpecification {
        let path = "runners.\(name)"
        guard name != RunnerSpecification.selftestName else {
            throw settings.fault("\(path).kind", "belongs to the runner that every agent has")
        }
        let program: RunnerProgram
        var rules: [ArgumentRule] = []
        let kind = settings.text("\(path).kind") ?? "argv"
        for (key, owner) in [("argv", "argv"), ("programs", "command"), ("images", "docker")] {
            let isThere = !settings.list("\(path).\(key)").isEmpty
            if isThere != (owner == kind) {
                throw settings.fault("\(path).\(key)", isThere ? "is for the kind \(owner)" : "is needed")
            }
        }
        switch kind {
        case "command":
            program = .command(settings.list("\(path).programs"))
            try checkAbsolute(settings.list("\(path).programs"), "\(path).programs", settings)
        case "docker":
            let client = settings.text("\(path).client") ?? ""
            program = .docker(
                DockerTemplate(
                    client: client, images: settings.list("\(path).images"),
                    network: settings.text("\(path).network") ?? "none"))
            try checkAbsolute([client], "\(path).client", settings)
        default:
            let words = settings.list("\(path).argv")
            try checkAbsolute(Array(words.prefix(1)), "\(path).argv", settings)
            program = .words(try templates(words, "\(path).argv", settings))
            rules = try arguments(path, settings)
        }
        var runner = RunnerSpecification(name: name, program: program, arguments: rules)
        if kind != "argv", let first = settings.names(in: "\(path).arguments").first {
            throw settings.fault("\(path).arguments.\(first).type", "is for the kind argv")
        }
        if let fault = runner.fault { throw settings.fault("\(path).argv", fault) }
        runner.environment = try environment(path, settings)
        runner.workingDirectory = settings.text("\(path).working_directory")
        if let directory = runner.workingDirectory {
            try checkAbsolute([directory], "\(path).working_directory", settings)
        }
        runner.user = settings.text("\(path).user")
        if let user = runner.user, UserAccount(named: user) == nil {
            throw settings.fault("\(path).user", "is no account of this machine")
        }
        runner.graceNanoseconds = settings.nanoseconds("\(path).grace") ?? 0
        runner.limits.memoryMebibytes = settings.integer("\(path).limits.memory_mib").map { Int($0) }
        runner.limits.cpuMilli = settings.integer("\(path).limits.cpu_milli").map { Int($0) }
        runner.limits.processes = settings.integer("\(path).limits.pids").map { Int($0) }
        runner.limits.outputBytes = settings.integer("\(path).limits.output_bytes").map { Int($0) } ?? 0
        runner.limits.timeNanoseconds = settings.nanoseconds("\(path).limits.time")
        return runner
    }

    private static func checkAbsolute(_ paths: [String], _ key: String, _ settings: Settings) throws(SettingsError) {
        for path in paths where !path.hasPrefix("/") {
            throw settings.fault(key, "names \(path), which is no absolute path")
        }
    }

    private static func templates(
        _ words: [String], _ key: String, _ settings: Settings
    ) throws(SettingsError) -> [WordTemplate] {
        var templates: [WordTemplate] = []
        for word in words {
            do throws(WordTemplate.Fault) {
                templates.append(try WordTemplate(word))
            } catch {
                throw settings.fault(key, "\(error.reason): \(word)")
            }
        }
        return templates
    }

    private static func environment(
        _ path: String, _ settings: Settings
    ) throws(SettingsError) -> [EnvironmentVariable] {
        let names = settings.names(in: "\(path).environment")
        var variables: [EnvironmentVariable] = []
        for name in names {
            let key = "\(path).environment.\(name)"
            guard !EnvironmentVariable.isReserved(name), names.count <= Limits.runnerVariables else {
                throw settings.fault(key, "is one of the agent's own variables, or one too many")
            }
            variables.append(EnvironmentVariable(name: name, value: settings.text(key) ?? ""))
        }
        return variables
    }

    private static func arguments(_ path: String, _ settings: Settings) throws(SettingsError) -> [ArgumentRule] {
        var rules: [ArgumentRule] = []
        for name in settings.names(in: "\(path).arguments") {
            let key = "\(path).arguments.\(name)"
            guard ArgumentRule.isName(name) else {
                throw settings.fault("\(key).type", "belongs to an argument whose name is none of a-z, 0-9 and _")
            }
            rules.append(ArgumentRule(name, try kind(key, settings)))
        }
        return rules
    }

    private static func kind(_ key: String, _ settings: Settings) throws(SettingsError) -> ArgumentKind {
        switch settings.text("\(key).type") {
        case "integer":
            let least = settings.integer("\(key).min") ?? .min
            let greatest = settings.integer("\(key).max") ?? .max
            guard least <= greatest else { throw settings.fault("\(key).max", "is less than min") }
            return .integer(least...greatest)
        case "boolean": return .boolean
        case "choice":
            let values = settings.list("\(key).values")
            guard !values.isEmpty else { throw settings.fault("\(key).values", "is needed") }
            return .choice(values)
        default:
            return .text(
                maximumBytes: Int(settings.integer("\(key).max_bytes") ?? 256),
                ArgumentCharacters(rawValue: settings.text("\(key).characters") ?? "") ?? .printable,
                mayBeginWithHyphen: settings.bool("\(key).leading_hyphen"))
        }
    }
}
